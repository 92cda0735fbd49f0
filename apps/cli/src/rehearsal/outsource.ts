import { runMethodClear, runStudyClear } from '@symbolon/analytics';
import { systemRng } from '@symbolon/crypto';
import { cellTotals } from '@symbolon/fhe';
import {
  type Answered,
  askSealed,
  ComputeServer,
  type DataSource,
  describeTable,
  duckOf,
  type Evaluated,
  evaluateSealed,
  type Inspection,
  inspectSource,
  loadTable,
  type OutsourcedTable,
  outsourcedSchema,
  readAs,
  releasedCells,
  rowsOf,
  type SealedQuestion,
  type SealedTable,
  sealTable,
  storeTable,
  type Table,
} from '@symbolon/party';
import { type DuckDb, openDuckDb, openHome } from '@symbolon/service';
import type { Cleanup } from '../cleanup.ts';
import { combineCells } from './combined.ts';
import { sameColumns } from './sealed-parts.ts';
import { type ClearComparison, compareCells, compareMethods } from './study-clear.ts';
import { Troupe } from './troupe.ts';

/** What is rehearsed. */
export interface OutsourceScript {
  /** The table of each hospital. */
  readonly sources: readonly DataSource[];
  readonly name: string;
  readonly patient: string;
  readonly minPatients: number;
  readonly cuts: Readonly<Record<string, readonly string[]>>;
}

/** How far something is. */
type OnProgress = (done: number, of: number) => void;

/** A hospital with what only it holds. */
interface Hospital {
  readonly id: string;
  readonly table: Table;
  readonly sealed: SealedTable;
  readonly server: ComputeServer;
}

/** What a question came to; where several hospitals were asked, with the bytes of adding up. */
export type Rehearsed = Answered & { readonly combinedBytes: number | null };

/** Hospitals, in this process, each with a key of its own, and a compute server in one of its own, which gets nothing but ciphertexts. */
export class OutsourceRehearsal extends Troupe<string> {
  readonly #script: OutsourceScript;
  readonly #cleanup: Cleanup;
  readonly #ids: readonly string[];
  #hospitals: readonly Hospital[] = [];

  constructor(script: OutsourceScript, folder: string, cleanup: Cleanup) {
    const { sources } = script;
    const ids = sources.length === 1 ? ['hospital'] : sources.map((_, i) => `hospital-${i + 1}`);
    const hospitals = ids.map((id, i) => [id, { id, name: `Hospital ${i + 1}`, role: 'party' }] as const);
    super(
      {
        ...Object.fromEntries(hospitals),
        compute: { id: 'compute', name: 'A server that nobody trusts', role: 'compute' },
      },
      folder,
      cleanup,
    );
    this.#script = script;
    this.#cleanup = cleanup;
    this.#ids = ids;
  }

  startServer(): Promise<void> {
    return this.startOne('compute');
  }

  inspect(): Promise<Inspection[]> {
    return Promise.all(this.#script.sources.map((source) => inspectSource(source)));
  }

  /** Reads the tables and seals them. @returns what is encrypted, and the columns that cannot be */
  async seal(
    inspections: readonly Inspection[],
  ): Promise<{ outsourced: OutsourcedTable; leftOut: readonly string[]; rows: number }> {
    const { sources, ...of } = this.#script;
    const columns = sameColumns(inspections.map((inspection, i) => [`file ${i + 1}`, inspection]));
    const scales = new Map(columns.map(({ name, scale }) => [name, scale]));
    const tables = await Promise.all(
      sources.map((source, i) => {
        const own = inspections[i]!.columns.flatMap((column) => {
          const scale = scales.get(column.name);
          return scales.has(column.name) ? [scale === undefined ? column : { ...column, scale }] : [];
        });
        return loadTable(source, readAs(own), { maxRows: 10_000_000 });
      }),
    );
    const described = describeTable(tables, columns, of);
    const hospitals: Hospital[] = [];
    for (const [i, table] of tables.entries()) {
      const id = this.#ids[i]!;
      const home = openHome(this.homes[id]!);
      const sealed = await sealTable(home, described.outsourced, table.rows, systemRng);
      const server = new ComputeServer(home, openHome(this.homes.compute!).card);
      this.#cleanup.add(() => server.close());
      hospitals.push({ id, table, sealed, server });
    }
    this.#hospitals = hospitals;
    return { ...described, rows: tables.reduce((sum, { rows }) => sum + rows, 0) };
  }

  /** Encrypts and uploads. @returns bytes sent */
  async upload(onProgress: OnProgress): Promise<number> {
    let sent = 0;
    for (const { table, sealed, server } of this.#hospitals)
      sent += await server.upload(sealed, rowsOf(table, sealed.outsourced), onProgress);
    return sent;
  }

  async ask(question: SealedQuestion, onProgress: OnProgress): Promise<Rehearsed> {
    const duckDb = await openDuckDb({ threads: 1 });
    const clock = () => performance.now();
    try {
      const [{ id, sealed, server }] = this.#hospitals as [Hospital];
      if (this.#hospitals.length > 1) return await this.#askAll(question, { duckDb, clock, onProgress });
      const answered = await askSealed(question, sealed, { owner: id, server, duckDb, clock, onProgress });
      return { ...answered, combinedBytes: null };
    } finally {
      duckDb.close();
    }
  }

  /** Each hospital decrypts its own totals and shows them to nobody; what opens is the cells of all together. */
  async #askAll(
    question: SealedQuestion,
    asking: { duckDb: DuckDb; clock: () => number; onProgress: OnProgress },
  ): Promise<Rehearsed> {
    const rows = this.#hospitals.map(({ sealed }) => sealed.rows);
    const [{ sealed: first }] = this.#hospitals as [Hospital];
    const schema = outsourcedSchema(first.outsourced, this.#ids, Math.max(...rows));
    const evaluated: Evaluated[] = [];
    for (const { sealed, server } of this.#hospitals)
      evaluated.push(await evaluateSealed(question, sealed, { ...asking, schema, server }));
    const [{ bound, study, translated }] = evaluated as [Evaluated];
    const { released, bytes } = await combineCells(
      study,
      evaluated.map((own) => cellTotals(own.translated, own.totals)),
      rows,
    );
    const all = (of: (own: Evaluated) => number): number => evaluated.reduce((sum, own) => sum + of(own), 0);
    return {
      ...(await releasedCells(bound, released.cells, asking.duckDb)),
      bound,
      circuit: translated.circuit,
      chunks: all(({ chunks }) => chunks),
      seconds: { evaluate: all(({ seconds }) => seconds.evaluate), open: all(({ seconds }) => seconds.open) },
      combinedBytes: bytes,
    };
  }

  /** The same question over the tables in the clear, by DuckDB. */
  async compare({ bound, result, method }: Answered): Promise<ClearComparison> {
    const duckDb = await openDuckDb({ threads: 2 });
    try {
      const parts: Record<string, string> = {};
      for (const { id, table } of this.#hospitals) {
        await storeTable(table, `table of ${id}`, duckDb);
        parts[id] = `"table of ${id}"`;
      }
      const tables = { [this.#script.name]: parts };
      const duck = duckOf(duckDb);
      if (bound.kind === 'study/1') return compareCells(result, (await runStudyClear(bound, tables, duck)).cells);
      return compareMethods(method!, await runMethodClear(bound, tables, duck), bound.work.kind);
    } finally {
      duckDb.close();
    }
  }
}
