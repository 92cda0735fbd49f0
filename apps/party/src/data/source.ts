import { SymbolonError } from '@symbolon/crypto';

/** Where the records of a data set are. */
export type DataSource =
  | { kind: 'csv' | 'parquet' | 'ndjson'; path: string }
  | { kind: 'postgres'; url: string; table: string }
  | { kind: 'postgres'; url: string; query: string };

/** Types that columns can have, here and in agreements. */
export type ColumnType = 'text' | 'number' | 'date' | 'boolean';

/** A fault in a data source. Says where it is and what to do, never what the record says. */
export interface Problem {
  /** The file as it was named, or the table of a database. */
  file: string;
  /** Line in the file, the first being 1 (in a CSV file: the header); in Parquet files and databases the number of the row. */
  row: number;
  /** Name of the column, where the fault lies in one. */
  column: string | null;
  message: string;
}

/** The faults of one source. Only the first ones are kept; the rest is counted. */
export class Problems {
  readonly #file: string;
  readonly #limit: number;
  readonly listed: Problem[] = [];
  count = 0;

  constructor(file: string, limit = 100) {
    this.#file = file;
    this.#limit = limit;
  }

  add(row: number, column: string | null, message: string): void {
    this.count++;
    if (this.listed.length < this.#limit) this.listed.push({ file: this.#file, row, column, message });
  }
}

/** A column as its source names it. */
export interface SourceColumn {
  name: string;
  /** The type that the source itself declares (Parquet, PostgreSQL, JSON); absent for CSV, where all is text. */
  declared?: ColumnType;
}

/** One record: a text for each column, or null. Its array may be reused after the call. */
export type Cells = readonly (string | null)[];

/** An opened source: its columns, and its records in order, as text. */
export interface Reader {
  /** How messages call this source: file name, or table. */
  readonly label: string;
  /** 'line' where rows are lines of a file, 'row' where they are counted. */
  readonly unit: 'line' | 'row';
  readonly columns: readonly SourceColumn[];
  /** Faults found so far. A record with a fault is not handed to `read`'s callback. */
  readonly problems: Problems;
  /** Remarks on how the file was understood: separator, line ends. */
  readonly notes: readonly string[];
  /** Reads all records once; `row` returns false to stop. Memory does not grow with the source. */
  read(row: (cells: Cells, line: number) => boolean): Promise<void>;
}

/** `row 17, column 'dob'`, as every message on data begins. */
export function place(unit: 'line' | 'row', row: number, column: string | null): string {
  return `${unit} ${row}${column === null ? '' : `, column '${column}'`}`;
}

/** `data-malformed`: the source cannot be read on from here. */
export class UnreadableSource extends SymbolonError {
  readonly problem: Problem;

  constructor(file: string, unit: 'line' | 'row', row: number, message: string) {
    super('data-malformed', `${file}, ${place(unit, row, null)}: ${message}`, { culprit: file });
    this.problem = { file, row, column: null, message };
  }
}
