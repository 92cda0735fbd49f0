import type { BoundNode } from '../sql/index.ts';
import { coder, codeShape, textWords } from './codes.ts';
import { isWord, type LaneColumn, type Rows } from './columns.ts';
import { inputName } from './declare.ts';
import type { OwnTable, Scalar } from './own.ts';
import { keyPlacer } from './plain.ts';

/** For each row its lane, or its place among entries; undefined for a row that is in none. */
export type Places = readonly (number | undefined)[];

/** Columns over lanes, by the names of inputs: one-hot bits slot by slot, value by value; keys to sort by as rows of bits. */
export function columnInputs(
  rows: Rows,
  own: OwnTable,
  columns: readonly LaneColumn[],
  lanes: Places,
  { party, table, slots, bins }: { party: number; table: number; slots: number; bins: number },
): Record<string, Uint8Array> {
  const size = slots * bins;
  const written = columns
    .filter(({ form, place }) => form !== 'hot' || place === 0)
    .map((column) => {
      const node = rows.nodes[column.node]!;
      const name = inputName.column(party, table, column);
      if (isWord(column)) return [name, words(rows, own, column, lanes, size)] as const;
      if (column.form === 'bits') return [name, codeRows(rows, own, column, lanes, size)] as const;
      if (column.form !== 'hot') return [name, bits(rows, own, column, lanes, size)] as const;
      const planes = columns.filter(({ node: at, form }) => at === column.node && form === 'hot').length;
      const place = keyPlacer(node);
      const hot = new Uint8Array((planes * size) / 8);
      forEach(own, column, lanes, (value, lane) =>
        setBit(hot, (Math.floor(lane / bins) * planes + place(value)) * bins + (lane % bins)),
      );
      return [name, hot] as const;
    });
  return Object.fromEntries(written);
}

/** A column of entries, as a spoke stores it. */
export function storedColumn(rows: Rows, own: OwnTable, column: LaneColumn, entries: Places, size: number): Uint8Array {
  return isWord(column) ? words(rows, own, column, entries, size) : bits(rows, own, column, entries, size);
}

function words(rows: Rows, own: OwnTable, column: LaneColumn, lanes: Places, size: number): Uint8Array {
  const node = rows.nodes[column.node]!;
  const out = new BigInt64Array(size);
  const code = coder(node);
  forEach(own, column, lanes, (value, lane, row) => {
    if (column.form === 'word') out[lane] = (value ?? 0n) as bigint;
    else if (column.form === 'code') out[lane] = code(value);
    else out[lane] = textWords(value, () => `row ${row + 1}: ${node.sql}`)[column.place]!;
  });
  return new Uint8Array(out.buffer);
}

function bits(rows: Rows, own: OwnTable, column: LaneColumn, lanes: Places, size: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(size / 8));
  const place = keyPlacer(rows.nodes[column.node]!);
  const holds = (value: Scalar): boolean => {
    if (column.form === 'none') return value === null;
    return column.form === 'hot' ? place(value) === column.place : value === true;
  };
  forEach(own, column, lanes, (value, lane) => {
    if (holds(value)) setBit(out, lane);
  });
  return out;
}

/** A key of groups, as many as there are, behind them zeros: codes in words, as rows of bits, and the words of texts. */
export function codeColumns(
  node: BoundNode,
  values: readonly Scalar[],
  size: number,
): { code: Uint8Array; bits: Uint8Array; texts: Uint8Array[] } {
  const { width, texts } = codeShape(node);
  const code = coder(node);
  const codes = BigInt64Array.from({ length: size }, (_, i) =>
    i < values.length ? BigInt.asIntN(64, code(values[i]!)) : 0n,
  );
  const rows = new Uint8Array((size * codeShape(node).row) / 8);
  const word = new DataView(new ArrayBuffer(8));
  const bytes = codeShape(node).row / 8;
  for (const [i, value] of codes.entries()) {
    word.setBigInt64(0, value, true);
    rows.set(new Uint8Array(word.buffer, 0, bytes), i * bytes);
  }
  const words = values.map((value) => (texts === 0 ? undefined : textWords(value, () => `a value of ${node.sql}`)));
  return {
    code: new Uint8Array(width < 32 ? Int32Array.from(codes, Number).buffer : codes.buffer),
    bits: rows,
    texts: Array.from({ length: texts }, (_, place) => {
      const column = BigUint64Array.from({ length: size }, (_, i) => words[i]?.[place] ?? 0n);
      return new Uint8Array(column.buffer);
    }),
  };
}

function codeRows(rows: Rows, own: OwnTable, column: LaneColumn, lanes: Places, size: number): Uint8Array {
  const node = rows.nodes[column.node]!;
  const width = codeShape(node).row / 8;
  const out = new Uint8Array(size * width);
  const word = new DataView(new ArrayBuffer(8));
  const code = coder(node);
  forEach(own, column, lanes, (value, lane) => {
    word.setBigUint64(0, code(value), true);
    out.set(new Uint8Array(word.buffer, 0, width), lane * width);
  });
  return out;
}

function forEach(
  own: OwnTable,
  { node }: LaneColumn,
  lanes: Places,
  visit: (value: Scalar, lane: number, row: number) => void,
): void {
  const values = own.locals.get(node)!;
  for (const [row, lane] of lanes.entries()) if (lane !== undefined) visit(values[row]!, lane, row);
}

export function setBit(bytes: Uint8Array, at: number): void {
  bytes[at >> 3]! |= 1 << (at & 7);
}
