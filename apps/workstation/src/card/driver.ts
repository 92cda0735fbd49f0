import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fault, type SymbolonError } from '@symbolon/crypto';
import { cardFault } from './faults.ts';
import type { Answers, Request, Told } from './requests.ts';

const mainFile = fileURLToPath(new URL('./process.ts', import.meta.url));
const second = 1000;
const graceMilliseconds = 2 * second;

/** How long a card may take, in milliseconds: some read all of themselves when they are opened, and people type PINs on readers. */
const patience: Readonly<Record<Request['ask'], number>> = {
  readers: 30 * second,
  open: 120 * second,
  sign: 60 * second,
  decrypt: 60 * second,
  agree: 60 * second,
};

/** After so long without an answer, it is looked whether the card is still there. */
const doubtMilliseconds = 3 * second;

/** A PKCS#11 module in a process of its own, which is asked one thing after the other. */
export interface Driver {
  ask<Kind extends Request['ask']>(request: Request & { ask: Kind }): Promise<Answers[Kind]>;
  /** Logs out, and ends the process. What is being asked rejects. */
  close(): void;
}

// A module that hangs would outlive this process.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Loads a PKCS#11 module. Throws `card-driver` where the file is not there; what else is wrong, the first question says.
 * @param isThere whether the card that was opened is still in its reader: asked when the module is silent, as some hang where a card is taken out while
 *   it works (OpenSC 0.23 waits for itself)
 */
export function startDriver(
  path: string,
  env: NodeJS.ProcessEnv = process.env,
  isThere: () => Promise<boolean> = async () => true,
): Driver {
  if (!existsSync(path)) throw fault('card-driver', `there is no driver ${path}`, { culprit: path });
  const child = fork(mainFile, [path], {
    serialization: 'advanced',
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  running.add(child);
  let ended: SymbolonError | undefined;
  const end = (error: SymbolonError): void => {
    ended ??= error;
    child.kill('SIGKILL');
    running.delete(child);
  };
  child.on('error', () => end(fault('card-driver', `${path} cannot be started`, { culprit: path })));
  child.on('exit', () => end(fault('card-driver', `the driver ${path} has crashed`, { culprit: path })));
  // A card that nobody uses keeps no program running.
  child.unref();
  child.channel?.unref();
  const asking = { child, path, isThere, end, ended: () => ended };
  let queue: Promise<unknown> = Promise.resolve();
  return {
    ask(request) {
      const turn = queue.then(() => askOnce(request, asking));
      queue = turn.catch(() => undefined);
      return turn as Promise<Answers[typeof request.ask]>;
    },
    close() {
      ended ??= fault('card-removed', 'the card has been closed');
      if (child.connected) child.disconnect();
      setTimeout(() => child.kill('SIGKILL'), graceMilliseconds).unref();
    },
  };
}

interface Asking {
  readonly child: ChildProcess;
  readonly path: string;
  isThere(): Promise<boolean>;
  ended(): SymbolonError | undefined;
  end(error: SymbolonError): void;
}

async function askOnce(request: Request, asking: Asking): Promise<Answers[Request['ask']]> {
  const { child, path, ended } = asking;
  const gone = ended();
  if (gone !== undefined) throw gone;
  const stop = watch(request, asking);
  child.channel?.ref();
  try {
    const told = await new Promise<Told>((resolve, reject) => {
      const left = (): void => reject(ended());
      child.once('message', resolve).once('exit', left);
      void stop.then(() => child.off('message', resolve).off('exit', left));
      child.send(request, (error) => {
        if ('pin' in request) request.pin?.fill(0);
        if (error !== null) left();
      });
    });
    if ('failed' in told) throw cardFault(told, request.ask, path);
    return told.answer;
  } finally {
    stop.done();
    child.channel?.unref();
  }
}

/** Ends a process that is silent for too long, or whose card is gone. Resolves when it is told that the answer is there. */
function watch({ ask }: Request, { path, isThere, end }: Asking): Promise<void> & { done(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = setTimeout(() => {
    end(fault('card-driver', `the card did not answer within ${patience[ask] / second} seconds`, { culprit: path }));
  }, patience[ask]);
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    if (!(await isThere().catch(() => true))) {
      end(fault('card-removed', 'the card was taken out of its reader while it worked'));
    }
    looking = false;
  };
  const doubt = ask === 'readers' || ask === 'open' ? undefined : setInterval(look, doubtMilliseconds);
  const done = (): void => {
    clearTimeout(late);
    clearInterval(doubt);
    resolve();
  };
  return Object.assign(promise, { done });
}
