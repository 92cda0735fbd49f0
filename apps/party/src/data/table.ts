import { SymbolonError } from '@symbolon/crypto';
import type { ColumnType } from './source.ts';
import { suggest } from './suggest.ts';
import type { DateFormat } from './values.ts';

/** A value: text, a number times 10^scale, days since 1970-01-01, a truth value, or none. */
export type Value = string | bigint | boolean | null;

/** A column as the parties agreed on it. Bounds are part of it: a value outside is refused. */
export interface AgreedColumn {
  type: ColumnType;
  /** Text: the agreed normalisation. What it leaves empty becomes "no value", so that no two such records agree. */
  prepare?: (text: string) => string;
  /** Text: code points a value may have once it is normalised. */
  maxLength?: number;
  /** Number: decimals. A value with more is refused, never rounded. */
  scale?: number;
  /** Smallest and largest number as decimal text, or date as YYYY-MM-DD. */
  min?: string;
  max?: string;
  /** Every record must have a value. */
  required?: boolean;
  /** Date: how this party's source writes it; found out when absent. */
  format?: DateFormat;
  /** Name of the column in this party's source, where it differs. */
  from?: string;
  /** The source must have it; its values are not wanted, and the table comes without. */
  unread?: boolean;
}

/** One column of a {@link Table}. */
export interface TableColumn {
  readonly type: ColumnType;
  /** Decimals of a number; 0 for everything else. */
  readonly scale: number;
  readonly values: readonly Value[];
}

/** Of a table from which records were left out. */
export interface Kept {
  /** Number of each row in its source, from 0. */
  readonly records: Uint32Array;
  readonly leftOut: number;
}

/** Records by columns. Prints as a count, so that no record gets into a log. */
export class Table {
  readonly label: string;
  readonly unit: 'line' | 'row';
  readonly rows: number;
  readonly columns: ReadonlyMap<string, TableColumn>;
  readonly #lines: Uint32Array;
  readonly #kept: Kept | undefined;

  /**
   * @param lines for each row its line in the source, see {@link Table.line}
   * @param kept where records of the source were left out
   */
  constructor(
    label: string,
    unit: 'line' | 'row',
    lines: Uint32Array,
    columns: ReadonlyMap<string, TableColumn>,
    kept?: Kept,
  ) {
    this.label = label;
    this.unit = unit;
    this.rows = lines.length;
    this.columns = columns;
    this.#lines = lines;
    this.#kept = kept;
  }

  /** Records of the source that take no part. */
  get leftOut(): number {
    return this.#kept?.leftOut ?? 0;
  }

  /** Values of a column, one for each row. */
  column(name: string): readonly Value[] {
    return this.#column(name).values;
  }

  /** Where row 0, 1, … stands in its source: line of the file, or number of the row from 1. */
  line(row: number): number {
    return this.#lines[row]!;
  }

  /** Which record of the source, from 0, row 0, 1, … is. */
  record(row: number): number {
    return this.#kept?.records[row] ?? row;
  }

  /** The same table with the values of one column replaced or a column added; for normalisation and local expressions. */
  with(name: string, column: TableColumn): Table {
    if (column.values.length !== this.rows) throw new RangeError(`column '${name}' has ${column.values.length} values`);
    return new Table(this.label, this.unit, this.#lines, new Map(this.columns).set(name, column), this.#kept);
  }

  /** The same rows with some of the columns. */
  only(names: ReadonlySet<string>): Table {
    const columns = new Map([...this.columns].filter(([name]) => names.has(name)));
    return new Table(this.label, this.unit, this.#lines, columns, this.#kept);
  }

  /** The same table with every text of a column passed through `change`. */
  mapText(name: string, change: (text: string) => string): Table {
    const column = this.#column(name);
    const values = column.values.map((value) => (typeof value === 'string' ? change(value) : value));
    return this.with(name, { ...column, values });
  }

  #column(name: string): TableColumn {
    const column = this.columns.get(name);
    if (column === undefined) throw missingColumn(this.label, name, [...this.columns.keys()]);
    return column;
  }

  toString(): string {
    return `[table of ${this.rows} rows]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

export function missingColumn(label: string, name: string, present: readonly string[]): SymbolonError {
  const near = suggest(name, present);
  const listed = present.slice(0, 20).join(', ') + (present.length > 20 ? ', …' : '');
  return new SymbolonError('data-missing-column', `${label} has no column '${name}'; it has: ${listed}`, {
    culprit: name,
    hint: near === undefined ? undefined : `Did you mean '${near}'?`,
  });
}
