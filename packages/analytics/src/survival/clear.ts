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
 */
export function releaseInClear(
  counts: readonly number[],
  shape: SurvivalShape,
  rule: SurvivalRule,
  names: readonly string[],
): SurvivalRelease {
  const times = timesOf(shape);
  const row = (i: number): readonly number[] => counts.slice(i * times, (i + 1) * times);
  const curves = names.map((_, g) => curveOf(row(g), row(shape.groups + g)));
  const groups = curves.map((curve, g) => releasedGroup(names[g]!, curve, shape, rule));
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

function releasedGroup(group: string, curve: Curve, { from }: SurvivalShape, rule: SurvivalRule): ReleasedGroup {
  const { n, cumulative, logSurvival, variance } = curve;
  const k = rule.minimum;
  const total = { events: sum(curve.events), censored: n - sum(curve.events) };
  const fits = (count: number): boolean => count === 0 || count >= k;
  const tailFits = (events: number, censored: number): boolean =>
    fits(total.events - events) && fits(total.censored - censored);
  const shown = k <= 1 || (n >= k && tailFits(0, 0));
  const withheld = { points: [], median: 'withheld', low: 'withheld', high: 'withheld' } as const;
  if (!shown) return { group, whole: null, ...withheld };
  let last = { events: 0, censored: 0 };
  const points = rule.at.flatMap((time) => {
    const i = time - from;
    const here = { events: cumulative.events[i]!, censored: cumulative.censored[i]! };
    const opens =
      here.events - last.events >= k && fits(here.censored - last.censored) && tailFits(here.events, here.censored);
    if (k > 1 && !opens) return [];
    last = here;
    const atRisk = n - here.events - here.censored;
    return [{ time, events: here.events, atRisk, logSurvival: logSurvival[i]!, variance: variance[i]! }];
  });
  const z = criticalValue(levelOf(rule));
  const at = (excess: readonly number[]): Crossing => crossing(curve, excess, from, k);
  const half = logSurvival.map((value) => value + Math.LN2);
  const band = (sign: number): number[] =>
    half.map((value, i) => (value === -Infinity ? Infinity : value + sign * z * Math.sqrt(variance[i]!)));
  return {
    group,
    whole: { n, events: total.events },
    points,
    median: at(half),
    low: at(band(-1)),
    high: at(band(1)),
  };
}

/** @param excess over ln ½; the crossing is where it first is 0 or less, or the middle of the stretch on which it rests at 0 */
function crossing({ n, cumulative }: Curve, excess: readonly number[], from: number, k: number): Crossing {
  const first = excess.findIndex((value) => value < HALF_SLACK);
  if (first === -1) return 'never';
  const [events, censored] = [cumulative.events[first]!, cumulative.censored[first]!];
  if (k > 1 && (events < k || n - events - censored < k)) return 'withheld';
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
