import { BIGINT, BOOLEAN, INTEGER, VARCHAR } from '@duckdb/node-api';
import { fault } from '@symbolon/crypto';
import { clearSql, prepareClear } from '@symbolon/linkage';
import { agreedName, type DataSource, type DatasetInfo, type LinkInput, loadTable } from '@symbolon/party';
import { type DuckDb, openDuckDb } from '@symbolon/service';
import { PairSet } from './pairs.ts';

const types = { VARCHAR, BIGINT, BOOLEAN, INTEGER };

/**
 * The rule over both tables in the clear, by DuckDB: what the secure run must equal, pair by pair. Possible only here, where one person
 * has both files.
 */
export async function clearPairs(a: LinkInput, b: LinkInput): Promise<PairSet> {
  const duck = await openDuckDb();
  try {
    for (const [side, { rule, locals, rows }] of Object.entries({ a, b }) as ['a' | 'b', LinkInput][]) {
      const columns = prepareClear(rule, side, locals);
      const names = columns.map(({ name, sqlType }) => `${name} ${sqlType}`);
      await duck.query(`CREATE TABLE ${side} (${['"symbolon row" INTEGER', ...names].join(', ')})`);
      const values = columns.map((column) => column.values as (string | number | bigint | boolean | null)[]);
      const order = Array.from({ length: rows }, (_, row) => row);
      await duck.append(side, [INTEGER, ...columns.map(({ sqlType }) => types[sqlType])], [order, ...values]);
    }
    return await join(duck, clearSql(a.rule), b.rows);
  } finally {
    duck.close();
  }
}

/** A source as it stands in its file: for `--truth`. */
export interface RawTable {
  readonly source: DataSource;
  readonly info: DatasetInfo;
}

/** The pairs for which a condition over the raw columns of a and b holds. Throws `rule-syntax` with DuckDB's words. */
export async function truePairs(condition: string, a: RawTable, b: RawTable): Promise<PairSet> {
  const duck = await openDuckDb();
  try {
    await loadRaw(duck, 'a', a);
    await loadRaw(duck, 'b', b);
    await duck.lockDown();
    return await join(duck, condition, b.info.rows);
  } catch (error) {
    const words = error instanceof Error ? /\b[A-Z]\w+ Error: [^\n]*/.exec(error.message)?.[0] : undefined;
    if (words === undefined) throw error;
    throw fault('rule-syntax', `--truth: ${words}`, {
      culprit: '--truth',
      hint: 'Write a SQL condition over a and b and the columns of the two files, such as a.id = b.id.',
    });
  } finally {
    duck.close();
  }
}

async function loadRaw(duck: DuckDb, side: 'a' | 'b', { source, info }: RawTable): Promise<void> {
  const columns = Object.fromEntries(
    info.columns.map(({ name }) => [agreedName(name), { type: 'text' as const, from: name }]),
  );
  const table = await loadTable(source, columns, { maxRows: info.rows });
  const names = Object.keys(columns);
  await duck.query(
    `CREATE TABLE ${side} ("symbolon row" INTEGER, ${names.map((name) => `"${name}" VARCHAR`).join(', ')})`,
  );
  const order = Array.from({ length: table.rows }, (_, row) => row);
  await duck.append(side, [INTEGER, ...names.map(() => VARCHAR)], [order, ...names.map((name) => table.column(name))]);
}

async function join(duck: DuckDb, condition: string, rowsB: number): Promise<PairSet> {
  const { values } = await duck.columns(
    `SELECT a."symbolon row", b."symbolon row" FROM a JOIN b ON (${condition}\n) ORDER BY 1, 2`,
  );
  const [left, right] = values as [number[], number[]];
  return new PairSet(
    left.map((row, i): [number, number] => [row, right[i]!]),
    rowsB,
  );
}
