import { fault } from '@symbolon/crypto';
import type { PlanBuilder, Wire } from '@symbolon/engine';

/** Observations of a regression, one a lane. */
export interface RegressionLanes {
  /** Bits: the outcome. */
  readonly outcome: Wire;
  /** Bits: whether the lane counts at all. */
  readonly weight: Wire;
  /** Explanatory columns: bits, or words of 64 bits with a range that holds wherever the weight is 1. */
  readonly columns: readonly Wire[];
}

/**
 * How a column enters: x̂ = (x − centre)/2^scale, from −1 to 1. Public: it follows from the column's range. Bits stay 0 and 1. Of wide ranges the
 * lowest bits are dropped: x is rounded to a multiple of 2^dropped, up or down by chance, so that it stays right on average.
 */
export interface Scaling {
  readonly centre: bigint;
  readonly scale: number;
  readonly dropped: number;
}

/** Columns of a regression in fixed point. */
export interface ScaledDesign {
  /** Columns with the intercept, which comes first. */
  readonly size: number;
  readonly lanes: number;
  /** Fraction bits of the columns. */
  readonly fraction: number;
  /** One column behind the other; 0 in lanes of weight 0. */
  readonly byColumn: Wire;
  /** One lane behind the other. */
  readonly byLane: Wire;
  /** Weight and outcome as words 0 and 1; the outcome is 0 in lanes of weight 0. */
  readonly weight: Wire;
  readonly outcome: Wire;
  /** Columns that are bits, as words 0 and 1. */
  readonly flags: readonly Wire[];
}

/** Most columns, the intercept among them. */
export const MOST_COLUMNS = 13;
/** Fraction bits of probabilities and weights. */
export const PROBABILITY = 20;

export const log2Above = (value: number): number => Math.ceil(Math.log2(value));

/** Fraction bits for columns so that Σ w·x·x over the lanes, at PROBABILITY more, stays below 2^62. */
export function columnFraction(lanes: number): number {
  return Math.min(16, Math.floor((62 - PROBABILITY - log2Above(lanes)) / 2));
}

/** Of a column of bits. */
export const flagScaling: Scaling = { centre: 0n, scale: 0, dropped: 0 };

/** @throws SymbolonError `study-unsupported` */
export function scalingOf(b: PlanBuilder, wire: Wire, lanes: number): Scaling {
  const type = b.type(wire);
  if (type.kind === 'bits') return flagScaling;
  if (type.bits !== 64 || type.range === undefined) {
    throw fault('study-unsupported', 'an explanatory number of a regression needs a range');
  }
  return scalingWithin(type.range.map(BigInt) as [bigint, bigint], lanes);
}

/** Of a column of numbers in a range. */
export function scalingWithin([lo, hi]: readonly [bigint, bigint], lanes: number): Scaling {
  const centre = (lo + hi) >> 1n;
  const reach = hi - centre > centre - lo ? hi - centre : centre - lo;
  const scale = reach <= 1n ? 0 : (reach - 1n).toString(2).length;
  return { centre, scale, dropped: Math.max(0, scale - columnFraction(lanes)) };
}

/** Weights columns and brings them to one scale. 3 rounds, one less where nothing is dropped. */
export function scaledDesign(b: PlanBuilder, { outcome, weight, columns }: RegressionLanes): ScaledDesign {
  const size = columns.length + 1;
  const lanes = b.type(weight).size;
  if (columns.length === 0 || size > MOST_COLUMNS) {
    throw fault('study-unsupported', `a regression takes 1 to ${MOST_COLUMNS - 1} columns, not ${columns.length}`);
  }
  const fraction = columnFraction(lanes);
  const isBit = (column: Wire): boolean => b.type(column).kind === 'bits';
  const [cases, ...weighted] = b.products(
    [outcome, ...columns.filter(isBit)].map((bit) => [{ factors: [bit, weight] }]),
  ) as [Wire, ...Wire[]];
  const flags = weighted.map((bit) => b.toRing(bit, 64));
  const unit = 1n << BigInt(fraction);
  const scaled = columns.map((column) => {
    if (isBit(column)) return b.linear([[unit, flags[columns.filter(isBit).indexOf(column)]!]]);
    return scaledNumber(b, column, weight, fraction);
  });
  const weights = b.toRing(weight, 64);
  const byColumn = b.concat([b.linear([[unit, weights]]), ...scaled]);
  const byLane = b.transpose(byColumn, [size, lanes]);
  return { size, lanes, fraction, byColumn, byLane, weight: weights, outcome: b.toRing(cases, 64), flags };
}

function scaledNumber(b: PlanBuilder, column: Wire, weight: Wire, fraction: number): Wire {
  const { centre, scale, dropped } = scalingOf(b, column, b.type(column).size);
  const centred = b.linear([[1n, column]], -centre);
  const rounded = dropped === 0 ? centred : b.truncate(centred, dropped);
  const most = 1n << BigInt(fraction);
  return b.linear([[1n << BigInt(fraction + dropped - scale), b.bitDot([weight], [rounded])]], 0n, [-most, most]);
}
