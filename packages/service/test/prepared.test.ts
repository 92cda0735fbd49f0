import { onBothDatabases } from '@symbolon/testkit/databases';
import type { KyselyPlugin } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { type Database, insertRows, openDatabase, prepared } from '../src/index.ts';
import { testHome } from './homes.ts';

const sessions = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: `s${i}`,
    agreement: 'a',
    attempt: i % 2 === 0 ? 'even' : 'odd',
    burned_at: 'now',
  }));

const byAttempt = prepared((database, { attempt, ids }: { attempt: string; ids: string }) =>
  database
    .selectFrom('burned_session')
    .select('id')
    .where('attempt', '=', attempt)
    .where('id', '<=', ids)
    .orderBy('id'),
);

const burnAgain = prepared((database, { at, id }: { at: string; id: string }) =>
  database.updateTable('burned_session').set({ burned_at: at }).where('id', '=', id),
);

async function opened(): Promise<Database> {
  const database = await openDatabase(await testHome('fred'));
  onTestFinished(() => database.destroy());
  return database;
}

onBothDatabases(() => {
  test('a prepared query gives what its values ask for, each time and in transactions', async () => {
    const database = await opened();
    await insertRows(database, 'burned_session', sessions(5));
    const idsOf = async (within: Database, attempt: string, ids = 's9') =>
      (await byAttempt(within, { attempt, ids })).rows.map(({ id }) => id);
    expect(await idsOf(database, 'even')).toEqual(['s0', 's2', 's4']);
    expect(await idsOf(database, 'odd')).toEqual(['s1', 's3']);
    expect(await idsOf(database, 'even', 's2')).toEqual(['s0', 's2']);
    await database.transaction().execute(async (within) => {
      expect(await burnAgain(within, { at: 'then', id: 's1' })).toEqual({ rows: [], written: 1 });
      expect(await burnAgain(within, { at: 'then', id: 'none' })).toEqual({ rows: [], written: 0 });
      expect(await idsOf(within, 'odd')).toEqual(['s1', 's3']);
    });
    const burned = database.selectFrom('burned_session').select('burned_at').orderBy('id');
    expect((await burned.execute()).map(({ burned_at }) => burned_at)).toEqual(['now', 'then', 'now', 'now', 'now']);
  });

  test('rows are inserted with all their columns, whatever their order and number', async () => {
    const database = await opened();
    const rows = sessions(7);
    await insertRows(database, 'burned_session', rows.slice(0, 3));
    await insertRows(database, 'burned_session', rows.slice(3, 6));
    const [last] = rows
      .slice(6)
      .map(({ id, agreement, attempt, burned_at }) => ({ burned_at, attempt, agreement, id }));
    await insertRows(database, 'burned_session', [last!]);
    expect(await database.selectFrom('burned_session').selectAll().orderBy('id').execute()).toEqual(rows);
    await expect(insertRows(database, 'burned_session', rows.slice(0, 3))).rejects.toThrow();
  });

  test('a plugin sees every query', async () => {
    let seen = 0;
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => {
        seen++;
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const database = await opened();
    await insertRows(database, 'burned_session', sessions(2));
    const watched = database.withPlugin(plugin);
    for (let i = 1; i <= 3; i++) {
      expect((await byAttempt(watched, { attempt: 'odd', ids: 's9' })).rows).toEqual([{ id: 's1' }]);
      expect(seen).toBe(i);
    }
  });
});
