import { type BoundStudy, bindStudy, runStudyClear, type Schema } from '@symbolon/analytics';
import { fault, SymbolonError } from '@symbolon/crypto';
import { type Database, type DuckDb, openDuckDb } from '@symbolon/service';
import { quoteName } from '@symbolon/sql';
import type { RecordType } from '../records/types/types.ts';
import { holder } from './schema.ts';
import { fillTable } from './tables.ts';

/** What a study released. */
export interface Released {
  readonly columns: readonly string[];
  /** Values as text; null where one is withheld, or NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Cells of which a number is withheld, as too few patients stand behind it. */
  readonly withheld: number;
}

/** Binds a study's SQL to record types. Throws `study-…`, quoting the study. */
export function bind(sql: string, schema: Schema): Promise<BoundStudy> {
  return withDuckDb((duckDb) => bindStudy(sql, schema, duckDb));
}

/**
 * Runs a study over the records in the clear, then the release rules: what is printed for DuckDB comes from an allow-list, never from the study's text.
 * @returns what may be seen, and the relations whose records it was computed on
 */
export function run(
  bound: BoundStudy,
  types: readonly RecordType[],
  database: Database,
): Promise<{ released: Released; used: ReadonlySet<string> }> {
  return withDuckDb(async (duckDb) => {
    const used = new Set<string>();
    const names = new Set(bound.tables.map(({ name }) => name));
    for (const type of types.filter(({ name }) => names.has(name))) {
      for (const relation of await fillTable(database, duckDb, type)) used.add(relation);
    }
    await duckDb.lockDown();
    const tables = Object.fromEntries([...names].map((name) => [name, { [holder]: `main.${quoteName(name)}` }]));
    const duck = { serialize: (sql: string) => duckDb.serialize(sql), rows: (sql: string) => rowsOf(duckDb, sql) };
    const { columns, rows, cells } = await runStudyClear(bound, tables, duck);
    const withheld = cells.filter(({ suppressed }) => suppressed.includes(true)).length;
    return { released: { columns, rows, withheld }, used };
  });
}

async function withDuckDb<Result>(work: (duckDb: DuckDb) => Promise<Result>): Promise<Result> {
  const duckDb = await openDuckDb({ threads: 1, memory: '1GB', seconds: 120 });
  try {
    return await work(duckDb);
  } catch (error) {
    if (error instanceof SymbolonError) throw error;
    // DuckDB's own words may quote records.
    throw fault('internal', 'a study could not be computed', {
      hint: 'It may need more memory or time than it is given.',
    });
  } finally {
    duckDb.close();
  }
}

async function rowsOf(duckDb: DuckDb, sql: string): Promise<unknown[][]> {
  const { rows, values } = await duckDb.columns(sql);
  return Array.from({ length: rows }, (_, row) => values.map((column) => column[row]));
}
