import type { PlanBuilder, Wire } from '@symbolon/engine';

/**
 * Where the highest number of every column of a grid stands: one 1 a column, line by line. A tournament of halves: up, the larger of two and which
 * it was; down, the winner's way back. Of equal numbers one wins by a fixed order of the lines. ⌈log2 lines⌉ times a comparison, a
 * selection and a product.
 *
 * @param grid numbers, `lines` lines of whole bytes of bits
 * @param accept bits from the line of highest numbers: the columns that get a 1
 */
export function bestOf(
  builder: PlanBuilder,
  grid: Wire,
  lines: number,
  range: readonly [lo: bigint, hi: bigint],
  accept: (highest: Wire) => Wire,
): Wire {
  if (lines === 1) return accept(grid);
  const line = builder.type(grid).size / lines;
  const half = Math.floor(lines / 2);
  const part = (from: number, count: number): Wire => builder.slice(grid, from * line, count * line);
  const [x, y] = [part(0, half), part(half, half)];
  const isLess = builder.lessThan(x, y);
  const step = builder.bitDot([isLess], [builder.subtract(y, x)]);
  const larger = builder.linear(
    [
      [1n, x],
      [1n, step],
    ],
    0n,
    range,
  );
  const odd = lines % 2 === 1;
  const next = odd ? builder.concat([larger, part(lines - 1, 1)]) : larger;
  const won = bestOf(builder, next, lines - half, range, accept);
  const both = builder.slice(won, 0, half * line);
  const first = builder.and(both, builder.not(isLess));
  const second = builder.xor([both, first]);
  return builder.concat(odd ? [first, second, builder.slice(won, half * line, line)] : [first, second]);
}
