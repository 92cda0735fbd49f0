import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { bindStudy, runStudyClear, type Schema } from '@symbolon/analytics';
import { columnSqlType, quoteName, quoteText } from '@symbolon/sql';
import { expect, test } from 'vitest';
import { page, type Report, type ReportTable, tablesOf, typedColumns } from '../src/index.ts';
import { samples } from './samples.ts';
import { parseXml, within } from './xml.ts';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const rows = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRows();
const duck = {
  rows,
  serialize: async (sql: string): Promise<unknown> =>
    JSON.parse(String((await rows(`SELECT json_serialize_sql(${quoteText(sql)})`))[0]![0])),
};

const schema: Schema = {
  minPatients: 3,
  joins: [],
  tables: {
    visits: {
      parties: ['north'],
      patient: 'pid',
      maxRows: 100,
      columns: {
        pid: { type: 'text', policy: 'join', required: true },
        seen: { type: 'date', min: '2024-01-01', max: '2024-01-03', policy: 'group' },
        urgent: { type: 'boolean', policy: 'group' },
        level: { type: 'number', min: '-0.5', max: '1', scale: 1, policy: 'group' },
        cost: { type: 'number', min: '0', max: '999', scale: 2, policy: 'aggregate' },
      },
    },
  },
};

async function report(sql: string): Promise<Report> {
  const { columns } = schema.tables.visits!;
  const types = Object.entries(columns).map(([name, column]) => `${name} ${columnSqlType(column)}`);
  await connection.run(`CREATE OR REPLACE TABLE north (${types.join(', ')})`);
  await connection.run(
    "INSERT INTO north SELECT 'p' || i, DATE '2024-01-01' + CAST(i % 3 AS INTEGER), CASE WHEN i % 19 <> 5 THEN i % 2 = 0 END, -0.5 + (i % 4) * 0.5, i * 1.25 FROM range(40) AS t(i) WHERE i % 3 < 2 OR i < 4",
  );
  const bound = await bindStudy(sql, schema, duck);
  const result = await runStudyClear(bound, { visits: { north: 'north' } }, duck);
  return { ...samples.study!, result: { kind: 'study', study: bound, result } };
}

/** The table as Parquet and back. */
async function throughParquet(table: ReportTable): Promise<unknown[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-report-'));
  const file = quoteText(join(folder, 'x.parquet'));
  const columns = typedColumns(table);
  const literal = (value: unknown): string => (value === null ? 'NULL' : quoteText(String(value)));
  const values = table.rows.map(
    (_, r) => `(${columns.map(({ type, values }) => `CAST(${literal(values[r])} AS ${type})`).join(', ')})`,
  );
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  try {
    await connection.run(
      `COPY (SELECT * FROM (VALUES ${values.join(', ')}) AS t(${names})) TO ${file} (FORMAT parquet)`,
    );
    const [types] = [await rows(`DESCRIBE SELECT * FROM ${file}`)];
    // DuckDB has no HUGEINT in Parquet.
    expect(types.map(([name, type]) => [name, type])).toEqual(
      columns.map(({ name, type }) => [name, type === 'HUGEINT' ? 'DOUBLE' : type]),
    );
    return await rows(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ${file}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test.each([
  ['seen', 'DATE', '2024-01-01'],
  ['urgent', 'BOOLEAN', 'false'],
  ['level', 'DECIMAL(18,1)', '-0.5'],
])('keys of %s: what is withheld is found, and all is typed', async (key, type, first) => {
  const made = await report(
    `SELECT COUNT(*) AS n, ${key} AS k, SUM(cost), SUM(cost) / COUNT(*) AS mean FROM visits GROUP BY ${key} ORDER BY k`,
  );
  if (made.result.kind !== 'study') throw new TypeError();
  const { cells } = made.result.result;
  const suppressed = cells.flatMap((cell) => cell.suppressed).filter(Boolean).length;
  const marked = within(parseXml(page(made))).filter(
    ({ attributes }) => attributes.class?.includes('suppressed') && attributes.class !== '',
  );
  // The quotient is of two aggregates of its cell.
  const quotients = cells.filter((cell) => cell.suppressed.some(Boolean)).length;
  expect(marked.length).toBe(suppressed + quotients);
  expect(suppressed).toBeGreaterThan(0);
  const [table] = tablesOf(made);
  expect(table!.columns.map((column) => column.type)).toEqual(['BIGINT', type, 'DECIMAL(38,2)', 'DOUBLE', 'VARCHAR']);
  const back = await throughParquet(table!);
  expect(back.map(([n, k]) => [n, k])).toEqual(table!.rows.map(([n, k]) => [n, k]));
  expect(back[0]![1]).toBe(first);
});

test.each(Object.keys(samples))('tables of a report of kind %s have the types that they say', async (name) => {
  for (const table of tablesOf(samples[name]!)) expect((await throughParquet(table)).length).toBe(table.rows.length);
});
