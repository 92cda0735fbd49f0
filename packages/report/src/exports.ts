import { released } from './released.ts';
import type { Report } from './report.ts';
import { type ReportTable, tablesOf, type Value } from './tables.ts';

/** A table as CSV (RFC 4180: CRLF, a header). NULL is an empty field. Texts that a spreadsheet would run as a formula begin with an apostrophe. */
export function csv({ columns, rows }: ReportTable): string {
  return [columns.map(({ name }) => name), ...rows].map(csvLine).join('');
}

/** One line of {@link csv}. */
export function csvLine(values: readonly Value[]): string {
  return `${values.map(field).join(',')}\r\n`;
}

function field(value: Value): string {
  if (value === null) return '';
  const text = String(value);
  const isNumber = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text);
  const safe = !isNumber && /^[=+@\t\r\n-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A column as Parquet, or any other typed file, takes it. */
export interface TypedColumn {
  readonly name: string;
  /** DuckDB's. */
  readonly type: string;
  /** Texts are cast to the type. */
  readonly values: readonly Value[];
}

export function typedColumns({ columns, rows }: ReportTable): TypedColumn[] {
  return columns.map((column, i) => ({ ...column, values: rows.map((row) => row[i]!) }));
}

/** Raised where a reader of version 1 would misread what is written. */
const version = 1;

/**
 * The report as JSON: all of {@link Report} but what `sql` says already, and the result as columns with types and rows. `suppressed` says of each
 * value whether it was withheld. Methods keep their result as it is, by stratum. Keys never change their meaning within a version.
 */
export function json(report: Report): string {
  const { result, ...about } = report;
  return `${JSON.stringify({ kind: 'symbolon-report', version, ...about, result: resultOf(result) }, null, 2)}\n`;
}

function resultOf(result: Report['result']): object {
  if (result.kind === 'method')
    return { kind: result.kind, strata: result.result.strata ?? [{ by: null, result: result.result }] };
  const { columns, types, rows, withheld } = released(result.study, result.result);
  return {
    kind: result.kind,
    columns: columns.map((name, i) => ({ name, type: types[i] })),
    rows,
    suppressed: withheld,
    totals: result.result.totals,
  };
}

/** Every table of the report, as files: `result.csv`, or `estimates.csv`, `curves.csv` … */
export function csvFiles(report: Report): { name: string; text: string }[] {
  return tablesOf(report).map((table) => ({ name: `${table.name}.csv`, text: csv(table) }));
}
