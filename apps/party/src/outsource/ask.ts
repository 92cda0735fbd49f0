import {
  afterSql,
  type Bound,
  bindMethod,
  bindStudy,
  finishMethod,
  type Method,
  type MethodResult,
  type StudyResult,
  totals,
} from '@symbolon/analytics';
import { base64url } from '@symbolon/crypto';
import {
  aggregatesOf,
  answer,
  Checks,
  type Circuit,
  generateKeys,
  keyIdOf,
  layOut,
  openTotals,
  resultKey,
  signManifest,
  specOf,
  translate,
} from '@symbolon/fhe';
import type { DuckDb, Home } from '@symbolon/service';
import { type OutsourcedTable, outsourcedSchema } from './describe.ts';
import type { ComputeServer, Progress, Sealed } from './server.ts';

/** A table, sealed and ready to be uploaded: all of it but the manifest and the evaluation keys is secret. */
export interface SealedTable extends Sealed {
  readonly id: string;
  readonly outsourced: OutsourcedTable;
  readonly rows: number;
}

/** Makes fresh keys and fresh check rows for a table. Runs at: its owner. */
export async function sealTable(
  home: Home,
  outsourced: OutsourcedTable,
  rows: number,
  rng: (bytes: number) => Uint8Array,
): Promise<SealedTable> {
  const layout = layOut(outsourced.columns.map(specOf), rows);
  const keys = await generateKeys();
  const id = rng(16);
  const of = { id, owner: home.card.id, name: outsourced.name, key: keyIdOf(keys.evaluation) };
  const manifest = signManifest(layout, of, home.signingKey);
  return { layout, checks: new Checks(layout, rng(32)), keys, manifest, id: base64url(id), outsourced, rows };
}

/** A SELECT of aggregates; or, with a method, of what each row gives to it. */
export interface SealedQuestion {
  readonly sql: string;
  readonly method: Method | null;
}

/** What a question came to, and what the server was told to get it. */
export interface Answered {
  readonly result: StudyResult;
  /** What its method makes of the released cells; null of a SELECT alone. */
  readonly method: MethodResult | null;
  readonly bound: Bound;
  readonly circuit: Circuit;
  /** Ciphertexts of a column. */
  readonly chunks: number;
  readonly seconds: { readonly evaluate: number; readonly open: number };
}

/**
 * Asks a question of a table at a compute server: to a circuit, to the server, back through the check rows, and through the release rules.
 * Throws `study-…` and `circuit` before anything is sent, and `fhe-check` where the server did not compute what it was asked.
 *
 * Runs at: the owner, who alone can decrypt. @param clock in milliseconds
 */
export async function askSealed(
  { sql, method }: SealedQuestion,
  sealed: SealedTable,
  of: { owner: string; server: ComputeServer; duckDb: DuckDb; clock: () => number; onProgress?: Progress },
): Promise<Answered> {
  const { outsourced, layout, checks, keys, rows } = sealed;
  const { owner, server, duckDb, clock, onProgress } = of;
  const duck = duckOf(duckDb);
  const schema = outsourcedSchema(outsourced, owner, rows);
  const bound = method === null ? await bindStudy(sql, schema, duck) : await bindMethod({ sql, method }, schema, duck);
  const study = aggregatesOf(bound);
  const translated = await translate(study, outsourced.columns, layout, duck);
  const { circuit } = translated;
  const start = clock();
  const parts = await server.ask(sealed.id, circuit, onProgress);
  const evaluated = clock();
  const opened = openTotals({ layout, checks, circuit }, parts, resultKey(keys));
  const cells = answer(study, translated, opened);
  const released = await duck.rows(afterSql(study, cells));
  const shown = released.map((row) => row.map((value) => (value === null ? null : String(value))));
  const seconds = { evaluate: (evaluated - start) / 1000, open: (clock() - evaluated) / 1000 };
  return {
    bound,
    circuit,
    chunks: layout.chunks,
    seconds,
    result: { columns: study.columns, rows: shown, cells, totals: totals(study, cells) },
    method: bound.kind === 'method/1' ? finishMethod(bound, { cells }) : null,
  };
}

/** DuckDB as `analytics` asks it. */
export function duckOf(duckDb: DuckDb) {
  return {
    serialize: (sql: string) => duckDb.serialize(sql),
    rows: async (sql: string): Promise<unknown[][]> => {
      const { rows, values } = await duckDb.columns(sql);
      return Array.from({ length: rows }, (_, row) => values.map((column) => column[row]));
    },
  };
}
