import { power } from './decimal.ts';

/** A range of whole numbers, both ends included. */
export type Interval = readonly [lo: bigint, hi: bigint];

export function plus(x: Interval, y: Interval): Interval {
  return [x[0] + y[0], x[1] + y[1]];
}

export function times(x: Interval, y: Interval): Interval {
  return hull(x[0] * y[0], x[0] * y[1], x[1] * y[0], x[1] * y[1]);
}

/** The interval times a constant. */
export function multiple([lo, hi]: Interval, factor: bigint): Interval {
  return factor < 0n ? [hi * factor, lo * factor] : [lo * factor, hi * factor];
}

/** The same values with `by` more digits behind the point, as whole numbers. */
export function scaled(of: Interval, by: number): Interval {
  return multiple(of, power(by));
}

/** |x|. */
export function absolute([lo, hi]: Interval): Interval {
  if (lo > 0n) return [lo, hi];
  return hi < 0n ? [-hi, -lo] : hull(0n, -lo, hi);
}

/** x / by, cut off towards zero as DuckDB's `//` does; by > 0. */
export function quotient([lo, hi]: Interval, by: bigint): Interval {
  return [lo / by, hi / by];
}

/** x % by, with the sign of x; by > 0. */
export function remainder(by: bigint): Interval {
  return [1n - by, by - 1n];
}

/** Smallest interval that holds all values. */
export function hull(first: bigint, ...rest: readonly bigint[]): Interval {
  let [lo, hi] = [first, first];
  for (const value of rest) {
    if (value < lo) lo = value;
    if (value > hi) hi = value;
  }
  return [lo, hi];
}
