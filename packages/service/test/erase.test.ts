import { existsSync, readFileSync } from 'node:fs';
import { verifyLog } from '@symbolon/ledger';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test } from 'vitest';
import {
  auditLog,
  type Database,
  eraseEvent,
  homePaths,
  openArchive,
  openDatabase,
  openServerLog,
  parseLogCheckpoint,
  timeline,
} from '../src/index.ts';
import { testHome } from './homes.ts';

const secret = 'patient-that-should-not-stand-here';

async function opened() {
  const home = await testHome('fred');
  const database = await openDatabase(home);
  const log = await openServerLog(home, database);
  for (const text of ['before', secret, 'after']) await log.append({ kind: 'test', text });
  return { home, database, log };
}

const close = (database: Database): void => onTestFinished(() => database.destroy());

onBothDatabases(() => {
  test('two people erase an event: its hash stays, and an entry says who did it', async () => {
    const { home, database, log } = await opened();
    const checkpoint = parseLogCheckpoint(home.card, log.checkpoint());
    await eraseEvent(log, 1, ['zoe', 'ann'], 'entered by mistake');
    expect(await log.store.entry(1)).toMatchObject({ event: null, salt: null });
    expect(log.size).toBe(4);
    expect(await verifyLog(log.store, [checkpoint])).toMatchObject({ ok: true, erased: [1] });
    const entries = await collected(timeline(await openArchive(home, database)));
    expect(entries.map(({ event }) => event)).toEqual([
      { kind: 'test', text: 'before' },
      null,
      { kind: 'test', text: 'after' },
      { kind: 'event-erased', entry: 1, by: ['ann', 'zoe'], reason: 'entered by mistake' },
    ]);
    expect((await auditLog({ home, database }, [log.checkpoint()])).faults).toEqual([]);
    await database.destroy();
    if (process.env.DATABASE_URL) return;
    // Nothing of it is left in the file.
    const file = homePaths(home.path).database;
    expect(existsSync(`${file}-wal`)).toBe(false);
    const bytes = readFileSync(file);
    expect(bytes.includes(Buffer.from('"text":"after"'))).toBe(true);
    expect(bytes.includes(Buffer.from(secret))).toBe(false);
  });

  test.each<[string, number, [string, string], string]>([
    ['one person', 1, ['ann', 'ann'], 'conflict'],
    ['two people, of an entry that there is not', 3, ['ann', 'zoe'], 'not-found'],
  ])('%s erase nothing', async (_, index, by, code) => {
    const { database, log } = await opened();
    close(database);
    await expect(eraseEvent(log, index, by, 'reason')).rejects.toMatchObject({ code });
    expect(log.size).toBe(3);
  });

  test('an event is erased once, also when two ask at once', async () => {
    const { database, log } = await opened();
    close(database);
    const asked = await Promise.allSettled([1, 2].map(() => eraseEvent(log, 1, ['ann', 'zoe'], 'reason')));
    expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(log.size).toBe(4);
    await expect(eraseEvent(log, 1, ['ann', 'zoe'], 'reason')).rejects.toMatchObject({ code: 'conflict' });
  });

  async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
    const all: T[] = [];
    for await (const item of items) all.push(item);
    return all;
  }
});
