import { SymbolonError } from '@symbolon/crypto';
import type { PlanBuilder } from './builder.ts';
import type { Wire, WireType } from './types.ts';

/** What rows are sorted by: the low `width` bits of each row of `wire`, unsigned. Bits, in rows of 1 bit or of whole bytes (`keyRows` makes them of words). */
export interface SortKey {
  readonly wire: Wire;
  readonly width: number;
}

/**
 * Columns in the order of keys, smallest first, the first key before the second; rows of equal keys keep their order. Nobody learns the order (`sortDigit`).
 * Ends the builder's stage, and makes one of each digit: what an answer key of it holds is bounded.
 *
 * A digit of w bits takes parties + 3 rounds; a party opens 4·(2^w − 1) bytes a row to each peer and each column once, shuffles 4 bytes and each column
 * that is left, and p0 reads 4·(2^(w+1) − 1) bytes of answer key and each column once. Keys are carried as long as bits of them are left; a
 * sorted key is a column. Among three parties or more, large openings cost less and a round each (`hopsOf`).
 *
 * @param digit bits sorted at a time
 */
export function sortBy(
  builder: PlanBuilder,
  keys: readonly SortKey[],
  columns: readonly Wire[],
  rows: number,
  digit = digitWidth(rows),
): Wire[] {
  const steps = keys.flatMap((key) => digitsOf(key.width, digit).map((at) => ({ key: key.wire, ...at }))).reverse();
  if (steps.length === 0) throw new SymbolonError('plan-invalid', 'a sort takes a key of one bit at least');
  // Where each column now stands; nodes take every wire once.
  const now = new Map<Wire, Wire>([...columns, ...keys.map(({ wire }) => wire)].map((wire) => [wire, wire]));
  builder.stage();
  for (const [i, { key, from, width }] of steps.entries()) {
    const needed = new Set([...columns, ...steps.slice(i + 1).map((step) => step.key)]);
    const sorted = builder.sortDigit(
      now.get(key)!,
      [...needed].map((wire) => now.get(wire)!),
      { rows, from, width },
    );
    for (const [j, wire] of [...needed].entries()) now.set(wire, sorted[j]!);
    builder.stage();
  }
  return columns.map((wire) => now.get(wire)!);
}

/** Digits of a key, highest first. As few as there may be, and none much wider than another. */
function digitsOf(width: number, most: number): { from: number; width: number }[] {
  const count = Math.ceil(width / most);
  const bounds = Array.from({ length: count + 1 }, (_, i) => Math.floor((i * width) / count));
  return bounds
    .slice(1)
    .map((to, i) => ({ from: bounds[i]!, width: to - bounds[i]! }))
    .reverse();
}

/**
 * Wide digits take fewer rounds, narrow ones fewer bytes: of 64-bit keys, 16 digits of 4 bits 2.1 KB of answer key a row, 22 of 3 bits 1.4 KB, 32 of 2 bits
 * 1.2 KB. On a link of 100 MB/s and 20 ms a round these are the fastest.
 */
export function digitWidth(rows: number): number {
  return rows <= 60_000 ? 4 : rows <= 400_000 ? 3 : 2;
}

/**
 * Words as keys: these bits of each (0 is a word's lowest), the first as the key's lowest, in rows of 8, 16, 32 or 64 bits. Three rounds, and the answer
 * key of a comparison for each; owners of a key put in its bits instead (`inputBits`, little-endian words).
 */
export function keyRows(builder: PlanBuilder, x: Wire, bits: readonly number[]): SortKey {
  const width = bits.length;
  const { size } = builder.type(x);
  const row = [8, 16, 32, 64].find((length) => length >= width);
  if (row === undefined) throw new SymbolonError('plan-invalid', `a key has at most 64 bits, not ${width}`);
  const filled = padRows(builder, x);
  const rows = builder.type(filled).size;
  const planes = builder.concat(bits.map((bit) => builder.bitOf(filled, bit)));
  return { wire: builder.slice(builder.transpose(planes, [width, rows], [rows, row]), 0, size * row), width };
}

/** Zeros behind the words, up to a multiple of 8 of them. */
function padRows(builder: PlanBuilder, x: Wire): Wire {
  const type = builder.type(x) as WireType & { kind: 'ring' };
  const missing = -type.size & 7;
  if (missing === 0) return x;
  const zero = builder.linear([[0n, builder.slice(x, 0, 1)]]);
  return builder.concat([x, builder.tile(zero, missing)]);
}
