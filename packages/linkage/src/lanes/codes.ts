import { eachSymbol, outside } from '../encode/symbols.ts';
import type { Local } from '../rule/compile.ts';

/** Codes of `planes` bits, at most 24, `count` a row from the lowest bit of ⌈count · planes / 8⌉ bytes; written once each, in any order. */
export class CodeWriter {
  readonly rows: Uint8Array;
  readonly #count: number;
  readonly #planes: number;
  readonly #bytes: number;
  readonly #turn: number;

  /** @param turned every code is written with all bits turned */
  constructor(rows: number, count: number, planes: number, turned: boolean) {
    this.#count = count;
    this.#planes = planes;
    this.#bytes = Math.ceil((count * planes) / 8);
    this.#turn = turned ? 2 ** planes - 1 : 0;
    this.rows = new Uint8Array(rows * this.#bytes);
  }

  put(row: number, place: number, code: number): void {
    const bit = place * this.#planes;
    const at = row * this.#bytes + (bit >> 3);
    const value = (code ^ this.#turn) << (bit & 7);
    this.rows[at]! |= value;
    if (value > 0xff) this.rows[at + 1]! |= value >> 8;
    if (value > 0xffff) this.rows[at + 2]! |= value >> 16;
    if (value > 0xffffff) this.rows[at + 3]! |= value >> 24;
  }

  /** Puts a code into all places of a row from one on. */
  fill(row: number, from: number, code: number): void {
    if (code === this.#turn) return;
    for (let place = from; place < this.#count; place++) this.put(row, place, code);
  }

  clear(row: number): void {
    this.rows.fill(0, row * this.#bytes, (row + 1) * this.#bytes);
  }
}

/** How characters become codes: the alphabet is numbered from `first`; below that stand the codes of what is none of it. */
export interface SymbolCodes {
  readonly first: number;
  /** A character outside the alphabet. */
  readonly stranger: number;
  /** A place behind the last character. */
  readonly ended: number;
}

/**
 * The first characters of every value as codes, `places` a row. Runs at: the owner.
 * @returns the length of every value, −1 for NULL
 */
export function writeSymbols(
  writer: CodeWriter,
  places: number,
  { first, stranger, ended }: SymbolCodes,
  local: Local,
  values: readonly unknown[],
): Int32Array {
  const lengths = new Int32Array(values.length);
  const write = (row: number, position: number, symbol: number): void => {
    if (position < places) writer.put(row, position, symbol === outside ? stranger : symbol + first);
  };
  const end = (row: number, length: number): void => {
    lengths[row] = length;
    writer.fill(row, Math.max(0, length), ended);
  };
  eachSymbol(local, values, write, end);
  return lengths;
}

/** A bit a row: whether there is a value. */
export function presentBits(lengths: Int32Array): Uint8Array {
  return Uint8Array.from(lengths, (length) => (length < 0 ? 0 : 1));
}
