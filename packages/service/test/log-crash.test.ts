import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fromUtf8 } from '@symbolon/crypto';
import { verifyLog } from '@symbolon/ledger';
import { expect, test } from 'vitest';
import { DatabaseLogStore, openDatabaseFile } from '../src/index.ts';
import { temporaryFolder } from './homes.ts';

/** Starts a process that appends, and kills it after `lines` acknowledgements. @returns what it had acknowledged */
async function killedAfter(lines: number, file: string): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'log-appender.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.split('\n').length > lines) child.kill('SIGKILL');
  });
  await ended;
  return text.split('\n').slice(0, -1);
}

test('a process that is killed among batches has lost nothing acknowledged, and no state change stands without its entry', async () => {
  const file = join(temporaryFolder(), 'symbolon.db');
  const acknowledged: string[] = [];
  for (const lines of [1, 100, 333]) acknowledged.push(...(await killedAfter(lines, file)));
  expect(acknowledged.length).toBeGreaterThanOrEqual(434);
  const database = await openDatabaseFile(file, 'party');
  const store = new DatabaseLogStore(database);
  const size = await store.size();
  const events = (await store.entries(0, size)).map(({ event }) => JSON.parse(fromUtf8(event!)) as { origin: string });
  for (const line of acknowledged) {
    const [index, origin] = line.split(' ');
    expect(events[Number(index)]).toEqual({ kind: 'test', origin });
  }
  const changes = await database.selectFrom('checkpoint').select(['origin', 'size']).orderBy('size').execute();
  expect(changes.map(({ origin }) => origin)).toEqual(events.map(({ origin }) => origin));
  expect(changes.map((change) => change.size)).toEqual(events.map((_, index) => index));
  expect(await verifyLog(store, [])).toMatchObject({ ok: true, size });
  await database.destroy();
});
