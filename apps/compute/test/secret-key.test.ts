import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { News, Order } from './gateway.ts';
import { childrenOf, foundInMemory, residentBytes } from './memory.ts';
import { makeHomes } from './network.ts';

test('the server holds no secret key: not on its disk, not in its memory, not in the processes that evaluate; the gateway does', async ({
  skip,
}) => {
  const { folder, north, compute } = await makeHomes({ processes: 2 });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = start('../src/main.ts', [compute.path], 'pipe');
  await new Promise<void>((resolve, reject) => {
    server.stderr!.on('data', (line: Buffer) => line.includes('"ready"') && resolve());
    server.once('exit', () => reject(new Error('the server ended')));
  });
  const gateway = start('./gateway.ts', [], 'ignore');
  const order = (one: Order): Promise<News> => {
    gateway.send(one);
    return new Promise((resolve, reject) => {
      gateway.once('message', (news) => resolve(news as News));
      gateway.once('exit', () => reject(new Error('the gateway ended')));
    });
  };

  const uploaded = await order({ kind: 'upload', north: north.path, compute: compute.path });
  if (uploaded.kind !== 'uploaded') throw new Error(uploaded.kind);
  const secret = new Map(Object.entries(uploaded.forms).map(([name, text]) => [name, Buffer.from(text, 'base64url')]));
  const needles = new Map([...secret, ['evaluation key', Buffer.from(uploaded.evaluation, 'base64url')]]);

  const asked = order({ kind: 'ask' });
  const evaluating = await evaluators(server.pid!);
  const inEvaluators = evaluating.map((pid) => {
    const found = foundInMemory(pid, needles);
    process.kill(pid, 'SIGCONT');
    return found;
  });
  const inGateway = foundInMemory(gateway.pid!, needles);
  expect(await asked).toEqual({ kind: 'answered', total: 3000 });
  const inServer = foundInMemory(server.pid!, needles);

  const onDisk = new Set<string>();
  for (const file of files(compute.path))
    for (const [name, needle] of needles) if (readFileSync(file).includes(needle)) onDisk.add(name);
  expect([...onDisk]).toEqual(['evaluation key']);

  if (inServer === undefined || inGateway === undefined || inEvaluators.includes(undefined))
    return skip('the memory of other processes cannot be read here (/proc/PID/mem); the disk was searched');
  expect([...inServer].filter((name) => secret.has(name))).toEqual([]);
  for (const found of inEvaluators) expect([...found!]).toEqual(['evaluation key']);
  const words = [0, 1, 2, 3, 4].map((prime) => `as SEAL keeps it, modulo prime ${prime}`);
  expect([...inGateway].filter((name) => words.includes(name))).toEqual(words);
});

function start(file: string, args: string[], stderr: 'pipe' | 'ignore'): ChildProcess {
  const child = fork(join(import.meta.dirname, file), args, {
    stdio: ['ignore', 'ignore', stderr, 'ipc'],
    execArgv: [],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Both processes that evaluate, stopped while they are at it: once SEAL, the evaluation keys and products are in their memory. */
async function evaluators(server: number): Promise<number[]> {
  for (const end = Date.now() + 90_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const ready = childrenOf(server).filter((pid) => residentBytes(pid) > 160 * 2 ** 20);
    if (ready.length < 2) continue;
    for (const pid of ready) process.kill(pid, 'SIGSTOP');
    return ready;
  }
  throw new Error('nothing evaluates');
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
