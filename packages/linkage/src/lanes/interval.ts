import { SymbolonError } from '@symbolon/crypto';
import type { PlanBuilder, Wire } from '@symbolon/engine';
import { hull, type Interval, plus } from '@symbolon/sql';
import { integerAt } from '../encode/table.ts';
import type { Local } from '../rule/compile.ts';
import type { Encoding } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import { ringFor } from './bits.ts';
import type { LaneWires } from './circuit.ts';
import { notAll } from './logic.ts';
import type { IntervalLeaf } from './program.ts';
import { wordsOf } from './words.ts';

/*
 * The bound goes into a's word: a + b ≥ bound ⇔ (a − bound) + b ≥ 0, and a + b ≤ bound ⇔ (bound − a) − b ≥ 0. A NULL is a number so low
 * that the sum is below 0 whatever the other side holds; that says nothing about `outside`, which has bits for it.
 */

type Bound = Encoding & { kind: 'linear' | 'quadratic' };

interface Layout {
  readonly sign: bigint;
  /** Of the words of values. */
  readonly values: Readonly<Record<Side, Interval>>;
  readonly missing: Readonly<Record<Side, bigint>>;
  readonly most: bigint | undefined;
  readonly outside: boolean;
}

function layoutOf(encoding: Bound, ranges: Readonly<Record<Side, Interval>>): Layout {
  const linear = encoding.kind === 'linear';
  const sign = linear && !encoding.above ? -1n : 1n;
  const shift = -sign * (linear ? encoding.bound : encoding.low);
  const signed = ([lo, hi]: Interval): Interval => (sign === 1n ? [lo, hi] : [-hi, -lo]);
  const values = { a: plus(signed(ranges.a), [shift, shift]), b: signed(ranges.b) };
  const least = (x: bigint, y: bigint): bigint => (x < y ? x : y);
  const outside = !linear && encoding.outside;
  const missing = outside
    ? { a: 0n, b: 0n }
    : { a: least(values.a[0], -1n - values.b[1]), b: least(values.b[0], -1n - values.a[1]) };
  return { sign, values, missing, most: linear ? undefined : encoding.high - encoding.low, outside };
}

export function intervalLeaf(encoding: Bound, ranges: Readonly<Record<Side, Interval>>): IntervalLeaf {
  const { values, missing, most, outside } = layoutOf(encoding, ranges);
  const range = plus(hull(...values.a, missing.a), hull(...values.b, missing.b));
  const ring = ringFor(...range, ...(most === undefined ? [] : [most, most - range[0], most - range[1]]));
  if (ring === undefined) throw new SymbolonError('plan-range', 'a comparison of the rule does not fit in 64 bits');
  return {
    kind: 'interval',
    ring,
    range: [String(range[0]), String(range[1])],
    most: most === undefined ? null : String(most),
    outside,
  };
}

export function encodeInterval(
  encoding: Bound,
  ranges: Readonly<Record<Side, Interval>>,
  side: Side,
  local: Local,
  column: readonly unknown[],
): { words: Uint8Array; present: Uint8Array } {
  const { sign, values, missing } = layoutOf(encoding, ranges);
  const range = ranges[side];
  const shift = values[side][0] - sign * (sign === 1n ? range[0] : range[1]);
  const present = new Uint8Array(column.length);
  const words = wordsOf(intervalLeaf(encoding, ranges).ring, column.length, (row) => {
    const value = integerAt(local, column, row);
    if (value === undefined) return missing[side];
    present[row] = 1;
    return sign * value + shift;
  });
  return { words, present };
}

export function intervalCircuit(builder: PlanBuilder, leaf: IntervalLeaf, [words, a, b]: LaneWires): Wire {
  const [lo, hi] = leaf.range.map(BigInt) as [bigint, bigint];
  const within = (sign: 1n | -1n, constant: bigint, range: Interval): Wire =>
    builder.not(builder.lessThanZero(builder.linear([[sign, words![0]!]], constant, range)));
  const low = within(1n, 0n, [lo, hi]);
  if (leaf.most === null) return low;
  const most = BigInt(leaf.most);
  const high = within(-1n, most, [most - hi, most - lo]);
  return leaf.outside ? notAll(builder, [a![0]!, b![0]!], low, high) : builder.and(low, high);
}
