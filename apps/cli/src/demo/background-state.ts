import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const stateSchema = z.strictObject({
  /** For people: nothing is ever killed by it. */
  pid: z.int(),
  /** Where the keeper listens, on this machine, and what it must be shown. */
  port: z.int(),
  token: z.string(),
  /** Of the demo's servers. */
  folder: z.string(),
});

/** How the keeper of the demo in the background is found. */
export type BackgroundState = z.output<typeof stateSchema>;

/** The folder of the background demo's state and log: of whoever sits here. */
export function backgroundFolder(env: NodeJS.ProcessEnv = process.env): string {
  const windows = process.platform === 'win32' ? env.LOCALAPPDATA : undefined;
  return join(windows ?? env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'symbolon', 'demo');
}

const stateFile = (env?: NodeJS.ProcessEnv): string => join(backgroundFolder(env), 'state.json');

/** What the keeper says of the story and the servers, line by line. */
export const backgroundLog = (): string => join(backgroundFolder(), 'demo.log');

/** Undefined where no demo was brought up, or its state cannot be read. */
export function readState(env?: NodeJS.ProcessEnv): BackgroundState | undefined {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(stateFile(env), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Throws EEXIST where another keeper was faster. */
export function writeState(state: BackgroundState): void {
  mkdirSync(dirname(stateFile()), { recursive: true, mode: 0o700 });
  writeFileSync(stateFile(), JSON.stringify(state), { mode: 0o600, flag: 'wx' });
}

export function removeState(): void {
  rmSync(backgroundFolder(), { recursive: true, force: true, maxRetries: 3 });
}
