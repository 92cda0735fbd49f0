import type {
  Estimate,
  HistogramResult,
  LogisticResult,
  MethodResult,
  Stratum,
  SurvivalResult,
} from '@symbolon/analytics';
import { count, number, percent, printEstimate, pValue } from './numbers.ts';
import { released } from './released.ts';
import type { Report, ReportResult } from './report.ts';
import { isHistogram, isLogistic, isSurvival } from './tables.ts';
import { printValue } from './values.ts';

/** What came out, in a few plain sentences. */
export function summaryOf({ result, minPatients }: Pick<Report, 'result' | 'minPatients'>): string {
  return result.kind === 'study' ? studySummary(result, minPatients) : methodSummary(result.result);
}

function studySummary({ study, result }: ReportResult & { kind: 'study' }, minPatients: number): string {
  const { columns, isKey, types, rows, withheld } = released(study, result);
  if (rows.length === 0) return 'No group has enough patients behind it to be shown.';
  const hidden = withheld.flat().filter(Boolean).length;
  if (study.keys.length === 0) {
    const said = columns.map((name, i) =>
      withheld[0]![i] ? `${name} is suppressed` : `${name} is ${printValue(rows[0]![i]!, types[i]!)}`,
    );
    return `${capital(said.join(', '))}.${hidden > 0 ? because(minPatients) : ''}`;
  }
  const all = rows.length * isKey.filter((key) => !key).length;
  const groups = `The result has ${count(rows.length, 'group')}.`;
  if (hidden === 0) return `${groups} All their numbers are shown.`;
  return `${groups} ${number(all - hidden, 15)} of ${number(all, 15)} numbers are shown and ${number(hidden, 15)} ${hidden === 1 ? 'is' : 'are'} suppressed.${because(minPatients)}`;
}

function because(minPatients: number): string {
  return ` A number is shown where at least ${count(minPatients, 'patient')} stand behind it.`;
}

function methodSummary(result: MethodResult): string {
  if (result.strata !== undefined) return strataSummary(result.strata);
  const of = `${capital(result.method)} of ${count(result.n, 'observation')}.`;
  return [of, ...sayings(result)].join(' ');
}

function sayings(result: MethodResult): string[] {
  if (isSurvival(result)) return [...mediansSaying(result), ...testSaying(result)];
  if (isHistogram(result)) return histogramSaying(result);
  if (isLogistic(result)) return oddsSaying(result);
  const main = result.estimates.filter(({ test }) => test !== null).slice(0, 1);
  if (main.length > 0) return [`${capital(saying(main[0]!))}.`];
  if (result.tests.length > 0) return testSaying(result);
  return result.estimates.slice(0, 3).map((estimate) => `${capital(saying(estimate))}.`);
}

const mostSaid = 4;

function mediansSaying({ estimates, curves, notes }: SurvivalResult): string[] {
  const never = notes.filter(({ code }) => code === 'not-reached').flatMap(({ names = [] }) => names);
  const more = estimates.length - mostSaid;
  const said = estimates.slice(0, mostSaid).map((estimate, g) => {
    const { value, interval } = printEstimate(estimate);
    const group = curves.length === 1 ? '' : `In ${curves[g]!.group}, `;
    if (value === null) {
      const reached = never.includes(curves[g]!.group);
      return `${capital(`${group}${reached ? 'fewer than half had the event while they were observed' : 'the median is not known'}`)}.`;
    }
    const range = interval === null ? '' : ` (${percent(estimate.interval!.level)} CI ${interval})`;
    return `${capital(`${group}half had the event by time ${value}${range}`)}.`;
  });
  return more > 0 ? [...said, `${capital(count(more, 'more group'))} below.`] : said;
}

function histogramSaying({ bins, n }: HistogramResult): string[] {
  const shown = bins.flatMap(({ from, to, count }) => (count === null ? [] : [{ from, to, count }]));
  const most = shown.toSorted((x, y) => y.count - x.count)[0];
  const hidden = bins.length - shown.length;
  return [
    ...(most === undefined || most.count === 0
      ? []
      : [
          `The largest bin, from ${number(most.from)} to ${number(most.to)}, holds ${percent(Math.round((most.count / n) * 1000) / 1000)}${hidden === 0 ? '' : ' of what is shown'}.`,
        ]),
    ...(hidden === 0
      ? []
      : [`${number(hidden, 15)} of ${count(bins.length, 'bin')} ${hidden === 1 ? 'is' : 'are'} suppressed.`]),
  ];
}

function oddsSaying({ oddsRatios }: LogisticResult): string[] {
  const known = oddsRatios.filter(({ value, interval }) => value !== null && interval !== null);
  if (known.length === 0) return ['No odds ratio could be estimated.'];
  const clear = known.filter((estimate) => !includesNone(estimate));
  const of = `Of ${count(known.length, 'odds ratio')}, ${clear.length === 0 ? 'none' : clear.length} ${clear.length > 1 ? 'have' : 'has'} an interval that excludes 1, no effect`;
  const said = clear.slice(0, mostSaid).map((estimate) => {
    const { value, interval } = printEstimate(estimate);
    return `${value} (${percent(estimate.interval!.level)} CI ${interval}) for ${estimate.name}`;
  });
  const more = clear.length - said.length;
  return [`${of}${said.length === 0 ? '' : `: ${said.join('; ')}`}${more > 0 ? `; and ${more} more` : ''}.`];
}

function testSaying({ tests: [test] }: MethodResult): string[] {
  return test === undefined ? [] : [`${capital(test.method)}: p ${equals(test.p)}.`];
}

function saying(estimate: Estimate): string {
  const { value, interval } = printEstimate(estimate);
  const { name } = estimate;
  if (value === null) return `${name} could not be estimated`;
  if (interval === null) return `${name} is ${value}`;
  const range = `${name} is ${value} (${percent(estimate.interval!.level)} CI ${interval}`;
  return estimate.test === null
    ? `${range})`
    : `${range}, ${includesNone(estimate) ? 'which includes' : 'which excludes'} no effect, p ${equals(estimate.test.p)})`;
}

function includesNone({ scale, interval }: Estimate): boolean {
  const none = scale === 'log' ? 1 : 0;
  return (interval!.low ?? Number.NEGATIVE_INFINITY) <= none && (interval!.high ?? Number.POSITIVE_INFINITY) >= none;
}

function strataSummary(strata: readonly Stratum[]): string {
  const first = strata.find(({ result }) => result.estimates.length > 0)?.result;
  if (first === undefined) return 'Nothing could be estimated in any stratum.';
  const said = strata.slice(0, 6).map(({ by, result }) => {
    const [main] = result.estimates;
    const { value, interval } = main === undefined ? { value: null, interval: null } : printEstimate(main);
    return `${by}: ${value === null ? 'not estimated' : `${value}${interval === null ? '' : ` (${interval})`}`}`;
  });
  const more = strata.length > 6 ? `; and ${strata.length - 6} more below` : '';
  return `${capital(first.method)} in ${count(strata.length, 'stratum', 'strata')}. ${capital(first.estimates[0]!.name)} by stratum: ${said.join('; ')}${more}.`;
}

function equals(p: number): string {
  const text = pValue(p);
  return text.startsWith('<') ? text : `= ${text}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
