export { csv, csvFiles, csvLine, json, type TypedColumn, typedColumns } from './exports.ts';
export { printEstimate } from './numbers.ts';
export { type Overview, type OverviewEntry, overviewPage } from './overview.ts';
export { page } from './page.ts';
export { type Plot, plotsOf } from './plots.ts';
export { type ReadablePart, type ReadableTable, readableTables } from './readable.ts';
export {
  type Flow,
  type FlowParty,
  flowOf,
  type Report,
  type ReportParty,
  type ReportResult,
  type ReportStudy,
  type TableSizes,
} from './report.ts';
export { type PrintedStatement, statementCsv, statementPage } from './statement.ts';
export { type ReportTable, suppressedColumn, tablesOf, type Value } from './tables.ts';
export { summaryOf } from './words.ts';
