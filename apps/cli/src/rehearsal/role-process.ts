import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrganisationRole } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { Cleanup } from '../cleanup.ts';
import type { ServerMessage } from '../commands/serve.ts';

const startMilliseconds = 30_000;
const stopMilliseconds = 10_000;

/** What a process used, from its start to its end. */
export interface Usage {
  readonly peakBytes: number;
  readonly cpuSeconds: number;
}

/** A role that runs in a process of its own, with an organisation's folder of its own. */
export interface RoleProcess {
  readonly pid: number;
  readonly url: string;
  /** False once it has ended, however that happened. */
  readonly running: boolean;
  /** Stops the process, by force if it does not stop in time; what it used, if it could still say so. */
  stop(): Promise<Usage | undefined>;
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>;
}

/** Runs `symbolon serve` and waits until it listens. The process also ends when this one does, however that happens. */
export async function startRole(params: {
  name: string;
  role: 'keys' | Exclude<OrganisationRole, 'keyservice' | 'workstation'>;
  home: string;
  cleanup: Cleanup;
}): Promise<RoleProcess> {
  const { name, role, home, cleanup } = params;
  const logFile = `${home}.log`;
  const log = openSync(logFile, 'a', 0o600);
  const child = fork(join(import.meta.dirname, '../main.ts'), ['serve', role, '--home', home, '--json'], {
    execArgv: [],
    // A session of its own: Ctrl-C at the terminal reaches this process only, which then stops the others in order.
    detached: true,
    stdio: ['ignore', 'ignore', log, 'ipc'],
  });
  closeSync(log);
  let usage: Usage | undefined;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.on('message', (message: ServerMessage) => {
    if (message.kind === 'usage') usage = { peakBytes: message.peakBytes, cpuSeconds: message.cpuSeconds };
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const stop = async (): Promise<Usage | undefined> => {
    if (isRunning()) {
      if (child.connected) child.send('stop');
      const force = setTimeout(() => child.kill('SIGKILL'), stopMilliseconds);
      await ended;
      clearTimeout(force);
    }
    return usage;
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  cleanup.add(async () => void (await stop()));
  const url = await ready(child, name, logFile);
  return {
    pid: child.pid!,
    url,
    get running() {
      return isRunning();
    },
    stop,
    kill,
  };
}

function ready(child: ChildProcess, name: string, logFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const failed = (why: string): void => {
      clearTimeout(timer);
      const lines = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n');
      reject(
        fault('internal', `the server of ${name} ${why}:\n${lines}`, {
          culprit: name,
          hint: 'Correct what its log says.',
        }),
      );
    };
    const timer = setTimeout(() => failed('did not start in time'), startMilliseconds);
    const exited = (): void => failed('did not start');
    child.once('exit', exited).once('error', reject);
    child.on('message', (message: ServerMessage) => {
      if (message.kind !== 'ready') return;
      clearTimeout(timer);
      child.off('exit', exited);
      resolve(message.url);
    });
  });
}
