import type { Arena } from '@symbolon/kernels';
import type { Ptr } from './algebra.ts';
import type { WireType } from './plan/types.ts';

/** Rows of `row` words each, one behind the other, and whether their sums run from the last word to the first. */
export interface Rows {
  readonly row: number;
  readonly reverse: boolean;
}

/** out ← in each row the sums of x up to each word, that word too, in the ring of the type. */
export function prefixSums(arena: Arena, type: WireType & { kind: 'ring' }, out: Ptr, x: Ptr, rows: Rows): void {
  const { bits, size } = type;
  if (bits === 64) sumPairs(arena.u32(out, 2 * size), arena.u32(x, 2 * size), rows);
  else if (bits === 32) sumWords(arena.u32(out, size), arena.u32(x, size), rows);
  else sumWords(arena.u16(out, size), arena.u16(x, size), rows);
}

function sumWords(to: Uint16Array | Uint32Array, from: Uint16Array | Uint32Array, { row, reverse }: Rows): void {
  for (let start = 0; start < from.length; start += row) {
    for (let i = 0, sum = 0; i < row; i++) {
      const at = reverse ? start + row - 1 - i : start + i;
      sum = (sum + from[at]!) >>> 0;
      to[at] = sum;
    }
  }
}

/** Words of 64 bits as two of 32. */
function sumPairs(to: Uint32Array, from: Uint32Array, { row, reverse }: Rows): void {
  for (let start = 0; start < from.length; start += 2 * row) {
    for (let i = 0, low = 0, high = 0; i < row; i++) {
      const at = start + 2 * (reverse ? row - 1 - i : i);
      const sum = low + from[at]!;
      high = (high + from[at + 1]! + (sum >= 2 ** 32 ? 1 : 0)) >>> 0;
      low = sum >>> 0;
      to[at] = low;
      to[at + 1] = high;
    }
  }
}
