import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Database, migrations, openDatabaseFile } from '@symbolon/service';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchPages, readPage } from '../src/link/matches.ts';
import { type RunDetails, RunStore } from '../src/link/runs.ts';

const order = Uint32Array.of(3, 0, 2, 1);
const pairsOf = (list: readonly (readonly [number, number])[]) => ({
  a: Uint32Array.from(list, ([a]) => a),
  b: Uint32Array.from(list, ([, b]) => b),
});
const key = (row: number): string | null => (row === 2 ? null : `key ${row}`);

async function addAgreement(database: Database): Promise<void> {
  const agreement = { hash: 'x', title: 'x', predecessor: null, document: new Uint8Array(), added_at: '' };
  await database.insertInto('agreement').values(agreement).execute();
}

test('matches come by own row, and say what each side knows', () => {
  const pairs = pairsOf([
    [0, 3],
    [1, 1],
    [2, 0],
    [2, 3],
  ]);
  const read = (index: 0 | 1) =>
    [...matchPages(pairs, index, order, key)].flatMap((page) => [...readPage(page, index === 0 ? 'a' : 'b')]);
  expect(read(0)).toEqual([
    { row: 0, key: 'key 0', ownNumber: 1, peerRow: 1 },
    { row: 2, key: null, ownNumber: 2, peerRow: 0 },
    { row: 2, key: null, ownNumber: 2, peerRow: 3 },
    { row: 3, key: 'key 3', ownNumber: 0, peerRow: 3 },
  ]);
  expect(read(1)).toEqual([
    { row: 0, key: 'key 0', ownNumber: 1, peerRow: 1 },
    { row: 1, key: 'key 1', ownNumber: 3, peerRow: 0 },
    { row: 1, key: 'key 1', ownNumber: 3, peerRow: 2 },
    { row: 3, key: 'key 3', ownNumber: 0, peerRow: 2 },
  ]);
});

test('any number of matches goes through the database', async () => {
  const database = await openDatabaseFile(':memory:', 'party');
  const runs = new RunStore(database, () => new Date(0));
  await addAgreement(database);
  let attempt = 0;
  const property = fc.asyncProperty(fc.constantFrom(0, 1, 4095, 4096, 4097, 9000), async (count) => {
    const id = await runs.start('x', String(attempt++));
    const rows = Uint32Array.from({ length: count }, (_, i) => count - 1 - i);
    const pages = matchPages({ a: rows, b: rows }, 0, rows, String);
    await runs.done(id, {
      pages,
      statement: new Uint8Array(),
      keeping: async () => undefined,
      details: () => ({}) as RunDetails,
    });
    let next = 0;
    for await (const { row, key } of runs.matches(id, 'a')) expect([row, key]).toEqual([next, String(next++)]);
    expect(next).toBe(count);
  });
  await fc.assert(property, { numRuns: 12 });
  await database.destroy();
});

test('matches that an earlier version stored row by row are pages afterwards', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-matches-'));
  const file = join(folder, 'party.db');
  const earlier = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0006'));
  const before = await openDatabaseFile(file, 'party', earlier);
  await addAgreement(before);
  await before.destroy();
  const sqlite = new DatabaseSync(file);
  const begin = sqlite.prepare("INSERT INTO run (agreement, attempt, state, started_at) VALUES ('x', ?, 'done', '')");
  const ids = ['1', '2'].map((attempt) => Number(begin.run(attempt).lastInsertRowid));
  const insert = sqlite.prepare('INSERT INTO run_match VALUES (?, ?, ?, ?, ?)');
  for (let row = 4999; row >= 0; row--) insert.run(ids[0]!, row, 2 * row, 3 * row, row % 2 ? null : `k"${row}`);
  insert.run(ids[1]!, 7, 8, 9, 'one');
  sqlite.close();
  const after = await openDatabaseFile(file, 'party');
  const runs = new RunStore(after, () => new Date(0));
  let next = 0;
  for await (const match of runs.matches(ids[0]!, 'b')) {
    expect(match).toEqual({ row: next, key: next % 2 ? null : `k"${next}`, ownNumber: 3 * next, peerRow: 2 * next });
    next++;
  }
  expect(next).toBe(5000);
  for await (const match of runs.matches(ids[1]!, 'a'))
    expect(match).toEqual({ row: 7, key: 'one', ownNumber: 8, peerRow: 9 });
  await after.destroy();
  rmSync(folder, { recursive: true });
});
