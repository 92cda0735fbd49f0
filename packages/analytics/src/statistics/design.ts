import { requireFinite, requireThat } from './check.ts';
import type { Note } from './result.ts';
import type { Dependence } from './sweep.ts';

/** Name of the column of ones. Where a design has one, it comes first. */
export const intercept = '(intercept)';

/** Explanatory columns of a regression: `rows` is observations × columns. */
export interface Design {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

/** A design with a column of ones before the given columns, each an array of one value an observation. */
export function withIntercept(columns: Readonly<Record<string, readonly number[]>>): Design {
  const names = Object.keys(columns);
  const values = Object.values(columns);
  requireThat(
    values.length > 0 && values.every((column) => column.length === values[0]!.length),
    'columns must have the same length',
  );
  return {
    columns: [intercept, ...names],
    rows: values[0]!.map((_, i) => [1, ...values.map((column) => column[i]!)]),
  };
}

export function requireDesign({ columns, rows }: Design, observations: number): void {
  requireThat(rows.length === observations, 'a design needs one row for each observation');
  for (const row of rows) {
    requireThat(row.length === columns.length, 'a design needs one value for each column');
    requireFinite(row, 'explanatory values');
  }
}

/** Names the columns at fault, one note for each dependence. */
export function collinearNotes(columns: readonly string[], dependent: readonly Dependence[]): Note[] {
  return dependent.map(({ column, on }) => {
    const names = [column, ...on].map((index) => columns[index]!);
    const [name, ...others] = names;
    const text =
      others.length === 0
        ? `column ${name} is 0 throughout: leave it out`
        : `column ${name} is a linear combination of ${others.join(', ')}: leave one of them out`;
    return { code: 'collinear', text, names };
  });
}
