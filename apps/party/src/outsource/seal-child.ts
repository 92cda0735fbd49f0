import { fork } from 'node:child_process';
import { fault } from '@symbolon/crypto';
import type { SealTold } from './seal-process.ts';
import type { SealDone, SealTask } from './seal-task.ts';
import type { Progress } from './server.ts';
import { faultOf } from './told-fault.ts';

type Made<Kind> = Extract<SealDone, { readonly kind: Kind }>;

/** Does a task in a process of its own. Throws what ended it. @param signal stops it */
export function inSealProcess<Task extends SealTask>(
  task: Task,
  { onProgress = () => {}, signal }: { onProgress?: Progress; signal?: AbortSignal } = {},
): Promise<Made<Task['kind']>> {
  const child = fork(new URL('./seal-process.ts', import.meta.url), {
    serialization: 'advanced',
    stdio: 'ignore',
    execArgv: [],
    env: {},
  });
  const { promise, resolve, reject } = Promise.withResolvers<Made<Task['kind']>>();
  const stop = (): void => {
    child.kill('SIGKILL');
    reject(signal?.reason);
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  child.on('message', (told: SealTold) => {
    if (told.kind === 'progress') onProgress(told.done, told.of);
    else if (told.kind === 'done') resolve(told.made as Made<Task['kind']>);
    else reject(faultOf(told.error));
  });
  child.on('error', () => reject(fault('internal', 'a process that encrypts could not be started')));
  child.on('exit', () => reject(fault('internal', 'a process that encrypts has ended')));
  child.send(task);
  return promise.finally(() => {
    signal?.removeEventListener('abort', stop);
    child.kill('SIGKILL');
  });
}
