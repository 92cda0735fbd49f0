import { fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { type ErrorCode, fault } from '@symbolon/crypto';
import type { DemoSettings } from '@symbolon/party';
import { backgroundFolder, backgroundLog, readState, removeState } from './background-state.ts';

/** A demo in the background. */
export interface Kept {
  readonly demo: DemoSettings;
  /** Ids of servers that have stopped by themselves. */
  readonly stopped: readonly string[];
}

/** What the keeper is asked, after its token. */
export type KeeperVerb = 'status' | 'restart' | 'down';

/** What the keeper tells whoever started it. */
export type KeeperMessage =
  | { readonly kind: 'step'; readonly title: string }
  | { readonly kind: 'up'; readonly kept: Kept }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly culprit: string | undefined;
      readonly hint: string;
    };

const answerMilliseconds = 60_000;

/** The demo in the background: `undefined` where there is none, `gone` where its keeper has ended without being asked to, `starting` while it is being brought up. */
export async function background(verb: Exclude<KeeperVerb, 'down'>): Promise<Kept | 'gone' | 'starting' | undefined> {
  const state = readState();
  if (state === undefined) return undefined;
  const answer = await ask(state, verb);
  if (answer === undefined) return 'gone';
  return 'starting' in answer ? 'starting' : (answer as Kept);
}

/** Starts a keeper, and resolves when all pages can be opened. @param onStep told what it does @param signal gives up */
export async function bringUp(onStep: (title: string) => void, signal: AbortSignal): Promise<Kept> {
  clearAway();
  mkdirSync(backgroundFolder(), { recursive: true, mode: 0o700 });
  const log = openSync(backgroundLog(), 'w', 0o600);
  const keeper = fork(join(import.meta.dirname, 'keeper.ts'), {
    execArgv: [],
    detached: true,
    stdio: ['ignore', 'ignore', log, 'ipc'],
  });
  closeSync(log);
  const giveUp = (): void => {
    if (keeper.connected) keeper.disconnect();
  };
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await new Promise<Kept>((resolve, reject) => {
      keeper.once('error', reject);
      keeper.once('exit', () =>
        reject(
          fault('internal', 'the demo ended before it was up', {
            culprit: backgroundLog(),
            hint: 'See the end of its log.',
          }),
        ),
      );
      keeper.on('message', (message: KeeperMessage) => {
        if (message.kind === 'step') onStep(message.title);
        else if (message.kind === 'up') resolve(message.kept);
        else reject(fault(message.code, message.message, { culprit: message.culprit, hint: message.hint }));
      });
    });
  } finally {
    signal.removeEventListener('abort', giveUp);
    keeper.removeAllListeners();
    giveUp();
    keeper.unref();
  }
}

/** Stops all servers of the demo in the background and removes their folders. @returns whether there was one */
export async function takeDown(): Promise<boolean> {
  const state = readState();
  if (state === undefined) return false;
  await ask(state, 'down');
  clearAway();
  return true;
}

/** Removes what a keeper that has ended by force has left. Its servers ended when it did. */
function clearAway(): void {
  const state = readState();
  if (state === undefined) return;
  if (basename(state.folder).startsWith('symbolon-')) {
    rmSync(state.folder, { recursive: true, force: true, maxRetries: 3 });
  }
  removeState();
}

/** Undefined where nobody listens any more, or somebody else does. */
function ask(
  { port, token, pid }: { port: number; token: string; pid: number },
  verb: KeeperVerb,
): Promise<object | undefined> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${token} ${verb}\n`));
    socket.setEncoding('utf8').setTimeout(answerMilliseconds);
    socket.on('data', (part: string) => {
      text += part;
    });
    socket.once('timeout', () => {
      socket.destroy();
      reject(
        fault('peer-silent', `the demo does not answer`, { culprit: `process ${pid}`, hint: 'End this process.' }),
      );
    });
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => resolve(parsed(text)));
  });
}

function parsed(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
