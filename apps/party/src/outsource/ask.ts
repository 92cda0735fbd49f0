import {
  afterSql,
  type Bound,
  type BoundStudy,
  bindMethod,
  bindStudy,
  type Cell,
  finishMethod,
  type Method,
  type MethodResult,
  type Schema,
  type StudyResult,
  totals as totalsOf,
} from '@symbolon/analytics';
import { base64url } from '@symbolon/crypto';
import {
  aggregatesOf,
  answer,
  Checks,
  type Circuit,
  generateKeys,
  keyIdOf,
  type Layout,
  layOut,
  openTotals,
  type Part,
  resultKey,
  signManifest,
  specOf,
  type Translated,
  translate,
} from '@symbolon/fhe';
import type { DuckDb, Home } from '@symbolon/service';
import { type OutsourcedTable, outsourcedSchema } from './describe.ts';
import type { ComputeServer, Progress, Sealed } from './server.ts';

/** A table at a server, as its owner asks it. */
export interface AskedTable {
  readonly id: string;
  readonly outsourced: OutsourcedTable;
  readonly layout: Layout;
  /** Decrypts results and holds their check rows: see `openTotals`. */
  readonly open: (circuit: Circuit, parts: readonly Part[]) => Promise<readonly number[]>;
}

/** A table, sealed and ready to be uploaded: all of it but the manifest and the evaluation keys is secret. */
export interface SealedTable extends Sealed, AskedTable {
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
  const checks = new Checks(layout, rng(32));
  const open: AskedTable['open'] = async (circuit, parts) =>
    openTotals({ layout, checks, circuit }, parts, resultKey(keys));
  return { layout, checks, keys, manifest, id: base64url(id), outsourced, rows, open };
}

/** A SELECT of aggregates; or, with a method, of what each row gives to it. */
export interface SealedQuestion {
  readonly sql: string;
  readonly method: Method | null;
}

/** The totals of a question's circuit: nobody but the owner sees them before release rules, or a session with other owners, have made cells of them. */
export interface Evaluated {
  readonly bound: Bound;
  /** {@link bound}'s aggregates. */
  readonly study: BoundStudy;
  readonly translated: Translated;
  readonly totals: readonly number[];
  /** Ciphertexts of a column. */
  readonly chunks: number;
  readonly seconds: { readonly evaluate: number; readonly open: number };
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

/** What asking takes. */
export interface Asking {
  readonly schema: Schema;
  readonly server: Pick<ComputeServer, 'ask'>;
  readonly duckDb: DuckDb;
  /** In milliseconds. */
  readonly clock: () => number;
  readonly onProgress?: Progress;
}

/**
 * Has a server compute a question of a table, and decrypts its totals: to a circuit, to the server, back through the check rows.
 * Throws `study-…` and `circuit` before anything is sent, and `fhe-check` where the server did not compute what it was asked.
 *
 * Runs at: the owner, who alone can decrypt. @param asking the schema of {@link outsourcedSchema}
 */
export async function evaluateSealed(
  question: SealedQuestion,
  table: AskedTable,
  { schema, ...asking }: Asking,
): Promise<Evaluated> {
  const bound = await bindQuestion(question, schema, asking.duckDb);
  return { bound, ...(await evaluateBound(aggregatesOf(bound), table, asking)) };
}

async function bindQuestion({ sql, method }: SealedQuestion, schema: Schema, duckDb: DuckDb): Promise<Bound> {
  return method === null ? bindStudy(sql, schema, duckOf(duckDb)) : bindMethod({ sql, method }, schema, duckOf(duckDb));
}

/** {@link evaluateSealed} of aggregates that are bound already. */
export async function evaluateBound(
  study: BoundStudy,
  { outsourced, layout, id, open }: AskedTable,
  { server, duckDb, clock, onProgress }: Omit<Asking, 'schema'>,
): Promise<Omit<Evaluated, 'bound'>> {
  const translated = await translate(study, outsourced.columns, layout, duckOf(duckDb));
  const { circuit } = translated;
  const start = clock();
  const parts = await server.ask(id, circuit, onProgress);
  const evaluated = clock();
  const totals = await open(circuit, parts);
  const seconds = { evaluate: (evaluated - start) / 1000, open: (clock() - evaluated) / 1000 };
  return { study, translated, totals, chunks: layout.chunks, seconds };
}

/** Throws what {@link askSealed} throws before anything is sent; the table need not be at its server yet. Runs at: the owner. */
export async function checkSealed(
  question: SealedQuestion,
  { outsourced, layout, rows }: SealedTable,
  { owner, duckDb }: Pick<Asking, 'duckDb'> & { owner: string },
): Promise<void> {
  const bound = await bindQuestion(question, outsourcedSchema(outsourced, [owner], rows), duckDb);
  await translate(aggregatesOf(bound), outsourced.columns, layout, duckOf(duckDb));
}

/** {@link evaluateSealed}, then the release rules, of one owner's rows alone. */
export async function askSealed(
  question: SealedQuestion,
  sealed: SealedTable,
  { owner, ...asking }: Omit<Asking, 'schema'> & { owner: string },
): Promise<Answered> {
  const schema = outsourcedSchema(sealed.outsourced, [owner], sealed.rows);
  const { study, translated, totals, ...evaluated } = await evaluateSealed(question, sealed, { ...asking, schema });
  const cells = answer(study, translated, totals);
  const released = await releasedCells(evaluated.bound, cells, asking.duckDb);
  return { ...evaluated, ...released, circuit: translated.circuit };
}

/** What is shown of released cells: the rows of the SELECT, and what its method makes of them. */
export async function releasedCells(
  bound: Bound,
  cells: readonly Cell[],
  duckDb: DuckDb,
): Promise<Pick<Answered, 'result' | 'method'>> {
  const study = aggregatesOf(bound);
  const released = await duckOf(duckDb).rows(afterSql(study, cells));
  const rows = released.map((row) => row.map((value) => (value === null ? null : String(value))));
  return {
    result: { columns: study.columns, rows, cells, totals: totalsOf(study, cells) },
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
