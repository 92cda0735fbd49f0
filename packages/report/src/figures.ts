import type { Estimate, MethodResult, SurvivalResult } from '@symbolon/analytics';
import { type Bar, barChart } from './chart/bars.ts';
import { forestChart } from './chart/forest.ts';
import { histogramChart } from './chart/histogram.ts';
import { looks, survivalChart } from './chart/survival.ts';
import type { Chart } from './chart/svg.ts';
import { released } from './released.ts';
import type { Report, ReportResult } from './report.ts';
import { isHistogram, isLogistic, isSurvival } from './tables.ts';
import { isNumeric, noKey, printValue } from './values.ts';
import { capital } from './words.ts';

/** A chart, made for its id on the page. */
export type Figure = (id: string) => Chart;

const [mostBars, mostCharts, mostStrata] = [40, 4, 12];

/** The plots of a result; those that would say nothing are left out. */
export function figuresOf({ result }: Pick<Report, 'result'>): Figure[] {
  return result.kind === 'study' ? studyFigures(result) : methodFigures(result.result);
}

/** Of each number that the SELECT shows, one bar a group. */
function studyFigures({ study, result }: ReportResult & { kind: 'study' }): Figure[] {
  const { columns, isKey, types, rows, withheld } = released(study, result);
  if (study.keys.length === 0 || rows.length < 2 || rows.length > mostBars) return [];
  const numbers = columns.flatMap((_, i) => (!isKey[i] && isNumeric(types[i]!) ? [i] : []));
  return numbers.slice(0, mostCharts).map((i) => (id) => {
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
    return barChart(columns[i]!, bars, id);
  });
}

function methodFigures(result: MethodResult): Figure[] {
  const { strata } = result;
  if (strata === undefined) return figuresOfMethod(result);
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
      () =>
        forestChart(
          `${capital(effects[0]!.name)}, by stratum`,
          effects.map((effect) => ({ ...effect, name: effect.by })),
        ),
    ];
  const titled = (by: string, chart: Chart): Chart => ({ ...chart, title: `${by}: ${chart.title}` });
  return strata
    .flatMap(({ by, result }) =>
      figuresOfMethod(result).map(
        (figure): Figure =>
          (id) =>
            titled(by, figure(id)),
      ),
    )
    .slice(0, mostStrata);
}

function figuresOfMethod(result: MethodResult): Figure[] {
  if (isSurvival(result)) {
    const level = result.estimates.find(({ interval }) => interval !== null)?.interval?.level ?? 0.95;
    const charts = Array.from({ length: Math.ceil(result.curves.length / looks) }, (_, i) => part(result, i * looks));
    return charts
      .filter(({ curves }) => curves.some(({ points }) => points.length > 0))
      .map((each) => () => survivalChart(each, level));
  }
  if (isHistogram(result)) return [(id) => histogramChart(result, id)];
  const ratios = isLogistic(result) ? result.oddsRatios : result.estimates.filter(({ scale }) => scale === 'log');
  if (ratios.some(hasInterval)) return [() => forestChart(isLogistic(result) ? 'Odds ratios' : 'Ratios', ratios)];
  const comparable = result.estimates.filter(hasInterval);
  return sameUnit.test(result.method) && comparable.length > 1
    ? [() => forestChart('Estimates and their intervals', comparable)]
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
