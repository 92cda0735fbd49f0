import { fault } from '@symbolon/crypto';
import type { PlanBuilder, Wire } from '@symbolon/engine';
import { criticalValue, levelOf } from '../statistics/wald.ts';
import type { SurvivalShape } from './counts.ts';
import { timesOf } from './counts.ts';
import { crossings, remaining } from './crossings.ts';
import { type Curves, LOG_FRACTION, survivalCurves, VARIANCE_FRACTION } from './curves.ts';
import { mantelFractions, mantelSums } from './mantel.ts';
import type { SurvivalRule } from './release.ts';
import { type GroupRows, groupRows } from './rows.ts';
import { shownSteps } from './steps.ts';

/** Fraction bits of what opens; where a fixed-point number is opened, its truncation is exact (PROTOCOLS §2). */
export const OPENED = { logSurvival: 24, variance: 36, sums: 24 } as const;

/**
 * Opens the survival of several groups as `SurvivalRelease` has it, and nothing else: one wire of words, in the order that
 * `readSurvival` reads. What the rule withholds is 0.
 *
 * @param counts as `survivalCounts` makes them, of one set of lanes or the sum of several
 * @param parties the same of each party, where rows are split over several: the rule is held against each
 * @param most how many patients there are at most
 * @param may by group, one bit: whether anything of it may open; without, `rule` alone decides
 * @param to the parties that learn the result, under `name`
 * @throws SymbolonError `study-unsupported`
 */
export function openSurvival(
  b: PlanBuilder,
  counts: Wire,
  {
    shape,
    rule,
    most,
    may,
    parties = [counts],
  }: {
    readonly shape: SurvivalShape;
    readonly rule: SurvivalRule;
    readonly most: number;
    readonly may?: readonly Wire[] | undefined;
    readonly parties?: readonly Wire[];
  },
  { to, name }: { readonly to: readonly number[]; readonly name: string },
): void {
  requireTimes(shape, rule);
  const bound = BigInt(most);
  const groups = groupRows(b, counts, shape, bound);
  const owned = parties.map((own) => (own === counts ? groups : groupRows(b, own, shape, bound)));
  const curves = survivalCurves(b, groups, bound);
  const places = rule.at.map((time) => time - shape.from);
  const shown = groups.map((_, g) => {
    const each = owned.map((own) => cumulated(b, own[g]!, places));
    const fit = shownSteps(b, each, rule);
    return may === undefined ? fit : b.bitDot([b.repeat(may[g]!, places.length + 1)], [fit]);
  });
  const whole = b.concat(shown.map((flags) => b.slice(flags, 0, 1)));
  const z = criticalValue(levelOf(rule));
  const parts = [
    ...released(b, { groups, curves, shown, places, times: timesOf(shape) }),
    crossings(b, { curves, parties: owned, whole, rule, z }),
    ...(groups.length > 1 ? [comparison(b, groups, whole, bound)] : []),
  ];
  b.reveal(b.concat(parts), to, name);
}

function requireTimes(shape: SurvivalShape, { at, minimum }: SurvivalRule): void {
  const fits = at.every(
    (time, i) => Number.isInteger(time) && time > (at[i - 1] ?? shape.from - 1) && time <= shape.to,
  );
  if (at.length === 0 || !fits) {
    throw fault('study-unsupported', `a curve opens at ascending whole times from ${shape.from} to ${shape.to}`);
  }
  if (!Number.isSafeInteger(minimum) || minimum < 0) {
    throw fault('study-unsupported', 'the fewest patients behind a number are a count');
  }
}

/** Elements of x at these places, ascending; neighbours in one piece. */
function pick(b: PlanBuilder, x: Wire, places: readonly number[]): Wire {
  const starts = places.filter((place, i) => i === 0 || place !== places[i - 1]! + 1);
  const next = (start: number): number => places.indexOf(starts[starts.indexOf(start) + 1] ?? -1);
  return b.concat(
    starts.map((start) => {
      const end = next(start) === -1 ? places.length : next(start);
      return b.slice(x, start, end - places.indexOf(start));
    }),
  );
}

function cumulated(b: PlanBuilder, group: GroupRows, places: readonly number[]) {
  const zero = b.linear([[0n, group.total.events]]);
  const since = (x: Wire): Wire => b.concat([zero, pick(b, x, places)]);
  return { events: since(group.eventsSoFar), censored: since(group.censoredBefore), total: group.total };
}

/** By group: the flags, then patients, who had the event, ln S and its variance: of the whole group (the last two 0), then at each time. */
function released(
  b: PlanBuilder,
  {
    groups,
    curves,
    shown,
    places,
    times,
  }: {
    readonly groups: readonly GroupRows[];
    readonly curves: Curves;
    readonly shown: readonly Wire[];
    readonly places: readonly number[];
    readonly times: number;
  },
): Wire[] {
  const exact = (x: Wire, from: number, to: number): Wire =>
    b.truncate(b.concat(groups.map((_, g) => pick(b, b.slice(x, g * times, times), places))), from - to, true);
  const logSurvival = exact(curves.logSurvival, LOG_FRACTION, OPENED.logSurvival);
  const variance = exact(curves.variance, VARIANCE_FRACTION, OPENED.variance);
  return groups.map((group, g) => {
    const { events, censored } = group.total;
    const zero = b.linear([[0n, events]]);
    const own = (x: Wire): Wire => b.concat([zero, b.slice(x, g * places.length, places.length)]);
    const columns = [
      b.concat([b.add(events, censored), pick(b, remaining(b, group), places)]),
      b.concat([events, pick(b, group.eventsSoFar, places)]),
      own(logSurvival),
      own(variance),
    ];
    const flags = shown[g]!;
    return b.concat([flags, b.multiply(b.tile(flags, columns.length), b.concat(columns))]);
  });
}

/** Of the log-rank test: whether it opens, expected events of all groups but the last, their covariance. */
function comparison(b: PlanBuilder, groups: readonly GroupRows[], whole: Wire, most: bigint): Wire {
  const sums = mantelSums(b, groups, most);
  const missing = b.linear([[-1n, b.sum(whole)]], BigInt(groups.length));
  const shown = b.toRing(b.isZero(missing), 64);
  const { expected, share } = mantelFractions(most);
  const opened = b.concat([
    b.truncate(sums.expected, expected - OPENED.sums, true),
    b.truncate(sums.covariance, 2 * share - OPENED.sums, true),
  ]);
  return b.concat([shown, b.multiply(b.repeat(shown, b.type(opened).size), opened)]);
}
