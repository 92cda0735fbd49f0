import { logRank } from './log-rank.ts';
import type { Estimate, MethodResult, Note } from './result.ts';
import { requireSurvivalTable, type SurvivalTable } from './survival-table.ts';
import { criticalValue, levelOf, type MethodOptions } from './wald.ts';

export interface SurvivalOptions extends MethodOptions {
  /** Scale on which intervals are symmetric; `log`, the default, is that of R's `survfit`, `log-log` that of SAS. */
  readonly scale?: 'log' | 'log-log' | 'plain';
  /** Times at which to count who is still at risk. */
  readonly at?: readonly number[];
}

export interface SurvivalPoint {
  readonly time: number;
  readonly atRisk: number;
  readonly events: number;
  /** Share without the event after this time. */
  readonly survival: number;
  /** Greenwood's; null once no one is left. */
  readonly standardError: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface SurvivalCurve {
  readonly group: string;
  readonly n: number;
  readonly events: number;
  readonly points: readonly SurvivalPoint[];
}

export interface SurvivalResult extends MethodResult {
  readonly curves: readonly SurvivalCurve[];
  /** groups × times: how many are observed up to the time or longer; null where withheld. Exact where the table has every distinct time. */
  readonly riskTable: {
    readonly times: readonly number[];
    readonly counts: readonly (readonly (number | null)[])[];
  };
}

/**
 * Survival by group (E. Kaplan and P. Meier, JASA 53 (1958) 457) with Greenwood's error; the median with the interval of R. Brookmeyer
 * and J. Crowley, Biometrics 38 (1982) 29, as R's `survfit` prints it; of several groups the log-rank test.
 */
export function kaplanMeier(table: SurvivalTable, options: SurvivalOptions = {}): SurvivalResult {
  requireSurvivalTable(table);
  const level = levelOf(options);
  const { scale = 'log', at = [] } = options;
  const curves = table.groups.map((_, g) => curve(table, g, criticalValue(level), scale));
  const medians = curves.map(({ group, n, points }): Estimate => {
    const [low, high] = [halfway(points, 'low'), halfway(points, 'high')];
    return {
      name: curves.length === 1 ? 'median' : `median: ${group}`,
      value: halfway(points, 'survival'),
      scale: 'identity',
      standardError: null,
      interval: low === null && high === null ? null : { low, high, level, method: `Brookmeyer–Crowley, ${scale}` },
      n,
      test: null,
    };
  });
  const notReached = curves.filter((_, g) => medians[g]!.value === null).map(({ group }) => group);
  const notes: Note[] = [];
  if (notReached.length > 0) {
    const text = `half had no event while they were observed, so the median is not known: ${notReached.join(', ')}`;
    notes.push({ code: 'not-reached', text, names: notReached });
  }
  const comparison = curves.length > 1 ? logRank(table) : null;
  return {
    method: 'Kaplan–Meier',
    n: curves.reduce((sum, { n }) => sum + n, 0),
    estimates: medians,
    tests: comparison?.tests ?? [],
    notes: [...notes, ...(comparison?.notes ?? [])],
    curves,
    riskTable: { times: at, counts: table.groups.map((_, g) => at.map((time) => observedAt(table, g, time))) },
  };
}

function curve(table: SurvivalTable, g: number, z: number, scale: 'log' | 'log-log' | 'plain'): SurvivalCurve {
  const [atRisk, events] = [table.atRisk[g]!, table.events[g]!];
  const points: SurvivalPoint[] = [];
  let survival = 1;
  // M. Greenwood (1926): Var(ln S) = Σ d/(n(n − d)).
  let sum = 0;
  for (const [i, time] of table.times.entries()) {
    const [n, d] = [atRisk[i]!, events[i]!];
    if (n === 0) break;
    survival *= (n - d) / n;
    sum += d / (n * (n - d));
    const known = survival > 0;
    const error = Math.sqrt(sum);
    const [low, high] = known ? band(survival, z * error, scale) : [null, null];
    points.push({ time, atRisk: n, events: d, survival, standardError: known ? survival * error : null, low, high });
  }
  return { group: table.groups[g]!, n: atRisk[0]!, events: events.reduce((a, b) => a + b, 0), points };
}

/** The interval of a survival. @param reach critical value times the error of ln S */
export function band(survival: number, reach: number, scale: 'log' | 'log-log' | 'plain'): [number, number] {
  if (reach === 0) return [survival, survival];
  switch (scale) {
    case 'log':
      return [survival * Math.exp(-reach), Math.min(1, survival * Math.exp(reach))];
    case 'log-log': {
      const factor = Math.exp(-reach / Math.log(survival));
      return [survival ** factor, survival ** (1 / factor)];
    }
    case 'plain':
      return [Math.max(0, survival * (1 - reach)), Math.min(1, survival * (1 + reach))];
  }
}

/** First time at which a curve is at ½ or below; where it rests at ½, the middle of that stretch. Null if it never is. */
function halfway(points: readonly SurvivalPoint[], line: 'survival' | 'low' | 'high'): number | null {
  const slack = 1e-8;
  const first = points.findIndex((point) => (point[line] ?? 1) < 0.5 + slack);
  if (first === -1) return null;
  const { time, [line]: value } = points[first]!;
  if (Math.abs(value! - 0.5) >= slack) return time;
  const next = points.find((point) => (point[line] ?? 1) < value!);
  return next === undefined ? time : (time + next.time) / 2;
}

function observedAt({ times, atRisk }: SurvivalTable, g: number, time: number): number {
  const i = times.findIndex((at) => at >= time);
  return i === -1 ? 0 : atRisk[g]![i]!;
}
