import { SymbolonError } from '@symbolon/crypto';
import type { Arena } from '@symbolon/kernels';
import type { Ptr } from './algebra.ts';
import { words } from './memory.ts';
import type { Ring } from './plan/types.ts';

/**
 * Writes the nonzero entries of a matrix, row by row, as columns and values, and fills each row up to `weight` with zeros at column 0. Runs at:
 * the owner of the matrix; branches on its own values.
 * @throws SymbolonError `plan-range` where a row has more than `weight`
 */
export function writeEntries(
  arena: Arena,
  matrix: { plain: Ptr; indices: Ptr; values: Ptr; bits: Ring; rows: number; inner: number; weight: number },
): void {
  const { plain, bits, rows, inner, weight } = matrix;
  const from = words(arena, plain, bits, rows * inner);
  const to = words(arena, matrix.values, bits, rows * weight);
  const indices = arena.u32(matrix.indices, rows * weight).fill(0);
  const zero = bits === 64 ? 0n : 0;
  to.fill(zero as never);
  for (let row = 0; row < rows; row++) {
    let at = row * weight;
    for (let k = 0; k < inner; k++) {
      const value = from[row * inner + k]!;
      if (value === zero) continue;
      if (at === (row + 1) * weight) {
        throw new SymbolonError(
          'plan-range',
          `row ${row} of an input has more than ${weight} entries that are not zero`,
        );
      }
      indices[at] = k;
      to[at++] = value;
    }
  }
}
