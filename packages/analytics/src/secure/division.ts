import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { Interval } from './nodes.ts';

const limit = 1n << 61n;

/** Whether `divideBy` can divide numbers of this range. */
export function isDivisible([lo, hi]: Interval): boolean {
  return lo > -limit && hi < limit;
}

/**
 * ⌊z / d⌋ and z mod d, exactly, for a public d ≥ 1 and z of 64 bits within `range` (`isDivisible`). Each step takes an estimate z·⌊2^f / d⌋ / 2^f off and goes on with what
 * remains, until that is less than 2d away from 0; then comparisons with −d, 0 and d. Of a remainder r the estimate misses less than
 * |r| / 2^f and, as `truncate` is not exact, 1; f is as large as 64 bits allow, so what remains shrinks to its square over 2^61 / d in each step.
 */
export function divideBy(
  builder: PlanBuilder,
  z: Wire,
  d: bigint,
  range: Interval,
): { readonly quotient: Wire; readonly remainder: Wire } {
  const quotients: Wire[] = [];
  let [rest, bounds] = [builder.linear([[1n, z]], 0n, range), range];
  while (bounds[0] <= -2n * d || bounds[1] >= 2n * d) {
    const f = precision(d, bounds);
    const estimate = builder.truncate(builder.linear([[(1n << f) / d, rest]], 0n), Number(f));
    quotients.push(estimate);
    bounds = [-missed(d, -bounds[0], f), missed(d, bounds[1], f)];
    rest = builder.linear(
      [
        [1n, rest],
        [-d, estimate],
      ],
      0n,
      bounds,
    );
  }
  const atLeast = [-d, 0n, d].map((least) => builder.not(builder.lessThanZero(builder.linear([[1n, rest]], -least))));
  const last = builder.weigh(
    atLeast.map((bit) => [1n, bit]),
    -2n,
    64,
  );
  const quotient = builder.linear(
    [...quotients, last].map((part) => [1n, part]),
    0n,
    [range[0] / d - 1n, range[1] / d + 1n],
  );
  const remainder = builder.linear(
    [
      [1n, rest],
      [-d, last],
    ],
    0n,
    [0n, d - 1n],
  );
  return { quotient, remainder };
}

/** The largest f for which z·⌊2^f / d⌋ keeps 62 bits. */
function precision(d: bigint, [lo, hi]: Interval): bigint {
  const most = (-lo > hi ? -lo : hi) + 1n;
  let f = 1n;
  while (f < 60n && ((1n << (f + 1n)) / d) * most < 1n << 62n) f++;
  return f;
}

/** What remains at most of a remainder of at most `most`: less than d·(most / 2^f + 1). */
function missed(d: bigint, most: bigint, f: bigint): bigint {
  return most < 1n << f ? 2n * d - 1n : d * ((most >> f) + 2n);
}
