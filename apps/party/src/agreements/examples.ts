import { BIGINT, BOOLEAN, INTEGER, VARCHAR } from '@duckdb/node-api';
import type { Table as AgreedTable } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { type CompiledRule, clearSql, type LocalTable, prepareClear } from '@symbolon/linkage';
import type { DuckDb } from '@symbolon/service';
import { convertColumn } from '../data/convert.ts';
import { Table, type TableColumn } from '../data/table.ts';
import { normaliseTable } from '../link/input.ts';

/** One record of an example pair, by the agreement's column names; missing columns have no value. */
export type ExampleRecord = Readonly<Record<string, string | null>>;

/** An example pair. */
export interface ExamplePair {
  readonly a: ExampleRecord;
  readonly b: ExampleRecord;
}

/**
 * One side of example pairs as a table: values held against their types and normalised, as a link would. Throws `data-missing-column` for a
 * column that the agreement lacks, or that all examples lack, and `data-out-of-range`.
 */
export function exampleTable(side: 'a' | 'b', agreed: AgreedTable, records: readonly ExampleRecord[]): Table {
  for (const record of records) {
    const stranger = Object.keys(record).find((name) => !Object.hasOwn(agreed.columns, name));
    if (stranger === undefined) continue;
    throw fault('data-missing-column', `the agreement has no column ${side}.${stranger}`, { culprit: stranger });
  }
  // A column that no example has is a typing error, not a column of empty values.
  const missing = Object.keys(agreed.columns).filter(
    (name) => name !== agreed.key && !records.some((record) => Object.hasOwn(record, name)),
  );
  if (missing.length > 0) {
    throw fault('data-missing-column', `no example pair has ${missing.map((name) => `${side}.${name}`).join(', ')}`, {
      culprit: missing[0]!,
      hint: 'The examples need every column of the agreement, as a.NAME and b.NAME; a value may be empty.',
    });
  }
  const columns = new Map<string, TableColumn>();
  for (const [name, column] of Object.entries(agreed.columns)) {
    const texts = records.map((record) => record[name] ?? null);
    const where = (row: number) => `example pair ${row + 1}, ${side}.${name}`;
    const type = column.type === 'text' ? { type: 'text' as const } : column;
    const scale = column.type === 'number' ? (column.scale ?? 0) : 0;
    columns.set(name, { type: column.type, scale, values: convertColumn(name, texts, type, where) });
  }
  const lines = Uint32Array.from(records, (_, i) => i + 1);
  return normaliseTable(new Table('example pairs', 'row', lines, columns), agreed);
}

const types = { VARCHAR, BIGINT, BOOLEAN, INTEGER };

/** What DuckDB says of the rule, pair by pair. */
export async function clearVerdicts(
  rule: CompiledRule,
  locals: Record<'a' | 'b', LocalTable>,
  duck: DuckDb,
): Promise<boolean[]> {
  for (const side of ['a', 'b'] as const) {
    const columns = prepareClear(rule, side, locals[side]);
    const names = columns.map(({ name, sqlType }) => `"${name}" ${sqlType}`);
    await duck.query(`CREATE OR REPLACE TABLE "clear ${side}" (${['"symbolon pair" INTEGER', ...names].join(', ')})`);
    const values = columns.map((column) => column.values as (string | number | bigint | boolean | null)[]);
    const order = Array.from({ length: locals[side].rows }, (_, row) => row);
    await duck.append(`clear ${side}`, [INTEGER, ...columns.map(({ sqlType }) => types[sqlType])], [order, ...values]);
  }
  const rows = await duck.query(
    `SELECT coalesce(${clearSql(rule)}, FALSE) AS verdict FROM "clear a" AS a JOIN "clear b" AS b USING ("symbolon pair") ORDER BY "symbolon pair"`,
  );
  return rows.map(({ verdict }) => verdict === true);
}
