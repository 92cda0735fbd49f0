import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

/** What a command left behind. */
export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** What a host is asked to run. */
export interface Asked {
  readonly folder: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

const most = 2;
const idle: ChildProcess[] = [];
const waiting: ((host: ChildProcess) => void)[] = [];
let started = 0;

/** Runs `symbolon` in a folder, without a terminal and without input, in a process that has run others before: most of a command's time is its start. */
export async function hosted(folder: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const host = await take();
  const ran = await new Promise<Ran>((resolve, reject) => {
    const ended = (code: number | null): void => {
      started -= 1;
      reject(new Error(`symbolon ${args.join(' ')} ended its host: ${code}`));
    };
    host.once('exit', ended);
    host.once('message', (message) => {
      host.off('exit', ended);
      resolve(message as Ran);
    });
    host.send({ folder, args, env: { ...process.env, ...env } } satisfies Asked);
  });
  const next = waiting.shift();
  if (next === undefined) idle.push(host);
  else next(host);
  return ran;
}

async function take(): Promise<ChildProcess> {
  const host = idle.pop();
  if (host !== undefined) return host;
  if (started === most) return new Promise((resolve) => waiting.push(resolve));
  started += 1;
  const child = fork(join(import.meta.dirname, 'host.ts'), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  // No terminal for commands, and the last words of a host that fails are seen.
  child.stderr!.on('data', (text) => process.stderr.write(text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('message', () => resolve(child));
  });
}
