import { postgresIsHere, startPostgres } from '@symbolon/testkit/postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectSource } from '../../src/data/inspect.ts';
import { loadTable } from '../../src/data/load.ts';

const here = postgresIsHere();

describe.skipIf(!here)('a PostgreSQL database', () => {
  let url = '';
  let stop: () => void = () => undefined;
  let admin: pg.Client;

  beforeAll(async () => {
    ({ url, stop } = await startPostgres());
    admin = new pg.Client(url);
    await admin.connect();
    await admin.query(`
      CREATE SCHEMA "odd ""one""";
      CREATE TABLE members (id text, amount numeric(9,2), born date, ok boolean, n int, note text);
      INSERT INTO members VALUES ('0012', 1.5, '1972-12-22', true, 7, ''), ('13', NULL, NULL, false, NULL, 'Zoë');
      CREATE TABLE "odd ""one"""."Many" AS SELECT i::text AS id FROM generate_series(1, 12345) i;
      ALTER DATABASE postgres SET datestyle = 'SQL, DMY'`);
  });
  afterAll(async () => {
    await admin?.end();
    stop();
  });

  test('its types are believed', async () => {
    const { columns, rows, problems } = await inspectSource({ kind: 'postgres', url, table: 'public.members' });
    expect([rows, problems]).toEqual([2, []]);
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'text'],
      ['amount', 'number'],
      ['born', 'date'],
      ['ok', 'boolean'],
      ['n', 'number'],
      ['note', 'text'],
    ]);
  });

  test('a query loads', async () => {
    const query = 'SELECT id, amount, born, ok, note FROM members ORDER BY n; ';
    const agreed = {
      id: { type: 'text' },
      amount: { type: 'number', scale: 2 },
      born: { type: 'date' },
      ok: { type: 'boolean' },
      note: { type: 'text' },
    } as const;
    const table = await loadTable({ kind: 'postgres', url, query }, agreed, { maxRows: 2 });
    expect(Object.keys(agreed).map((name) => table.column(name))).toEqual([
      ['0012', '13'],
      [150n, null],
      [1086n, null],
      [true, false],
      [null, 'Zoë'],
    ]);
  });

  test('more rows than one batch, from a table with an odd name', async () => {
    const source = { kind: 'postgres' as const, url, query: 'SELECT id FROM "odd ""one"""."Many"' };
    expect((await loadTable(source, { id: { type: 'text' } }, { maxRows: 20_000 })).rows).toBe(12_345);
    const named = { kind: 'postgres' as const, url, table: 'odd "one".Many' };
    expect((await inspectSource(named)).rows).toBe(12_345);
    await expect(loadTable(named, { id: { type: 'text', maxLength: 4 } }, { maxRows: 20_000 })).rejects.toThrow(
      `PostgreSQL table odd "one".Many, row 10000, column 'id': the value is longer than the agreed 4 characters`,
    );
  });

  test.each([
    ['DELETE FROM members', 'syntax error'],
    ['SELECT 1; DROP TABLE members', 'cannot insert multiple commands'],
    ['WITH gone AS (DELETE FROM members RETURNING *) SELECT * FROM gone', 'DECLARE CURSOR must not contain'],
    ["SELECT setval(pg_get_serial_sequence('x', 'y'), 1)", 'relation "x" does not exist'],
    ['SELECT * FROM nowhere', 'relation "nowhere" does not exist'],
    ["SELECT note::int FROM members WHERE id = '13'", 'the server reports SQLSTATE 22P02'],
  ])('nothing but SELECT: %s', async (query, reason) => {
    const reading = inspectSource({ kind: 'postgres', url, query });
    await expect(reading).rejects.toMatchObject({ code: 'config-invalid', message: expect.stringContaining(reason) });
    expect((await admin.query('SELECT count(*)::int AS n FROM members')).rows).toEqual([{ n: 2 }]);
  });

  test('a function that writes is refused', async () => {
    await admin.query(`CREATE OR REPLACE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM members; SELECT 1'`);
    await expect(inspectSource({ kind: 'postgres', url, query: 'SELECT wipe()' })).rejects.toThrow(
      /read-only transaction/,
    );
    expect((await admin.query('SELECT count(*)::int AS n FROM members')).rows).toEqual([{ n: 2 }]);
  });

  test('two columns of one name', async () => {
    const { problems } = await inspectSource({ kind: 'postgres', url, query: 'SELECT 1 AS x, 2 AS x' });
    expect(problems[0]).toMatchObject({ file: 'PostgreSQL query', column: 'x' });
  });

  test('no connection is left open', async () => {
    const { rows } = await admin.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'symbolon'",
    );
    expect(rows).toEqual([{ n: 0 }]);
  });
});

test('a database that is down is named, its password is not', async () => {
  const source = { kind: 'postgres' as const, url: 'postgres://u:hush@127.0.0.1:1/x', table: 'members' };
  const reading = inspectSource(source);
  await expect(reading).rejects.toMatchObject({
    code: 'config-invalid',
    message: 'PostgreSQL table members cannot be read: 127.0.0.1:1 cannot be reached (ECONNREFUSED)',
  });
  await expect(inspectSource({ ...source, url: 'nonsense' })).rejects.toMatchObject({ code: 'config-invalid' });
});
