import { type LogRankSummary, logRankSummary } from '../statistics/log-rank.ts';
import { criticalValue, levelOf } from '../statistics/wald.ts';
import type { SurvivalShape } from './counts.ts';
import { timesOf } from './counts.ts';
import type { Crossing, ReleasedGroup, SurvivalRelease, SurvivalRule } from './release.ts';

/** Where ln S is so near ln ½, a curve counts as resting there. */
export const HALF_SLACK = 2 ** -16;

/**
 * The oracle of the secure release, from counts in the clear.
 *
 * @param counts as `survivalCounts` makes them
 * @param parties the same of each party, where rows are split over several
 */
export function releaseInClear(
  counts: readonly number[],
  shape: SurvivalShape,
  rule: SurvivalRule,
  names: readonly string[],
  parties: readonly (readonly number[])[] = [counts],
): SurvivalRelease {
  const times = timesOf(shape);
  const row = (of: readonly number[], i: number): readonly number[] => of.slice(i * times, (i + 1) * times);
  const curvesOf = (of: readonly number[]): Curve[] =>
    names.map((_, g) => curveOf(row(of, g), row(of, shape.groups + g)));
  const [curves, owned] = [curvesOf(counts), parties.map(curvesOf)];
  const groups = curves.map((curve, g) =>
    releasedGroup({ group: names[g]!, curve, parties: owned.map((own) => own[g]!) }, shape, rule),
  );
  const all = groups.length > 1 && groups.every(({ whole }) => whole !== null);
  return { groups, logRank: all ? summaryOf(curves, names) : null };
}

/** A group in the clear, each array one number a time. */
interface Curve {
  readonly n: number;
  readonly events: readonly number[];
  readonly atRisk: readonly number[];
  /** Up to the time; before the time. */
  readonly cumulative: { readonly events: readonly number[]; readonly censored: readonly number[] };
  readonly logSurvival: readonly number[];
  readonly variance: readonly number[];
}

function curveOf(events: readonly number[], censored: readonly number[]): Curve {
  const n = sum(events) + sum(censored);
  const past = { events: running(events), censored: running(censored).map((value, i) => value - censored[i]!) };
  const atRisk = events.map((d, i) => n - (past.events[i]! - d) - past.censored[i]!);
  const steps = events.map((d, i) => (d === 0 ? 0 : Math.log1p(-d / atRisk[i]!)));
  const variances = events.map((d, i) => (d === 0 || d === atRisk[i]! ? 0 : d / atRisk[i]! / (atRisk[i]! - d)));
  return { n, events, atRisk, cumulative: past, logSurvival: running(steps), variance: running(variances) };
}

/** Whether k patients or more of every party; where the agreement allows it, of some party none. */
function areEnough(counts: readonly number[], { minimum, emptyParty = false }: SurvivalRule): boolean {
  return (
    counts.every((count) => count >= minimum || (count === 0 && emptyParty)) && counts.some((count) => count >= minimum)
  );
}

/** Of a group, all patients, and those of each party. */
interface Follow {
  readonly group: string;
  readonly curve: Curve;
  readonly parties: readonly Curve[];
}

/** With the event up to a time, and without before it. */
interface Until {
  readonly events: number;
  readonly censored: number;
}

function releasedGroup({ group, curve, parties }: Follow, { from }: SurvivalShape, rule: SurvivalRule): ReleasedGroup {
  const { n, cumulative, logSurvival, variance } = curve;
  const k = rule.minimum;
  const enough = (counts: readonly number[]): boolean => areEnough(counts, rule);
  const fits = (counts: readonly number[]): boolean => counts.every((count) => count === 0) || enough(counts);
  const totals = parties.map((own): Until => ({ events: sum(own.events), censored: own.n - sum(own.events) }));
  const until = (i: number): Until[] =>
    parties.map(({ cumulative: { events, censored } }) => ({ events: events[i]!, censored: censored[i]! }));
  const between = (since: readonly Until[], to: readonly Until[], of: keyof Until): number[] =>
    to.map((own, i) => own[of] - since[i]![of]);
  const tailFits = (here: readonly Until[]): boolean =>
    fits(between(here, totals, 'events')) && fits(between(here, totals, 'censored'));
  const start = parties.map((): Until => ({ events: 0, censored: 0 }));
  const shown = k <= 1 || (enough(parties.map((own) => own.n)) && tailFits(start));
  const withheld = { points: [], median: 'withheld', low: 'withheld', high: 'withheld' } as const;
  if (!shown) return { group, whole: null, ...withheld };
  let last = start;
  const points = rule.at.flatMap((time) => {
    const i = time - from;
    const here = until(i);
    const opens = enough(between(last, here, 'events')) && fits(between(last, here, 'censored')) && tailFits(here);
    if (k > 1 && !opens) return [];
    last = here;
    const [events, censored] = [cumulative.events[i]!, cumulative.censored[i]!];
    return [{ time, events, atRisk: n - events - censored, logSurvival: logSurvival[i]!, variance: variance[i]! }];
  });
  const z = criticalValue(levelOf(rule));
  const at = (excess: readonly number[]): Crossing => crossing(parties, excess, from, rule);
  const half = logSurvival.map((value) => value + Math.LN2);
  const band = (sign: number): number[] =>
    half.map((value, i) => (value === -Infinity ? Infinity : value + sign * z * Math.sqrt(variance[i]!)));
  return {
    group,
    whole: { n, events: sum(curve.events) },
    points,
    median: at(half),
    low: at(band(-1)),
    high: at(band(1)),
  };
}

/** @param excess over ln ½; the crossing is where it first is 0 or less, or the middle of the stretch on which it rests at 0 */
function crossing(parties: readonly Curve[], excess: readonly number[], from: number, rule: SurvivalRule): Crossing {
  const first = excess.findIndex((value) => value < HALF_SLACK);
  if (first === -1) return 'never';
  const past = parties.map(({ cumulative }) => cumulative.events[first]!);
  const left = parties.map(({ n, cumulative }, i) => n - past[i]! - cumulative.censored[first]!);
  if (rule.minimum > 1 && !(areEnough(past, rule) && areEnough(left, rule))) return 'withheld';
  const below = excess.findIndex((value) => value < -HALF_SLACK);
  return from + (below === -1 ? first : (first + below) / 2);
}

function summaryOf(curves: readonly Curve[], groups: readonly string[]): LogRankSummary {
  const times = curves[0]!.events.map((_, i) => i);
  return logRankSummary({
    groups,
    times,
    atRisk: curves.map(({ atRisk }) => atRisk),
    events: curves.map(({ events }) => events),
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function running(values: readonly number[]): number[] {
  let total = 0;
  return values.map((value) => {
    total += value;
    return total;
  });
}
