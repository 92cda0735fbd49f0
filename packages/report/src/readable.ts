import type { Estimate, HistogramResult, MethodResult, SurvivalResult } from '@symbolon/analytics';
import { count, fixed, none, number, percent, printEstimate, pValue } from './numbers.ts';
import { released } from './released.ts';
import type { Report, ReportResult } from './report.ts';
import { isHistogram, isLinear, isLogistic, isSurvival } from './tables.ts';
import { isNumeric, noKey, printValue } from './values.ts';

/** A table as readers see it: every number in the digits that mean something. */
export interface ReadableTable {
  readonly caption: string;
  readonly columns: readonly { readonly name: string; readonly numeric: boolean }[];
  /** null: suppressed. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** What its marks and intervals mean. */
  readonly legend: string | null;
}

/** The tables of a result, or of one stratum of it. */
export interface ReadablePart {
  readonly by: string | null;
  readonly tables: readonly ReadableTable[];
  /** How well a model fits, in one line. */
  readonly fit: string | null;
}

/** What a report shows as tables. */
export function readableTables({ result, minPatients }: Pick<Report, 'result' | 'minPatients'>): ReadablePart[] {
  if (result.kind === 'study') return [{ by: null, tables: [studyTable(result, minPatients)], fit: null }];
  const strata = result.result.strata ?? [{ by: null, result: result.result }];
  return strata.map(({ by, result: one }) => ({
    by,
    tables: [
      ...(isLogistic(one) && one.oddsRatios.length > 0 ? [estimateTable('Odds ratios', one.oddsRatios)] : []),
      ...estimatesOf(one),
      ...(one.tests.length === 0 ? [] : [testTable(one)]),
    ],
    fit: fitOf(one),
  }));
}

function estimatesOf(result: MethodResult): ReadableTable[] {
  if (isHistogram(result)) return [binTable(result)];
  if (isSurvival(result)) return [estimateTable('Medians', result.estimates), ...survivalTable(result)];
  if (result.estimates.length === 0) return [];
  return [estimateTable(isLogistic(result) ? 'Coefficients' : 'Estimates', result.estimates)];
}

function studyTable({ study, result }: ReportResult & { kind: 'study' }, minPatients: number): ReadableTable {
  const { columns: names, isKey, types, rows: shown, withheld } = released(study, result);
  const columns = names.map((name, i) => ({ name, numeric: isNumeric(types[i]!) }));
  const rows = shown.map((row, r) =>
    row.map((value, i) => {
      if (withheld[r]![i]) return null;
      return value === null && isKey[i] ? noKey : printValue(value, types[i]!);
    }),
  );
  const legend = rows.some((row) => row.includes(null))
    ? `Suppressed: fewer than ${count(minPatients, 'patient')}, or fewer than that at one of the organisations, stand behind the number, so it never opened, to anyone. ${none} stands where there is no value.`
    : null;
  return { caption: 'Released numbers', columns, rows, legend };
}

function estimateTable(caption: string, estimates: readonly Estimate[]): ReadableTable {
  const level = estimates.find(({ interval }) => interval !== null)?.interval?.level ?? 0.95;
  const tested = estimates.some(({ test }) => test !== null);
  const known = estimates.some(({ standardError }) => standardError !== null);
  const columns = [
    { name: 'quantity', numeric: false },
    { name: 'estimate', numeric: true },
    { name: `${percent(level)} interval`, numeric: true },
    ...(known ? [{ name: 'standard error', numeric: true }] : []),
    ...(tested ? [{ name: 'p', numeric: true }] : []),
    { name: 'n', numeric: true },
  ];
  const rows = estimates.map((estimate) => {
    const { value, interval } = printEstimate(estimate);
    const { name, standardError, scale, test, n } = estimate;
    const error = standardError === null ? none : `${number(standardError, 3)}${scale === 'log' ? ' (log)' : ''}`;
    const p = test === null ? none : pValue(test.p);
    return [name, value ?? none, interval ?? none, ...(known ? [error] : []), ...(tested ? [p] : []), number(n, 15)];
  });
  const methods = [...new Set(estimates.flatMap(({ interval }) => (interval === null ? [] : [interval.method])))];
  const legend = methods.length === 0 ? null : `Intervals: ${methods.join('; ')}.`;
  return { caption, columns, rows, legend };
}

function testTable({ tests }: MethodResult): ReadableTable {
  const columns = [
    { name: 'test', numeric: false },
    { name: 'statistic', numeric: true },
    { name: 'degrees of freedom', numeric: true },
    { name: 'p', numeric: true },
  ];
  const rows = tests.map(({ method, statistic, df, p }) => [
    method,
    statistic === null ? none : `${statistic.name} = ${number(statistic.value)}`,
    df.length === 0 ? none : df.map((each) => number(each)).join(', '),
    pValue(p),
  ]);
  return { caption: 'Tests', columns, rows, legend: null };
}

/** Bins with their counts and shares; suppressed ones have neither. */
function binTable({ bins, estimates }: HistogramResult): ReadableTable {
  const level = estimates[0]?.interval?.level ?? 0.95;
  const names = ['from', 'to', 'count', 'share', `${percent(level)} interval`];
  const shares = estimates.values();
  const rows = bins.map(({ from, to, count }) => {
    const edges = [number(from), number(to)];
    if (count === null) return [...edges, null, none, none];
    const { value, interval } = printEstimate(shares.next().value!);
    return [...edges, number(count, 15), value ?? none, interval ?? none];
  });
  const columns = names.map((name) => ({ name, numeric: true }));
  return { caption: 'Bins; the last one holds its upper edge', columns, rows, legend: null };
}

const mostTimes = 24;

/** What the curves say at the times of the risk table, evenly chosen where they are many; a time that was withheld is suppressed. */
function survivalTable({ curves, riskTable, estimates }: SurvivalResult): ReadableTable[] {
  const level = estimates.find(({ interval }) => interval !== null)?.interval?.level ?? 0.95;
  if (riskTable.times.length === 0) return [];
  const step = Math.ceil(riskTable.times.length / mostTimes);
  const times = [...riskTable.times.keys()].filter((t) => t % step === 0);
  const columns = ['group', 'time', 'at risk', 'without the event', `${percent(level)} interval`].map((name, i) => ({
    name,
    numeric: i > 0,
  }));
  const share = (value: number | null): string => (value === null ? none : fixed(value, 3));
  const rows = curves.flatMap(({ group, points }, g) =>
    times.map((t) => {
      const time = riskTable.times[t]!;
      const atRisk = riskTable.counts[g]![t]!;
      const start = [group, number(time)];
      if (atRisk === null) return [...start, null, null, null];
      const last = points.findLast((point) => point.time <= time) ?? { survival: 1, low: null, high: null };
      const interval = last.low === null || last.high === null ? none : `${share(last.low)} to ${share(last.high)}`;
      return [...start, number(atRisk, 15), share(last.survival), interval];
    }),
  );
  return [{ caption: 'At the agreed times', columns, rows, legend: null }];
}

function fitOf(result: MethodResult): string | null {
  const said: [name: string, value: number | null][] = isLinear(result)
    ? [
        ['R²', result.rSquared],
        ['adjusted R²', result.adjustedRSquared],
        ['residual standard error', result.residualStandardError],
        ['residual degrees of freedom', result.residualDf],
      ]
    : isLogistic(result)
      ? [
          ['deviance', result.deviance],
          ['log-likelihood', result.logLikelihood],
          ['iterations', result.iterations],
        ]
      : [];
  const known = said.flatMap(([name, value]) => (value === null ? [] : `${name} ${number(value)}`));
  return known.length === 0 ? null : `Fit: ${known.join(', ')}.`;
}
