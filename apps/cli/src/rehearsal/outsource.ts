import { runMethodClear, runStudyClear } from '@symbolon/analytics';
import { systemRng } from '@symbolon/crypto';
import {
  type Answered,
  askSealed,
  ComputeServer,
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

/** A hospital, in this process, and a compute server in one of its own, which gets nothing but ciphertexts. */
export class OutsourceRehearsal extends Troupe<'hospital' | 'compute'> {
  readonly #script: OutsourceScript;
  readonly #cleanup: Cleanup;
  #read: { inspection: Inspection; table: Table } | undefined;
  #sealed: SealedTable | undefined;
  #server: ComputeServer | undefined;

  constructor(script: OutsourceScript, folder: string, cleanup: Cleanup) {
    super(
      {
        hospital: { id: 'hospital', name: 'The hospital', role: 'party' },
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
    const { source, name, patient, minPatients, cuts } = this.#script;
    const table = await loadTable(source, readAs(inspection.columns), { maxRows: 10_000_000 });
    const described = describeTable(table, inspection.columns, { name, patient, minPatients, cuts });
    this.#read = { inspection, table };
    this.#sealed = await sealTable(openHome(this.homes.hospital), described.outsourced, table.rows, systemRng);
    return { ...described, rows: table.rows };
  }

  /** Encrypts and uploads. @returns bytes sent */
  upload(onProgress: (done: number, of: number) => void): Promise<number> {
    const { table } = this.#read!;
    const home = openHome(this.homes.hospital);
    this.#server = new ComputeServer(home, openHome(this.homes.compute).card);
    const server = this.#server;
    this.#cleanup.add(() => server.close());
    return server.upload(this.#sealed!, rowsOf(table, this.#sealed!.outsourced), onProgress);
  }

  async ask(question: SealedQuestion, onProgress: (done: number, of: number) => void): Promise<Answered> {
    const duckDb = await openDuckDb({ threads: 1 });
    try {
      const of = { owner: 'hospital', server: this.#server!, duckDb, clock: () => performance.now(), onProgress };
      return await askSealed(question, this.#sealed!, of);
    } finally {
      duckDb.close();
    }
  }

  /** The same question over the table in the clear, by DuckDB. */
  async compare({ bound, result, method }: Answered): Promise<ClearComparison> {
    const duckDb = await openDuckDb({ threads: 2 });
    try {
      const { name } = this.#script;
      await storeTable(this.#read!.table, name, duckDb);
      const tables = { [name]: { hospital: `"${name}"` } };
      const duck = duckOf(duckDb);
      if (bound.kind === 'study/1') return compareCells(result, (await runStudyClear(bound, tables, duck)).cells);
      return compareMethods(method!, await runMethodClear(bound, tables, duck), bound.work.kind);
    } finally {
      duckDb.close();
    }
  }
}
