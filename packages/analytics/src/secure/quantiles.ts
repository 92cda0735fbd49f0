import { fault } from '@symbolon/crypto';
import { keyRows, type PlanBuilder, type SortKey, signedWidth, sortBy, type Wire } from '@symbolon/engine';
import type { BoundStudy, Opened } from '../sql/index.ts';
import { patientCounts, restPlanes, rowCounts } from './cells.ts';
import { divideBy, isDivisible } from './division.ts';
import { concatenated } from './hot.ts';
import { keyPlan } from './keys.ts';
import type { RowLanes } from './lanes.ts';
import { type Interval, rangeOf } from './nodes.ts';
import type { ShownQuantile } from './release.ts';
import { indexLike, prefixSums, shifted } from './scan.ts';

type Quantile = Opened & { readonly kind: 'quantile' };

/** A quantile of every cell, and of each party the patients on either side of it. */
interface CellQuantile {
  readonly value: Wire;
  /** By region: no higher than it, no lower. */
  readonly sides: readonly (readonly Wire[])[];
}

/** A fraction in lowest terms. */
interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

/** All quantiles of a study; their sides stand behind its supports, by region. @throws SymbolonError `plan-range` */
export function cellQuantiles(
  builder: PlanBuilder,
  regions: readonly RowLanes[],
  bound: BoundStudy,
): { quantiles: ReadonlyMap<number, ShownQuantile>; sides: readonly (readonly Wire[])[] } {
  const numbers = bound.opened.flatMap((number, i) => (number.kind === 'quantile' ? [[i, number] as const] : []));
  const made = numbers.map(([, number]) => cellQuantile(builder, regions, bound, number));
  const first = bound.supports.length;
  return {
    quantiles: new Map(
      numbers.map(([i], at) => [i, { value: made[at]!.value, sides: [first + 2 * at, first + 2 * at + 1] }]),
    ),
    sides: regions.map((_, region) => made.flatMap(({ sides }) => sides[region]!)),
  };
}

function requireRange({ nodes }: BoundStudy, { of, fraction }: Quantile, lanes: number): void {
  const { under } = fractionOf(fraction);
  const [lo, hi] = rangeOf(nodes[of]!.type);
  if (isDivisible([0n, under * (hi - lo)]) && isDivisible([0n, under * BigInt(lanes)])) return;
  throw fault(
    'plan-range',
    `the ${fraction} quantile of ${nodes[of]!.sql} leaves 64 bits; write fewer digits, or round(…)`,
  );
}

/**
 * Quantiles of type 7 (Hyndman, Fan, "Sample quantiles in statistical packages", The American Statistician 1996): of n values the one at place
 * (n − 1) · fraction, interpolated. All lanes are sorted by cell and value; that at the place of its cell, and the next, come to the front; what lies
 * between them is computed a cell at a time. Nothing of it opens.
 */
function cellQuantile(
  builder: PlanBuilder,
  regions: readonly RowLanes[],
  bound: BoundStudy,
  number: Quantile,
): CellQuantile {
  const fraction = fractionOf(number.fraction);
  const supports = regions.map((lanes) => lanes.support(bound.supports[number.support]!));
  const values = regions.map((lanes) => lanes.word(lanes.nodes.number(number.of).value));
  const lanes = regions.reduce((sum, region) => sum + region.lanes, 0);
  requireRange(bound, number, lanes);
  const counts = builder.linear(
    regions.map((region, i) => [1n, rowCounts(region, [supports[i]!])[0]!]),
    0n,
    [0n, BigInt(lanes)],
  );
  const { place, rest } = placesOf(builder, counts, fraction, lanes);
  const range = rangeOf(bound.nodes[number.of]!.type);
  const pair = neighbours(builder, { regions, supports, values, range, counts, place });
  const { value, top } = interpolated(builder, pair, rest, fraction, range);
  const sides = regions.map((region, i) => {
    const [low, high] = [pair.low, top].map((wire) => atLanes(region, wire));
    const [own, x] = [supports[i]!, values[i]!];
    const below = builder.and(own, builder.not(builder.lessThan(low!, x)));
    const above = builder.and(own, builder.not(builder.lessThan(x, high!)));
    return patientCounts(region, [below, above]);
  });
  return { value, sides };
}

function fractionOf(fraction: string): Fraction {
  const [, digits = ''] = fraction.split('.');
  const [over, under] = [BigInt(digits), 10n ** BigInt(digits.length)];
  const common = gcd(over, under);
  return { over: over / common, under: under / common };
}

function gcd(x: bigint, y: bigint): bigint {
  return y === 0n ? x : gcd(y, x % y);
}

/** For each cell the place of its value, among all rows in the order of cells; and what the fraction leaves over, times its denominator. */
function placesOf(
  builder: PlanBuilder,
  counts: Wire,
  { over, under }: Fraction,
  lanes: number,
): { place: Wire; rest: Wire } {
  const range: Interval = [-over, over * BigInt(lanes)];
  const { quotient, remainder } = divideBy(builder, builder.linear([[over, counts]], -over), under, range);
  const before = builder.subtract(prefixSums(builder, counts, [0n, BigInt(lanes)]), counts);
  const terms = [
    [1n, before],
    [1n, quotient],
  ] as const;
  return { place: builder.linear(terms, 0n, [-1n, BigInt(lanes)]), rest: remainder };
}

interface Sorting {
  readonly regions: readonly RowLanes[];
  readonly supports: readonly Wire[];
  readonly values: readonly Wire[];
  readonly range: Interval;
  readonly counts: Wire;
  readonly place: Wire;
}

interface Pair {
  readonly low: Wire;
  readonly high: Wire;
}

/** For each cell the value at its place, and the next. Of an empty cell anything. */
function neighbours(builder: PlanBuilder, { regions, supports, values, range, counts, place }: Sorting): Pair {
  const cells = builder.type(counts).size;
  const all = (wires: readonly Wire[]): Wire => concatenated(builder, wires);
  const value = all(values);
  const rows = builder.type(value).size;
  const places = all(regions.map((region) => atLanes(region, place)));
  const outside: SortKey = { wire: builder.not(all(supports)), width: 1 };
  const cell =
    cells === 1 ? [] : [wordKey(builder, all(regions.map((region) => atLanes(region, indexLike(builder, counts)))))];
  const ordered = builder.linear([[1n, value]], -range[0], [0n, range[1] - range[0]]);
  const [x, target] = sortBy(builder, [outside, ...cell, wordKey(builder, ordered)], [value, places], rows) as [
    Wire,
    Wire,
  ];
  const picked = builder.isZero(builder.subtract(target, indexLike(builder, target)));
  builder.stage();
  const front = builder.sortDigit(builder.not(picked), [x, shifted(builder, x, -1)], { rows, from: 0, width: 1 });
  builder.stage();
  const most = Math.min(cells, rows);
  const pairs = front.map((wire) => builder.slice(wire, 0, most));
  if (cells === 1) return { low: pairs[0]!, high: pairs[1]! };
  // The picks stand in the order of the cells that have rows.
  const some = builder.toRing(builder.not(builder.isZero(counts)), 64);
  const rank = builder.repeat(prefixSums(builder, some, [0n, BigInt(cells)]), most);
  const order = builder.tile(indexLike(builder, pairs[0]!), cells);
  const terms = [
    [1n, rank],
    [-1n, order],
  ] as const;
  const match = builder.toRing(builder.isZero(builder.linear(terms, -1n)), 64);
  const shape = { rows: cells, cols: 2, inner: most, range };
  const moved = builder.transpose(builder.matmul(match, all(pairs), shape), [cells, 2]);
  return { low: builder.slice(moved, 0, cells), high: builder.slice(moved, cells, cells) };
}

/** The low bits of words of 0 or more, as many as their range needs. */
function wordKey(builder: PlanBuilder, words: Wire): SortKey {
  const type = builder.type(words);
  if (type.kind !== 'ring') throw new TypeError('a key is made of words');
  const width = Math.max(1, signedWidth(type) - 1);
  return keyRows(
    builder,
    words,
    Array.from({ length: width }, (_, bit) => bit),
  );
}

/** What each lane's cell has; of a lane without a cell 0. */
function atLanes(lanes: RowLanes, perCell: Wire): Wire {
  const { builder, rows } = lanes;
  const { left, lines } = keyPlan(rows);
  const type = builder.type(perCell);
  const bounds = type.kind === 'ring' ? type.range?.map(BigInt) : undefined;
  if (rows.keys.length === 0) return builder.repeat(perCell, lanes.lanes);
  const keys = rows.keys.map((_, i) => lanes.hot(i));
  const masks = restPlanes(lanes, keys, left);
  const range: Interval = [
    [0n, ...bounds!].reduce((x, y) => (x < y ? x : y)),
    [0n, ...bounds!].reduce((x, y) => (x > y ? x : y)),
  ];
  const turned = builder.transpose(keys[left]!.words(), [lines, lanes.lanes]);
  const shape = { rows: lanes.lanes, cols: masks.length, inner: lines, range };
  const found = builder.transpose(builder.matmul(turned, perCell, shape), [lanes.lanes, masks.length]);
  const parts = masks.map((mask, i) => {
    const own = masks.length === 1 ? found : builder.slice(found, i * lanes.lanes, lanes.lanes);
    return mask === undefined ? own : builder.bitDot([mask], [own]);
  });
  return builder.linear(
    parts.map((part) => [1n, part]),
    0n,
    range,
  );
}

/**
 * low + rest · (high − low) / under, rounded half away from 0; and the lowest value that is no lower than it was before. Where nothing is left over, what is
 * next does not matter: it may be another cell's.
 */
function interpolated(
  builder: PlanBuilder,
  { low, high }: Pair,
  rest: Wire,
  { under }: Fraction,
  range: Interval,
): { value: Wire; top: Wire } {
  const gap = builder.linear(
    [
      [1n, high],
      [-1n, low],
    ],
    0n,
    [range[0] - range[1], range[1] - range[0]],
  );
  const whole = builder.isZero(rest);
  const top = sum(builder, [low, builder.bitDot([builder.not(whole)], [gap])], range);
  const over = builder.linear([[1n, builder.multiply(rest, gap)]], 0n, [0n, under * (range[1] - range[0])]);
  const { quotient, remainder } = divideBy(builder, over, under, [0n, under * (range[1] - range[0])]);
  const floor = sum(builder, [low, quotient], range);
  const positive = builder.toRing(builder.not(builder.lessThanZero(floor)), 64);
  // Up where 2 · remainder is more than `under`, or as much and the value not below 0.
  const terms = [
    [2n, remainder],
    [1n, positive],
  ] as const;
  const up = builder.not(builder.lessThanZero(builder.linear(terms, -under - 1n)));
  return { value: sum(builder, [floor, builder.toRing(up, 64)], [range[0], range[1] + 1n]), top };
}

function sum(builder: PlanBuilder, wires: readonly Wire[], range: Interval): Wire {
  return builder.linear(
    wires.map((wire) => [1n, wire]),
    0n,
    range,
  );
}
