import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UsageError } from './ui.ts';

let piped: Promise<string[]> | undefined;

/**
 * Asks for a secret on the terminal, without showing what is typed. Where the input is no terminal, takes its next line: never an argument, which
 * other users of the machine can see, and which shells remember.
 */
export async function askSecret(prompt: string): Promise<string> {
  const secret = process.stdin.isTTY ? await typed(prompt) : await nextLine();
  if (secret === undefined || secret === '') throw new UsageError(`no ${prompt.toLowerCase()} was given`);
  return secret;
}

async function nextLine(): Promise<string | undefined> {
  piped ??= allLines();
  return (await piped).shift();
}

async function allLines(): Promise<string[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8').split(/\r?\n/);
}

function typed(prompt: string): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(`${prompt}: `);
  return new Promise((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(undefined));
    lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  }).finally(() => {
    process.stderr.write('\n');
    lines.close();
  }) as Promise<string | undefined>;
}
