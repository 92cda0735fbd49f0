import { band, type SurvivalCurve, type SurvivalOptions, type SurvivalResult } from '../statistics/kaplan-meier.ts';
import { logRankTest } from '../statistics/log-rank.ts';
import type { Estimate, Note } from '../statistics/result.ts';
import { criticalValue, levelOf } from '../statistics/wald.ts';
import type { Crossing, ReleasedGroup, SurvivalRelease, SurvivalRule } from './release.ts';

/** What opened in fixed point: sums of the log-rank test are known to about 8 digits. */
const REMAINDER = 1e-6;
const leastExpected = (events: number): number => 2 ** -20 + events * 2 ** -26;

/**
 * Curves at the agreed times that opened, medians, risk table and log-rank test, as `kaplanMeier` gives them of rows in the clear. Numbers at risk
 * are those of `ReleasedPoint`. What is withheld is missing, and a note says so.
 *
 * @param rule the one of the release: the medians' intervals have its level
 */
export function survivalResult(
  { groups, logRank }: SurvivalRelease,
  rule: SurvivalRule,
  { scale = 'log' }: Pick<SurvivalOptions, 'scale'> = {},
): SurvivalResult {
  const level = levelOf(rule);
  const z = criticalValue(level);
  const curves = groups.map((group) => curve(group, z, scale));
  const comparison =
    logRank === null
      ? null
      : logRankTest(logRank, {
          remainder: REMAINDER,
          leastExpected: leastExpected(logRank.observed.reduce((sum, count) => sum + count, 0)),
        });
  return {
    method: 'Kaplan–Meier',
    n: curves.reduce((sum, { n }) => sum + n, 0),
    estimates: groups.map((group) => median(group, groups.length, level)),
    tests: comparison?.tests ?? [],
    notes: [...notesOf(groups, rule), ...(comparison?.notes ?? [])],
    curves,
    riskTable: {
      times: rule.at,
      counts: groups.map(({ points }) =>
        rule.at.map((time) => points.find((point) => point.time === time)?.atRisk ?? null),
      ),
    },
  };
}

function curve({ group, whole, points }: ReleasedGroup, z: number, scale: 'log' | 'log-log' | 'plain'): SurvivalCurve {
  return {
    group,
    n: whole?.n ?? 0,
    events: whole?.events ?? 0,
    points: points.map(({ time, atRisk, events, logSurvival, variance }, i) => {
      const survival = Math.exp(logSurvival);
      const error = Math.sqrt(variance);
      const known = survival > 0;
      const [low, high] = known ? band(survival, z * error, scale) : [null, null];
      const standardError = known ? survival * error : null;
      return { time, atRisk, events: events - (points[i - 1]?.events ?? 0), survival, standardError, low, high };
    }),
  };
}

function median({ group, whole, median: at, low, high }: ReleasedGroup, groups: number, level: number): Estimate {
  const time = (crossing: Crossing): number | null => (typeof crossing === 'number' ? crossing : null);
  const known = time(low) !== null || time(high) !== null;
  return {
    name: groups === 1 ? 'median' : `median: ${group}`,
    value: time(at),
    scale: 'identity',
    standardError: null,
    interval: known ? { low: time(low), high: time(high), level, method: 'Brookmeyer–Crowley, log' } : null,
    n: whole?.n ?? 0,
    test: null,
  };
}

function notesOf(groups: readonly ReleasedGroup[], { minimum, at }: SurvivalRule): Note[] {
  const which = (is: (group: ReleasedGroup) => boolean): string[] => groups.filter(is).map(({ group }) => group);
  const note = (code: Note['code'], text: string, names: readonly string[]): Note[] =>
    names.length === 0 ? [] : [{ code, text: `${text}: ${names.join(', ')}`, names }];
  const open = (group: ReleasedGroup): boolean => group.whole !== null;
  return [
    ...note(
      'empty',
      'no patients',
      which(({ whole }) => whole?.n === 0),
    ),
    ...note(
      'not-reached',
      'half had no event while they were observed, so the median is not known',
      which(({ whole, median: time }) => whole !== null && whole.n > 0 && time === 'never'),
    ),
    ...note(
      'suppressed',
      `withheld, with fewer than ${minimum} patients somewhere`,
      which((group) => !open(group)),
    ),
    ...note(
      'suppressed',
      `median withheld, with fewer than ${minimum} patients on a side of it`,
      which((group) => open(group) && group.median === 'withheld'),
    ),
    ...note(
      'suppressed',
      `some of the agreed times withheld, with fewer than ${minimum} patients in between`,
      which((group) => open(group) && group.points.length < at.length),
    ),
  ];
}
