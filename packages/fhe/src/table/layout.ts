import { fault } from '@symbolon/crypto';
import { plainModulus, slotCount } from '../parameters.ts';

/** What is known of a column before it is encrypted: the agreement's words. */
export type ColumnSpec =
  | {
      readonly name: string;
      readonly kind: 'category';
      /** All values that there can be; booleans are `false`, `true`. */
      readonly values: readonly string[];
    }
  | {
      readonly name: string;
      readonly kind: 'number';
      /** Whole numbers; decimals are scaled by whoever prepares the table. */
      readonly min: number;
      readonly max: number;
      /** Squares are kept too, for variances. */
      readonly squares?: boolean;
      /** Bands that conditions can tell apart: band i holds what is at least cuts[i−1] and below cuts[i]; ascending, within the range. One band, if absent. */
      readonly cuts?: readonly number[];
    }
  | {
      /** Points that the server gives each row by a model that it alone knows; no row has a value of it. Stands after all others. */
      readonly name: string;
      readonly kind: 'model';
      /** Columns of categories and numbers that the points are given by. */
      readonly features: readonly string[];
      /** Most points of a row. */
      readonly most: number;
    };

/** A value of a row; null where there is none. */
export type Value = string | number | null;

/** One encrypted column: a number from 0 to `most` in each row. */
export interface EncodedColumn {
  readonly id: string;
  readonly most: number;
  /** Of columns of one set, at most one is not 0 in a row. */
  readonly set: string | null;
  /** Of a row. @param value of the column that it is made of */
  readonly of: (value: Value) => number;
  /** Place of that column; −1 where it needs none. */
  readonly from: number;
}

/** How a table is encrypted: the same at owner and server, from public words alone. */
export interface Layout {
  readonly specs: readonly ColumnSpec[];
  readonly columns: readonly EncodedColumn[];
  readonly rows: number;
  /** Ciphertexts of a column. */
  readonly chunks: number;
  /** Rows of a chunk; the other slots hold check rows. */
  readonly rowsOfChunk: number;
  /** Numbers are written to this base, one column a digit, so that sums over all chunks stay below the plain modulus. */
  readonly base: number;
}

/** Slots of a chunk that hold check rows: one in ten (PROTOCOLS §7). */
export const checkSlots: number = Math.floor(slotCount / 10);

/** The column that says where a row is. */
export const validId = 'row';
/** The column that says where a row of the table is, and no check row: for the points of a model, which nobody can check. */
export const countedId = (model: string): string => `${model} counts`;
/** The column of a value of a category. */
export const valueId = (column: string, value: string): string => `${column}=${value}`;
/** The column that says where there is no value. */
export const unknownId = (column: string): string => `${column} is unknown`;
/** The column of a band. */
export const bandId = (column: string, band: number): string => `${column} in band ${band}`;
/** The column of a digit, least first, of the number less its minimum, or of its square. */
export const digitId = (column: string, digit: number, squared = false): string =>
  `${column}${squared ? ' squared' : ''} digit ${digit}`;

/**
 * Throws `table-layout` for a column that cannot be laid out.
 * @param checks whether slots are kept for check rows
 */
export function layOut(specs: readonly ColumnSpec[], rows: number, checks = true): Layout {
  if (!Number.isSafeInteger(rows) || rows < 1) throw fault('table-layout', 'a table without rows');
  const rowsOfChunk = slotCount - (checks ? checkSlots : 0);
  const chunks = Math.ceil(rows / rowsOfChunk);
  const base = 2 ** Math.floor(Math.log2((plainModulus - 1) / chunks));
  if (base < 4) throw fault('table-layout', `a table of ${rows} rows is too long for these parameters`);
  const valid: EncodedColumn = { id: validId, most: 1, set: null, of: () => 1, from: -1 };
  const columns = [valid, ...specs.flatMap((spec, from) => encodedColumns(spec, from, base))];
  if (new Set(columns.map(({ id }) => id)).size < columns.length) {
    throw fault('table-layout', 'two columns or values have the same name');
  }
  return { specs, columns, rows, chunks, rowsOfChunk, base };
}

function encodedColumns(spec: ColumnSpec, from: number, base: number): EncodedColumn[] {
  const { name } = spec;
  const is = (id: string, holds: (value: Value) => boolean): EncodedColumn => ({
    id,
    most: 1,
    set: name,
    from,
    of: (value) => (holds(value) ? 1 : 0),
  });
  // Check rows have a value of it: see checks.ts.
  if (spec.kind === 'model') {
    return [{ id: countedId(name), most: 1, set: null, from, of: (value) => (value === null ? 1 : 0) }];
  }
  const unknown = is(unknownId(name), (value) => value === null);
  if (spec.kind === 'category') {
    if (spec.values.length === 0) throw fault('table-layout', `${name} has no values`, { culprit: name });
    return [unknown, ...spec.values.map((one) => is(valueId(name, one), (value) => value === one))];
  }
  const { min, max, squares = false, cuts = [] } = spec;
  const isOrdered = cuts.every((cut, i) => Number.isSafeInteger(cut) && cut > (cuts[i - 1] ?? min) && cut <= max);
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min > max || !isOrdered) {
    throw fault('table-layout', `${name} needs a range of whole numbers, and cuts that ascend within it`, {
      culprit: name,
    });
  }
  const span = max - min;
  if (squares && span > 2 ** 26) throw fault('table-layout', `${name} is too wide for squares`, { culprit: name });
  return [
    unknown,
    ...bandsOf(spec).map(([low, high], i) =>
      is(bandId(name, i), (value) => value !== null && Number(value) >= low && Number(value) <= high),
    ),
    ...digits(name, from, { most: span, base, of: (value) => value - min }),
    ...(squares
      ? digits(name, from, { most: span * span, base, of: (value) => (value - min) ** 2, squared: true })
      : []),
  ];
}

/** The bands of a number: first and last whole number of each. */
export function bandsOf({ min, max, cuts = [] }: Extract<ColumnSpec, { kind: 'number' }>): [number, number][] {
  return [min, ...cuts].map((low, i) => [low, (cuts[i] ?? max + 1) - 1]);
}

function digits(
  name: string,
  from: number,
  number: { most: number; base: number; of: (value: number) => number; squared?: boolean },
): EncodedColumn[] {
  const { most, base, of, squared = false } = number;
  const columns: EncodedColumn[] = [];
  for (let digit = 0, unit = 1; digit === 0 || unit <= most; digit++, unit *= base) {
    const at = unit;
    columns.push({
      id: digitId(name, digit, squared),
      most: Math.min(base - 1, Math.floor(most / at)),
      set: null,
      from,
      of: (value) => (value === null ? 0 : Math.floor(of(Number(value)) / at) % base),
    });
  }
  return columns;
}

/** Digits of a number column. */
export function digitsOf({ columns }: Layout, column: string, squared = false): EncodedColumn[] {
  const found: EncodedColumn[] = [];
  for (let digit = 0; ; digit++) {
    const one = columns.find(({ id }) => id === digitId(column, digit, squared));
    if (one === undefined) return found;
    found.push(one);
  }
}

/** Throws `table-layout`, naming row and column, never the value, for a value that its column cannot have. */
export function requireValue(spec: ColumnSpec, value: Value, row: number): void {
  const fits =
    value === null ||
    (spec.kind === 'model'
      ? false
      : spec.kind === 'category'
        ? spec.values.includes(String(value))
        : Number.isSafeInteger(value) && Number(value) >= spec.min && Number(value) <= spec.max);
  if (!fits) {
    throw fault('table-layout', `row ${row + 1}: the value of ${spec.name} is not one that the column can have`, {
      culprit: spec.name,
    });
  }
}
