import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fault, type SymbolonError } from '@symbolon/crypto';
import { cardFault } from './faults.ts';
import type { Answers, Request, Told } from './requests.ts';

const mainFile = fileURLToPath(new URL('./process.ts', import.meta.url));
const second = 1000;
const graceMilliseconds = 2000;

/** How long a card may take, in milliseconds: some read all of themselves when they are opened, and people type PINs on readers. */
const patience: Readonly<Record<Request['ask'], number>> = {
  readers: 30 * second,
  open: 120 * second,
  sign: 60 * second,
  decrypt: 60 * second,
  agree: 60 * second,
};

/** A PKCS#11 module in a process of its own, which is asked one thing after the other. */
export interface Driver {
  ask<Kind extends Request['ask']>(request: Request & { ask: Kind }, milliseconds?: number): Promise<Answers[Kind]>;
  /** Logs out, and ends the process. What is being asked rejects. */
  close(): void;
}

/** Loads a PKCS#11 module. Throws `card-driver` where the file is not there; what else is wrong, the first question says. */
export function startDriver(path: string, env: NodeJS.ProcessEnv = process.env): Driver {
  if (!existsSync(path)) throw fault('card-driver', `there is no driver ${path}`, { culprit: path });
  const child = fork(mainFile, [path], {
    serialization: 'advanced',
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let ended: SymbolonError | undefined;
  const end = (error: SymbolonError): void => {
    ended ??= error;
    child.kill('SIGKILL');
  };
  child.on('error', () => end(fault('card-driver', `${path} cannot be started`, { culprit: path })));
  child.on('exit', () => end(fault('card-driver', `the driver ${path} has crashed`, { culprit: path })));
  // A card that nobody uses keeps no program running.
  child.unref();
  child.channel?.unref();
  let queue: Promise<unknown> = Promise.resolve();
  return {
    ask(request, milliseconds = patience[request.ask]) {
      const turn = queue.then(() => askOnce(child, request, { path, milliseconds, ended: () => ended, end }));
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
  readonly path: string;
  readonly milliseconds: number;
  ended(): SymbolonError | undefined;
  end(error: SymbolonError): void;
}

async function askOnce(child: ChildProcess, request: Request, asking: Asking): Promise<Answers[Request['ask']]> {
  const { path, milliseconds, ended, end } = asking;
  const told = await new Promise<Told>((resolve, reject) => {
    const gone = ended();
    if (gone !== undefined) throw gone;
    const timer = setTimeout(() => {
      end(fault('card-driver', `the card did not answer within ${milliseconds / second} seconds`, { culprit: path }));
    }, milliseconds);
    const over = (act: () => void): void => {
      clearTimeout(timer);
      child.off('message', answered).off('exit', left);
      child.channel?.unref();
      act();
    };
    const answered = (message: Told): void => over(() => resolve(message));
    const left = (): void => over(() => reject(ended() ?? fault('card-driver', `the driver ${path} has crashed`)));
    child.on('message', answered).on('exit', left);
    child.channel?.ref();
    child.send(request, (error) => {
      if ('pin' in request) request.pin?.fill(0);
      if (error !== null) left();
    });
  });
  if ('failed' in told) throw cardFault(told, path);
  return told.answer;
}
