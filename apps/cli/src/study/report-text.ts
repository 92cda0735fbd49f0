import type { MethodResult } from '@symbolon/analytics';
import { type Report, summaryOf, tablesOf } from '@symbolon/report';
import { number, table } from '../ui.ts';

const mostRows = 60;

/** A report for the terminal: a few sentences and the main table. */
export function reportText(report: Report): string {
  const notes = report.result.kind === 'method' ? report.result.result.notes.map(({ text }) => `- ${text}`) : [];
  const [names, rows] = report.result.kind === 'method' ? estimates(report.result.result) : released(report);
  return [
    report.title,
    summaryOf(report),
    ...(rows.length === 0 ? [] : [table(names, rows.slice(0, mostRows))]),
    ...(rows.length > mostRows ? [`… and ${rows.length - mostRows} more rows: symbolon study export`] : []),
    ...(notes.length === 0 ? [] : [notes.join('\n')]),
  ].join('\n\n');
}

function released(report: Report): [names: string[], rows: string[][]] {
  const { columns, rows } = tablesOf(report)[0]!;
  const shown = columns.map((_, i) => i).filter((i) => rows.some((row) => row[i] !== null));
  return [shown.map((i) => columns[i]!.name), rows.map((row) => shown.map((i) => printed(row[i]!)))];
}

function estimates(result: MethodResult): [names: string[], rows: string[][]] {
  const rows = result.estimates.map(({ name, value, interval, test, n }) => [
    name,
    printed(value),
    interval === null ? '' : `${printed(interval.low)} to ${printed(interval.high)}`,
    test === null ? '' : test.p < 0.0001 ? '< 0.0001' : printed(test.p),
    number(n),
  ]);
  return [['', 'estimate', 'interval', 'p', 'n'], rows];
}

function printed(value: string | number | boolean | null): string {
  if (value === null) return '–';
  const digits =
    typeof value === 'number' ? value : /^-?\d+\.\d{5,}(e[-+]?\d+)?$/.test(String(value)) ? Number(value) : null;
  return digits === null ? String(value) : String(Number(digits.toPrecision(4)));
}
