import type { Estimate, HistogramResult, MethodResult, SurvivalResult } from '@symbolon/analytics';
import type { Bar } from './chart/bars.ts';
import { looks } from './chart/survival.ts';
import { released } from './released.ts';
import type { Report, ReportResult } from './report.ts';
import { isHistogram, isLogistic, isSurvival } from './tables.ts';
import { isNumeric, noKey, printValue } from './values.ts';
import { capital } from './words.ts';

/** What a plot shows. `by`: the stratum that it is of. */
export type Plot = { readonly by: string | null } & (
  | { readonly kind: 'bars'; readonly title: string; readonly bars: readonly Bar[] }
  | { readonly kind: 'forest'; readonly title: string; readonly estimates: readonly Estimate[] }
  | { readonly kind: 'survival'; readonly result: SurvivalResult; readonly level: number }
  | { readonly kind: 'histogram'; readonly result: HistogramResult }
);

const [mostBars, mostCharts, mostStrata] = [40, 4, 12];

/** The plots of a result; those that would say nothing are left out. */
export function plotsOf({ result }: Pick<Report, 'result'>): Plot[] {
  return result.kind === 'study' ? studyPlots(result) : methodPlots(result.result);
}

/** Of each number that the SELECT shows, one bar a group. */
function studyPlots({ study, result }: ReportResult & { kind: 'study' }): Plot[] {
  const { columns, isKey, types, rows, withheld } = released(study, result);
  if (study.keys.length === 0 || rows.length < 2 || rows.length > mostBars) return [];
  const numbers = columns.flatMap((_, i) => (!isKey[i] && isNumeric(types[i]!) ? [i] : []));
  return numbers.slice(0, mostCharts).map((i) => {
    const bars = rows.map((row, r): Bar => {
      const keys = row.filter((_, k) => isKey[k]).map((key) => key ?? noKey);
      const value = row[i] === null ? null : Number(row[i]);
      const suppressed = withheld[r]![i]!;
      return {
        name: keys.join(', '),
        value,
        text: suppressed ? 'suppressed' : printValue(row[i]!, types[i]!),
        suppressed,
      };
    });
    return { by: null, kind: 'bars', title: columns[i]!, bars };
  });
}

function methodPlots(result: MethodResult): Plot[] {
  const { strata } = result;
  if (strata === undefined) return plotsOfMethod(result);
  const effects = strata.flatMap(
    ({
      by,
      result: {
        estimates: [main],
      },
    }) => (main === undefined ? [] : [{ ...main, by }]),
  );
  if (effects.some(({ test }) => test !== null))
    return [
      {
        by: null,
        kind: 'forest',
        title: `${capital(effects[0]!.name)}, by stratum`,
        estimates: effects.map((effect) => ({ ...effect, name: effect.by })),
      },
    ];
  return strata
    .flatMap(({ by, result }) => plotsOfMethod(result).map((plot): Plot => ({ ...plot, by })))
    .slice(0, mostStrata);
}

function plotsOfMethod(result: MethodResult): Plot[] {
  if (isSurvival(result)) {
    const level = result.estimates.find(({ interval }) => interval !== null)?.interval?.level ?? 0.95;
    const charts = Array.from({ length: Math.ceil(result.curves.length / looks) }, (_, i) => part(result, i * looks));
    return charts
      .filter(({ curves }) => curves.some(({ points }) => points.length > 0))
      .map((each) => ({ by: null, kind: 'survival', result: each, level }));
  }
  if (isHistogram(result)) return [{ by: null, kind: 'histogram', result }];
  const ratios = isLogistic(result) ? result.oddsRatios : result.estimates.filter(({ scale }) => scale === 'log');
  const forest = (title: string, estimates: readonly Estimate[]): Plot[] => [
    { by: null, kind: 'forest', title, estimates },
  ];
  if (ratios.some(hasInterval)) return forest(isLogistic(result) ? 'Odds ratios' : 'Ratios', ratios);
  const comparable = result.estimates.filter(hasInterval);
  return sameUnit.test(result.method) && comparable.length > 1
    ? forest('Estimates and their intervals', comparable)
    : [];
}

/** As many groups as one chart can tell apart, from this one. */
function part(result: SurvivalResult, from: number): SurvivalResult {
  const of = <T>(all: readonly T[]): T[] => all.slice(from, from + looks);
  const { curves, estimates, riskTable } = result;
  return {
    ...result,
    curves: of(curves),
    estimates: of(estimates),
    riskTable: { ...riskTable, counts: of(riskTable.counts) },
  };
}

/** Methods whose estimates are all in one unit, so that they may stand on one axis. */
const sameUnit = /t-test|cross-tabulation|difference in differences/;

function hasInterval({ value, interval }: Estimate): boolean {
  return value !== null && interval !== null;
}
