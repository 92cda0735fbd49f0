import { requireAligned, requireCounts, requireThat } from './check.ts';
import { chiSquared } from './distributions.ts';
import { fisherExact, freemanHalton } from './fisher.ts';
import { suppressedNotes } from './histogram.ts';
import type { MethodResult, Note, TestResult } from './result.ts';
import { levelOf, type MethodOptions, share } from './wald.ts';

/** What opens: the cells of a cross-tabulation, null where one was suppressed. */
export interface CrossTable {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** rows × columns. */
  readonly cells: readonly (readonly (number | null)[])[];
}

/** @param rows names of all rows, agreed before; likewise `columns`. A value outside of them is not counted. */
export function crossTable(
  rowOf: readonly string[],
  columnOf: readonly string[],
  rows: readonly string[],
  columns: readonly string[],
): CrossTable {
  requireAligned(rowOf, columnOf);
  const cells = rows.map(() => columns.map(() => 0));
  for (const [i, row] of rowOf.entries()) {
    const counts = cells[rows.indexOf(row)];
    const column = columns.indexOf(columnOf[i]!);
    if (counts !== undefined && column !== -1) counts[column]!++;
  }
  return { rows, columns, cells };
}

/**
 * Shares of each row with Wilson's interval; Pearson's χ² and, of 2 × 2, the one with Yates's correction (as R's `chisq.test`);
 * Fisher's exact test, of larger tables within a bound of work. A table with a suppressed cell is shown without tests.
 */
export function crossTabulation(table: CrossTable, options: MethodOptions = {}): MethodResult {
  requireTable(table);
  const level = levelOf(options);
  const { rows, columns, cells } = table;
  const suppressed = rows.flatMap((row, i) =>
    columns.filter((_, j) => cells[i]![j] === null).map((column) => `${row}, ${column}`),
  );
  const shown = cells.map((row) => row.map((count) => count ?? 0));
  const totals = shown.map((row) => row.reduce((sum, count) => sum + count, 0));
  const estimates = rows.flatMap((row, i) =>
    columns.flatMap((column, j) =>
      cells[i]![j] === null ? [] : [share(`${row}: ${column}`, shown[i]![j]!, totals[i]!, level)],
    ),
  );
  const notes = suppressedNotes(suppressed);
  const tests = suppressed.length > 0 ? [] : testsOf(shown, table, notes);
  return { method: 'cross-tabulation', n: totals.reduce((sum, count) => sum + count, 0), estimates, tests, notes };
}

/** Pearson's test of independence, over the rows and columns that are not empty. @param notes receives what weakens it */
function testsOf(cells: readonly (readonly number[])[], { rows, columns }: CrossTable, notes: Note[]): TestResult[] {
  const keptRows = rows.map((_, i) => cells[i]!.some((count) => count > 0));
  const keptColumns = columns.map((_, j) => cells.some((row) => row[j]! > 0));
  const empty = [...rows.filter((_, i) => !keptRows[i]), ...columns.filter((_, j) => !keptColumns[j])];
  if (empty.length > 0) notes.push({ code: 'empty', text: `no one in: ${empty.join(', ')}`, names: empty });
  const kept = cells.filter((_, i) => keptRows[i]).map((row) => row.filter((_, j) => keptColumns[j]));
  if (kept.length < 2 || kept[0]!.length < 2) return [];

  const expected = expectedCounts(kept);
  const small = expected.flat().filter((count) => count < 5).length;
  if (small > 0) {
    const text = `${small} of ${expected.flat().length} expected counts are below 5: rely on the exact test, not on χ²`;
    notes.push({ code: 'small-expected', text });
  }
  const square = kept.length === 2 && kept[0]!.length === 2;
  const tests = [pearson(kept, expected, false)];
  if (square) tests.push(pearson(kept, expected, true));
  const exact = square ? fisherExact(kept).twoSided : freemanHalton(kept);
  if (exact !== null) tests.push({ method: 'Fisher exact test', statistic: null, df: [], p: exact });
  else notes.push({ code: 'too-much-work', text: 'the table is too large for an exact test' });
  return tests;
}

/** K. Pearson, Phil. Mag. 50 (1900) 157; F. Yates, Suppl. J. Royal Stat. Soc. 1 (1934) 217. */
function pearson(cells: readonly (readonly number[])[], expected: readonly number[][], corrected: boolean): TestResult {
  const differences = cells.map((row, i) => row.map((count, j) => Math.abs(count - expected[i]![j]!)));
  // In a 2 × 2 table the four differences are equal. The correction takes no more than there is.
  const correction = corrected ? Math.min(0.5, differences[0]![0]!) : 0;
  let value = 0;
  for (const [i, row] of differences.entries()) {
    for (const [j, difference] of row.entries()) value += (difference - correction) ** 2 / expected[i]![j]!;
  }
  const df = (cells.length - 1) * (cells[0]!.length - 1);
  return {
    method: corrected ? 'χ² test with continuity correction' : 'χ² test',
    statistic: { name: 'χ²', value },
    df: [df],
    p: chiSquared(df).above(value),
  };
}

function expectedCounts(cells: readonly (readonly number[])[]): number[][] {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const ofRows = cells.map(sum);
  const ofColumns = cells[0]!.map((_, j) => sum(cells.map((row) => row[j]!)));
  const all = sum(ofRows);
  return ofRows.map((row) => ofColumns.map((column) => (row / all) * column));
}

function requireTable({ rows, columns, cells }: CrossTable): void {
  requireThat(
    rows.length > 0 &&
      columns.length > 0 &&
      cells.length === rows.length &&
      cells.every((row) => row.length === columns.length),
    'a cross-tabulation needs one cell for each row and column',
  );
  requireCounts(
    cells.flat().filter((count) => count !== null),
    'cells',
  );
}
