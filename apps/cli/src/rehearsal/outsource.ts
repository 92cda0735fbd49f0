import { runMethodClear, runStudyClear } from '@symbolon/analytics';
import { systemRng } from '@symbolon/crypto';
import {
  type Answered,
  askSealed,
  ComputeServer,
  checkSealed,
  type DataSource,
  describeTable,
  duckOf,
  type Inspection,
  inspectSource,
  loadTable,
  type OutsourcedTable,
  readAs,
  rowsOf,
  type SealedQuestion,
  type SealedTable,
  sealTable,
  storeTable,
  type Table,
} from '@symbolon/party';
import { openDuckDb, openHome } from '@symbolon/service';
import type { Cleanup } from '../cleanup.ts';
import { type ClearComparison, compareCells, compareMethods } from './study-clear.ts';
import { Troupe } from './troupe.ts';

/** What is rehearsed. */
export interface OutsourceScript {
  readonly source: DataSource;
  readonly name: string;
  readonly patient: string;
  readonly minPatients: number;
  readonly cuts: Readonly<Record<string, readonly string[]>>;
}

/** How far something is. */
type OnProgress = (done: number, of: number) => void;

/** A hospital, in this process, and a compute server in one of its own, which gets nothing but ciphertexts. */
export class OutsourceRehearsal extends Troupe<'hospital' | 'compute'> {
  readonly #script: OutsourceScript;
  readonly #cleanup: Cleanup;
  /** What only the hospital holds. */
  #own: { readonly table: Table; readonly sealed: SealedTable; readonly server: ComputeServer } | undefined;

  constructor(script: OutsourceScript, folder: string, cleanup: Cleanup) {
    super(
      {
        hospital: { id: 'hospital', name: 'A hospital', role: 'party' },
        compute: { id: 'compute', name: 'A server that nobody trusts', role: 'compute' },
      },
      folder,
      cleanup,
    );
    this.#script = script;
    this.#cleanup = cleanup;
  }

  startServer(): Promise<void> {
    return this.startOne('compute');
  }

  inspect(): Promise<Inspection> {
    return inspectSource(this.#script.source);
  }

  /** Reads the table and seals it. @returns what is encrypted, and the columns that cannot be */
  async seal(
    inspection: Inspection,
  ): Promise<{ outsourced: OutsourcedTable; leftOut: readonly string[]; rows: number }> {
    const { source, ...of } = this.#script;
    const table = await loadTable(source, readAs(inspection.columns), { maxRows: 10_000_000 });
    const described = describeTable([table], inspection.columns, of);
    const home = openHome(this.homes.hospital);
    const sealed = await sealTable(home, described.outsourced, table.rows, systemRng);
    const server = new ComputeServer(home, openHome(this.homes.compute).card);
    this.#cleanup.add(() => server.close());
    this.#own = { table, sealed, server };
    return { ...described, rows: table.rows };
  }

  /** Throws where the question cannot be asked of the sealed table: before it is encrypted, which takes longer. */
  async check(question: SealedQuestion): Promise<void> {
    const duckDb = await openDuckDb({ threads: 1 });
    try {
      await checkSealed(question, this.#own!.sealed, { owner: 'hospital', duckDb });
    } finally {
      duckDb.close();
    }
  }

  /** Encrypts and uploads. @returns bytes sent */
  upload(onProgress: OnProgress): Promise<number> {
    const { table, sealed, server } = this.#own!;
    return server.upload(sealed, rowsOf(table, sealed.outsourced), onProgress);
  }

  async ask(question: SealedQuestion, onProgress: OnProgress): Promise<Answered> {
    const { sealed, server } = this.#own!;
    const duckDb = await openDuckDb({ threads: 1 });
    const clock = () => performance.now();
    try {
      return await askSealed(question, sealed, { owner: 'hospital', server, duckDb, clock, onProgress });
    } finally {
      duckDb.close();
    }
  }

  /** The same question over the table in the clear, by DuckDB. */
  async compare({ bound, result, method }: Answered): Promise<ClearComparison> {
    const duckDb = await openDuckDb({ threads: 2 });
    try {
      await storeTable(this.#own!.table, 'table of hospital', duckDb);
      const tables = { [this.#script.name]: { hospital: '"table of hospital"' } };
      const duck = duckOf(duckDb);
      if (bound.kind === 'study/1') return compareCells(result, (await runStudyClear(bound, tables, duck)).cells);
      return compareMethods(method!, await runMethodClear(bound, tables, duck), bound.work.kind);
    } finally {
      duckDb.close();
    }
  }
}
