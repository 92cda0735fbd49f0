import type { Estimate, MethodResult } from '@symbolon/analytics';
import { printEstimate, type Report, type ReportTable, summaryOf, suppressedColumn, tablesOf } from '@symbolon/report';
import { number, table } from '../ui.ts';

const mostRows = 60;
const none = '–';

/** A report for the terminal: a few sentences and the main tables. */
export function reportText(report: Report): string {
  const { result } = report;
  const tables = tablesOf(report);
  const notes = result.kind === 'method' ? result.result.notes.map(({ text }) => `- ${text}`) : [];
  const parts =
    result.kind === 'study'
      ? [releasedTable(tables[0]!)]
      : [...estimateTables(result.result), ...others(tables, result.result)];
  return [report.title, summaryOf(report), ...parts, notes.join('\n')].filter(Boolean).join('\n\n');
}

/** What was released; a number that was withheld says so. */
function releasedTable({ columns, rows }: ReportTable): string {
  const last = columns.length - 1;
  const printedRows = rows.map((row) => {
    const withheld = String(row[last] ?? '').split(' | ');
    return row
      .slice(0, last)
      .map((value, i) => (withheld.includes(columns[i]!.name) ? suppressedColumn : printed(value)));
  });
  return cut(
    columns.slice(0, last).map(({ name }) => name),
    printedRows,
  );
}

/** A method's estimates, its tests, and what its reader must know. */
export function methodText(result: MethodResult): string {
  const said = new Set(result.estimates.map(({ test }) => test?.method));
  const tests = result.tests.filter(({ method }) => !said.has(method));
  const lines = tests.map(({ method, statistic, p }) => [
    method,
    statistic === null ? none : `${statistic.name} ${printed(statistic.value)}`,
    pText(p),
  ]);
  return [
    ...estimateTables(result),
    ...(lines.length === 0 ? [] : [cut(['test', 'statistic', 'p'], lines)]),
    result.notes.map(({ text }) => `- ${text}`).join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function estimateTables(result: MethodResult): string[] {
  const ratios = 'oddsRatios' in result ? (result.oddsRatios as readonly Estimate[]) : [];
  return [result.estimates, ratios]
    .filter(({ length }) => length > 0)
    .map((estimates, i) =>
      cut([i === 0 ? '' : 'odds ratio', 'estimate', 'interval', 'p', 'n'], estimates.map(estimateRow)),
    );
}

function estimateRow(estimate: Estimate): string[] {
  const { value, interval } = printEstimate(estimate);
  const { name, test, n } = estimate;
  // Where a count was withheld, there is none to tell.
  return [name, value ?? none, interval ?? '', test === null ? '' : pText(test.p), n === 0 ? none : number(n)];
}

/** Curves, and tests that do not stand beside an estimate already. */
function others(tables: readonly ReportTable[], { estimates }: MethodResult): string[] {
  const said = new Set<unknown>(estimates.map(({ test }) => test?.method));
  return ['curves', 'tests'].flatMap((name) => {
    const found = tables.find((one) => one.name === name);
    if (found === undefined) return [];
    const { columns, rows } = found;
    const p = columns.findIndex((column) => column.name === 'p');
    const at = columns.findIndex((column) => column.name === 'test');
    const unsaid = rows.filter((row) => at === -1 || !said.has(row[at]));
    if (unsaid.length === 0) return [];
    const body = unsaid.map((row) => row.map((value, i) => (i === p ? pText(Number(value)) : printed(value))));
    return [
      cut(
        columns.map((column) => column.name.replaceAll('_', ' ')),
        body,
      ),
    ];
  });
}

function cut(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = table(names, rows.slice(0, mostRows));
  if (rows.length <= mostRows) return shown;
  return `${shown}\n… and ${number(rows.length - mostRows)} more rows: symbolon study export`;
}

function pText(p: number): string {
  return p < 0.0001 ? '< 0.0001' : String(Number(p.toPrecision(2)));
}

function printed(value: string | number | boolean | null): string {
  if (value === null) return none;
  const digits =
    typeof value === 'number' ? value : /^-?\d+\.\d{5,}(e[-+]?\d+)?$/.test(String(value)) ? Number(value) : null;
  return digits === null ? String(value) : String(Number(digits.toPrecision(4)));
}
