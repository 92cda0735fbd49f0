import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIGINT, VARCHAR } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DuckDb, openDuckDb } from '../src/duckdb.ts';

let duck: DuckDb;
beforeAll(async () => {
  duck = await openDuckDb({ threads: 2, memory: '256MB' });
});
afterAll(() => duck.close());

describe('queries', () => {
  test('rows, columns and parts', async () => {
    expect(await duck.query('SELECT $1::VARCHAR AS t, 2 AS n', ["it's"])).toEqual([{ t: "it's", n: 2 }]);
    const { names, types, values, rows } = await duck.columns('SELECT i, i::VARCHAR AS t FROM range(3) r(i)');
    expect([names, types.map(String), values, rows]).toEqual([
      ['i', 't'],
      ['BIGINT', 'VARCHAR'],
      [
        [0n, 1n, 2n],
        ['0', '1', '2'],
      ],
      3,
    ]);
    const none = await duck.columns('SELECT 1 AS i, 2 AS n WHERE FALSE');
    expect([none.values, none.rows]).toEqual([[[], []], 0]);
    let seen = 0;
    for await (const [part] of duck.stream('SELECT i FROM range(10000) r(i)')) seen += part!.length;
    expect(seen).toBe(10_000);
  });

  test('append fills a table over the size of a vector', async () => {
    await duck.query('CREATE TABLE filled (t VARCHAR, n BIGINT)');
    const n = 5000;
    const texts = Array.from({ length: n }, (_, i) => (i % 3 === 0 ? null : `Zoë ${i}`));
    const numbers = Array.from({ length: n }, (_, i) => BigInt(i));
    await duck.append('filled', [VARCHAR, BIGINT], [texts, numbers]);
    expect((await duck.columns('SELECT t, n FROM filled ORDER BY n')).values).toEqual([texts, numbers]);
  });
});

describe('serialize', () => {
  test('gives the parse tree', async () => {
    const tree = (await duck.serialize("SELECT a.x = 'it''s' FROM a")) as {
      error: boolean;
      statements: { node: { select_list: { type: string }[] } }[];
    };
    expect(tree.error).toBe(false);
    expect(tree.statements[0]!.node.select_list[0]!.type).toBe('COMPARE_EQUAL');
  });

  test('a syntax error comes back inside', async () => {
    expect(await duck.serialize('SELECT (a.x FROM a')).toMatchObject({ error: true, error_type: 'parser' });
    expect(await duck.serialize('DELETE FROM a')).toMatchObject({ error: true });
  });
});

describe('lockDown', () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-duckdb-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'secret.csv');
  writeFileSync(file, 'a,b\n1,2\n');

  test('before it, files can be read', async () => {
    expect(await duck.query(`SELECT * FROM read_csv('${file}')`)).toHaveLength(1);
  });

  test.each([
    `SELECT * FROM read_csv('${file}')`,
    `SELECT * FROM '${file}'`,
    `SELECT * FROM read_text('${file}')`,
    `SELECT * FROM glob('/*')`,
    `COPY (SELECT 1) TO '${file}.out'`,
    `ATTACH '${file}.db'`,
    'LOAD httpfs',
    'INSTALL httpfs',
    'SET threads = 1',
    'SET enable_external_access = true',
    'SET lock_configuration = false',
  ])('after it, refuses %s', async (sql) => {
    await duck.lockDown();
    await duck.lockDown();
    await expect(duck.query(sql)).rejects.toThrow(/Permission|locked|Catalog|does not exist/);
  });

  test('after it, ordinary queries and tables work', async () => {
    await duck.query('CREATE OR REPLACE TABLE t AS SELECT 1 AS x');
    expect(await duck.query('SELECT x FROM t')).toEqual([{ x: 1 }]);
  });
});
