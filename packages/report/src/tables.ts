import type {
  Estimate,
  HistogramResult,
  LinearResult,
  LogisticResult,
  MethodResult,
  SurvivalResult,
} from '@symbolon/analytics';
import { type Released, released } from './released.ts';
import type { Report } from './report.ts';

export type Value = string | number | boolean | null;

/** Columns with DuckDB's types, and rows: what CSV, Parquet and JSON are made of. Decimals, dates and large whole numbers are texts that DuckDB casts. */
export interface ReportTable {
  /** Like `result`, `estimates`, `curves`: a part of a file's name. */
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly Value[])[];
}

/** Name of the column that lists which values of a row were withheld, so that they differ from NULL. */
export const suppressedColumn = 'suppressed';

/** All tables of a report, the main one first. */
export function tablesOf({ result }: Report): ReportTable[] {
  return result.kind === 'study' ? [studyTable(released(result.study, result.result))] : methodTables(result.result);
}

function studyTable({ columns, rows, types, withheld }: Released): ReportTable {
  return {
    name: 'result',
    columns: [...columns.map((name, i) => ({ name, type: types[i]! })), { name: suppressedColumn, type: 'VARCHAR' }],
    rows: rows.map((row, r) => [...row, columns.filter((_, i) => withheld[r]![i]).join(' | ') || null]),
  };
}

export const isSurvival = (result: MethodResult): result is SurvivalResult => 'curves' in result;
export const isHistogram = (result: MethodResult): result is HistogramResult => 'bins' in result;
export const isLinear = (result: MethodResult): result is LinearResult => 'rSquared' in result;
export const isLogistic = (result: MethodResult): result is LogisticResult => 'oddsRatios' in result;

const estimateColumns = [
  ['name', 'VARCHAR'],
  ['value', 'DOUBLE'],
  ['low', 'DOUBLE'],
  ['high', 'DOUBLE'],
  ['level', 'DOUBLE'],
  ['interval_method', 'VARCHAR'],
  ['scale', 'VARCHAR'],
  ['standard_error', 'DOUBLE'],
  ['n', 'BIGINT'],
  ['statistic', 'DOUBLE'],
  ['df', 'DOUBLE'],
  ['p', 'DOUBLE'],
] as const;

function estimateRow({ name, value, interval, scale, standardError, n, test }: Estimate): Value[] {
  return [
    name,
    value,
    interval?.low ?? null,
    interval?.high ?? null,
    interval?.level ?? null,
    interval?.method ?? null,
    scale,
    standardError,
    n,
    test?.statistic?.value ?? null,
    test?.df[0] ?? null,
    test?.p ?? null,
  ];
}

function methodTables(result: MethodResult): ReportTable[] {
  const by = result.strata !== undefined;
  const strata = result.strata ?? [{ by: null, result }];
  const table = (
    name: string,
    columns: readonly (readonly [name: string, type: string])[],
    rowsOf: (result: MethodResult) => readonly (readonly Value[])[],
  ): ReportTable[] => {
    const rows = strata.flatMap((stratum) => rowsOf(stratum.result).map((row) => (by ? [stratum.by, ...row] : row)));
    const all = by ? [['by', 'VARCHAR'] as const, ...columns] : columns;
    return rows.length === 0 ? [] : [{ name, columns: all.map(([name, type]) => ({ name, type })), rows }];
  };
  return [
    ...table('estimates', estimateColumns, ({ estimates }) => estimates.map(estimateRow)),
    ...table('odds-ratios', estimateColumns, (result) =>
      isLogistic(result) ? result.oddsRatios.map(estimateRow) : [],
    ),
    ...table(
      'curves',
      [
        ['group', 'VARCHAR'],
        ['time', 'DOUBLE'],
        ['at_risk', 'BIGINT'],
        ['events', 'BIGINT'],
        ['survival', 'DOUBLE'],
        ['standard_error', 'DOUBLE'],
        ['low', 'DOUBLE'],
        ['high', 'DOUBLE'],
      ],
      (result) =>
        isSurvival(result)
          ? result.curves.flatMap(({ group, points }) =>
              points.map((point) => [
                group,
                point.time,
                point.atRisk,
                point.events,
                point.survival,
                point.standardError,
                point.low,
                point.high,
              ]),
            )
          : [],
    ),
    ...table(
      'bins',
      [
        ['from', 'DOUBLE'],
        ['to', 'DOUBLE'],
        ['count', 'BIGINT'],
        [suppressedColumn, 'BOOLEAN'],
      ],
      (result) =>
        isHistogram(result) ? result.bins.map(({ from, to, count }) => [from, to, count, count === null]) : [],
    ),
    ...table(
      'tests',
      [
        ['test', 'VARCHAR'],
        ['statistic', 'VARCHAR'],
        ['value', 'DOUBLE'],
        ['df', 'VARCHAR'],
        ['p', 'DOUBLE'],
      ],
      ({ tests }) =>
        tests.map(({ method, statistic, df, p }) => [
          method,
          statistic?.name ?? null,
          statistic?.value ?? null,
          df.length === 0 ? null : df.join(', '),
          p,
        ]),
    ),
    ...table(
      'notes',
      [
        ['code', 'VARCHAR'],
        ['text', 'VARCHAR'],
      ],
      ({ notes }) => notes.map(({ code, text }) => [code, text]),
    ),
  ];
}
