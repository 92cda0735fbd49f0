import { existsSync, renameSync } from 'node:fs';
import { onPostgres } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { type TableName, tablesInOrder } from '../src/copy-tables.ts';
import {
  copyStore,
  type Database,
  type Home,
  homePaths,
  openDatabase,
  openDatabaseFile,
  openServerLog,
} from '../src/index.ts';
import { now, quiet, testHome } from './homes.ts';

const at = '2026-11-22T00:00:00.000Z';

/** A home whose embedded database has something of everything, rows that are gone among them. */
async function used(): Promise<Home> {
  const home = await testHome('fred');
  const database = await openDatabaseFile(homePaths(home.path).database, 'party');
  const log = await openServerLog(home, database);
  for (let n = 0; n < 130; n++) await log.append({ kind: 'test', n });
  const document = Uint8Array.from({ length: 256 }, (_, i) => i);
  await database
    .insertInto('agreement')
    .values({ hash: 'h', title: 'Ü "title" \u{1f3e5}', predecessor: null, document, added_at: at })
    .execute();
  await database.insertInto('agreement_signature').values({ agreement: 'h', party: 'fred', signed_at: at }).execute();
  for (const attempt of ['1', '2', '3', 'gone']) {
    await database
      .insertInto('run')
      .values({ agreement: 'h', attempt, state: 'done', started_at: at, statement: document, details: '{"x":1}' })
      .execute();
  }
  await database.deleteFrom('run').where('attempt', '=', 'gone').execute();
  await database.insertInto('match_page').values({ run: 1, page: 0, matches: '{"row":[1]}' }).execute();
  await database.insertInto('study_result').values({ run: 2, result: '{}' }).execute();
  await database
    .insertInto('burned_session')
    .values({ id: 's', agreement: 'h', attempt: '1', burned_at: at })
    .execute();
  await database.destroy();
  return home;
}

async function everything(database: Database, tables: readonly TableName[]): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {};
  for (const table of tables) {
    const rows = await database.selectFrom(table).selectAll().execute();
    all[table] = rows.map((row) =>
      JSON.stringify(row, (_, value) => (value instanceof Uint8Array ? [...value] : value)),
    );
    all[table].sort();
  }
  return all;
}

onPostgres(({ url }) => {
  const copied = (home: Home) =>
    copyStore({ homePath: home.path, to: { url: url(), variable: '--to' }, logger: quiet, now });

  test('a copy has every row, gives out no number again, and is what the home uses from then on', async () => {
    const home = await used();
    const file = homePaths(home.path).database;
    const before = await openDatabaseFile(file, 'party');
    const tables = await tablesInOrder(before);
    const expected = await everything(before, tables);
    const root = (await openServerLog(home, before)).checkpoint();
    await before.destroy();
    const { kept, log, tables: counts } = await copied(home);
    expect(counts).toMatchObject({ log_entry: 130, run: 3, match_page: 1 });
    expect(log).toMatchObject([{ epoch: 1, size: 130 }]);
    expect([existsSync(file), existsSync(kept)]).toEqual([false, true]);
    const after = await openDatabase(home, { serves: true });
    expect(await everything(after, tables)).toEqual(expected);
    expect((await openServerLog(home, after)).checkpoint()).toBe(root);
    const next = { agreement: 'h', attempt: 'next', state: 'running' as const, started_at: at };
    expect(await after.insertInto('run').values(next).returning('id').executeTakeFirst()).toEqual({ id: 5 });
    await after.destroy();
    await expect(copied(home)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a module, whose tables are not all numbered', async () => {
    const home = await testHome('hips', 'module');
    const before = await openDatabaseFile(homePaths(home.path).database, 'module');
    const rows = Array.from({ length: 130 }, (_, i) => ({ key: i % 7, identity: i }));
    for (const row of rows) await before.insertInto('identity_key').values(row).execute();
    const tables = await tablesInOrder(before);
    const expected = await everything(before, tables);
    await before.destroy();
    expect((await copied(home)).tables).toMatchObject({ identity_key: rows.length });
    const after = await openDatabase(home);
    expect(await everything(after, tables)).toEqual(expected);
    await after.destroy();
  });

  test('interrupted before the file was renamed, it finishes; where PostgreSQL has gone on, it is refused', async () => {
    const home = await used();
    const file = homePaths(home.path).database;
    renameSync((await copied(home)).kept, file);
    await expect(openDatabase(home)).rejects.toMatchObject({ code: 'conflict' });
    renameSync((await copied(home)).kept, `${file}.aside`);
    const database = await openDatabase(home);
    await (await openServerLog(home, database)).append({ kind: 'test' });
    await database.destroy();
    renameSync(`${file}.aside`, file);
    await expect(copied(home)).rejects.toMatchObject({ code: 'conflict', culprit: '--to' });
    expect(existsSync(file)).toBe(true);
  });
});
