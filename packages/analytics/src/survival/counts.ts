import { fault } from '@symbolon/crypto';
import type { PlanBuilder, Wire } from '@symbolon/engine';
import { INDICATOR_BITS, indicators } from './indicators.ts';

/** Follow-up of patients, one a lane. */
export interface SurvivalLanes {
  /** Words of 64 bits: when the observation ended, from `from` to `to` wherever the weight is 1. */
  readonly time: Wire;
  /** Bits: whether it ended with the event. */
  readonly event: Wire;
  /** Bits: whether the lane counts at all. */
  readonly weight: Wire;
  /** Bits of each group; at most one is 1 in a lane of weight 1. */
  readonly groups: readonly Wire[];
}

/** The public shape: whole times `from` … `to` in the unit of the data, such as days, and the number of groups. */
export interface SurvivalShape {
  readonly from: number;
  readonly to: number;
  readonly groups: number;
}

/** As many as two digits of two indicators each can write. */
const MOST_TIMES = 1 << (4 * INDICATOR_BITS);
const MOST_GROUPS = 8;
/** Sums of so many bits stay in 16 bits. */
const CHUNK = (1 << 15) - 8;

/** @throws SymbolonError `study-unsupported` */
export function timesOf({ from, to, groups }: SurvivalShape): number {
  const times = to - from + 1;
  if (!Number.isInteger(from) || !Number.isInteger(times) || times < 1 || times > MOST_TIMES) {
    const hint = 'Measure time in a larger unit, such as weeks.';
    throw fault('study-unsupported', `survival takes 1 to ${MOST_TIMES} whole times, not ${times}`, { hint });
  }
  if (!Number.isInteger(groups) || groups < 1 || groups > MOST_GROUPS) {
    throw fault('study-unsupported', `survival takes 1 to ${MOST_GROUPS} groups, not ${groups}`);
  }
  return times;
}

/**
 * How many patients ended at each time: 2 · groups rows of a word a time (64 bits), those with the event by group, then those without (censored).
 * Counts of several sets of lanes add up: where rows are split over parties, sums of these, or each party's own counts, do as well.
 *
 * A time is written as two digits, each as one-hot bits; (group and high digit) × (low digit) counts by one matrix product over the lanes.
 * No sort, no segments: 7 rounds for every `CHUNK` lanes, whatever the data.
 */
export function survivalCounts(b: PlanBuilder, lanes: SurvivalLanes, shape: SurvivalShape): Wire {
  const size = b.type(lanes.time).size;
  const parts = Array.from({ length: Math.ceil(size / CHUNK) }, (_, i) => {
    const part = (x: Wire): Wire => b.slice(x, i * CHUNK, Math.min(CHUNK, size - i * CHUNK));
    const { time, event, weight, groups } = lanes;
    const counts = chunkCounts(
      b,
      size <= CHUNK ? lanes : { time: part(time), event: part(event), weight: part(weight), groups: groups.map(part) },
      shape,
    );
    if (size > CHUNK) b.stage();
    return counts;
  });
  return b.linear(
    parts.map((part) => [1n, part]),
    0n,
    [0n, BigInt(size)],
  );
}

function chunkCounts(b: PlanBuilder, lanes: SurvivalLanes, shape: SurvivalShape): Wire {
  const times = timesOf(shape);
  const { width, low } = digits(times, 2 * shape.groups);
  const highs = Math.ceil(times / 2 ** low);
  const since = b.linear([[1n, lanes.time]], -BigInt(shape.from));
  const bits = Array.from({ length: width }, (_, bit) => b.bitOf(since, bit));
  const columns = endings(b, lanes);
  const lowUnits = outer(b, unitsOf(b, bits.slice(0, low)), 2 ** low);
  const highUnits = unitsOf(b, bits.slice(low));
  const rows = columns.flatMap((column) => outer(b, [...highUnits, [column]], highs));
  const size = b.type(lanes.time).size;
  const product = b.matmul(words(b, rows), words(b, lowUnits), {
    rows: rows.length,
    cols: lowUnits.length,
    inner: size,
    // One-hot: each lane counts once at most.
    range: [0n, BigInt(size)],
  });
  const padded = highs * 2 ** low;
  const cut = columns.map((_, i) => b.slice(product, i * padded, times));
  return b.widen(padded === times ? product : b.concat(cut));
}

/** Bits of those who end with the event by group, then of those who end without. One round. */
function endings(b: PlanBuilder, { event, weight, groups }: SurvivalLanes): Wire[] {
  return b.products([
    ...groups.map((group) => [{ factors: [weight, group, event] }]),
    ...groups.map((group) => [{ factors: [weight, group] }, { factors: [weight, group, event] }]),
  ]);
}

/** How a time is split: the digits for which the fewest words are made. */
function digits(times: number, columns: number): { width: number; low: number } {
  const width = Math.max(1, Math.ceil(Math.log2(times)));
  const most = 2 * INDICATOR_BITS;
  const choices = Array.from({ length: width }, (_, i) => i + 1).filter((low) => low <= most && width - low <= most);
  const cost = (low: number): number => Math.ceil(times / 2 ** low) * columns + 2 ** low;
  return { width, low: choices.reduce((best, low) => (cost(low) < cost(best) ? low : best)) };
}

/** Indicators of the lower and of the higher half of a digit; of no bits, none. */
function unitsOf(b: PlanBuilder, bits: readonly Wire[]): Wire[][] {
  const halves = [bits.slice(0, INDICATOR_BITS), bits.slice(INDICATOR_BITS)];
  return halves.filter((half) => half.length > 0).map((half) => indicators(b, half));
}

/** ∏ of one bit of each part, the first part running fastest, for the first `count` choices. One round. */
function outer(b: PlanBuilder, parts: readonly (readonly Wire[])[], count: number): Wire[] {
  if (parts.length === 1) return parts[0]!.slice(0, count);
  const choice = (index: number): Wire[] => {
    let rest = index;
    return parts.map((part) => {
      const wire = part[rest % part.length]!;
      rest = Math.floor(rest / part.length);
      return wire;
    });
  };
  return b.products(Array.from({ length: count }, (_, index) => [{ factors: choice(index) }]));
}

/** Bit wires one behind the other, as words of 16 bits. One round. */
function words(b: PlanBuilder, bits: readonly Wire[]): Wire {
  const whole = b.type(bits[0]!).size % 8 === 0;
  return whole ? b.toRing(b.concat(bits), 16) : b.concat(bits.map((bit) => b.toRing(bit, 16)));
}
