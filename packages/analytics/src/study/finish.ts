import type { Cell, StudyResult } from '../sql/release.ts';
import type { MethodResult } from '../statistics/result.ts';
import type { BoundMethod } from './bound-method.ts';
import { levelsOf, rolesOf } from './items.ts';
import { type About, Cells } from './reduced/question.ts';
import { reducerOf } from './reduced/reducers.ts';
import { isRowMethod } from './row-method.ts';

/** The result of a method that is reduced to aggregates, made of its released cells. What was withheld is null, and a note says so. */
export function finishMethod(bound: BoundMethod, { cells }: Pick<StudyResult, 'cells'>): MethodResult {
  const { method, work } = bound;
  if (work.kind !== 'study' || isRowMethod(method)) throw new TypeError(`${method.name} is not made of cells`);
  const about = aboutOf(bound);
  return byStratum(about, (stratum) => reducerOf(method).finish(new Cells(work.study, cellsOf(cells, stratum)), about));
}

/** The cells of a stratum, by the rest of their keys. */
export function cellsOf(
  cells: readonly Cell[],
  stratum: string | undefined,
): [keys: readonly (string | null)[], Cell][] {
  if (stratum === undefined) return cells.map((cell) => [cell.keys, cell]);
  return cells.filter(({ keys }) => keys[0] === stratum).map((cell) => [cell.keys.slice(1), cell]);
}

export function aboutOf({ method, rows }: BoundMethod): About {
  const roles = rolesOf(
    rows.items.map(({ name }) => name),
    method,
  );
  if (typeof roles === 'string') throw new TypeError(roles);
  const items = rows.items.map(({ name, node }, i) => {
    const { type, nullable } = rows.nodes[node]!;
    return { name, node, role: roles[i]!, type, nullable };
  });
  const by = items.find(({ name }) => name === 'by');
  return {
    method,
    items: items.filter((item) => item !== by),
    strata: by === undefined ? null : levelsOf(by),
    minPatients: rows.release.minPatients,
  };
}

/** A method's result; where there are strata, of one after the other. */
export function byStratum({ strata }: About, of: (stratum?: string) => MethodResult): MethodResult {
  if (strata === null) return of();
  const results = strata.map((level) => [level, of(level)] as const);
  return {
    method: results[0]![1].method,
    n: results.reduce((sum, [, { n }]) => sum + n, 0),
    estimates: results.flatMap(([level, { estimates }]) =>
      estimates.map((estimate) => ({ ...estimate, name: `${level}: ${estimate.name}` })),
    ),
    tests: results.flatMap(([level, { tests }]) =>
      tests.map((test) => ({ ...test, method: `${test.method} (${level})` })),
    ),
    notes: results.flatMap(([level, { notes }]) => notes.map((note) => ({ ...note, text: `${level}: ${note.text}` }))),
    strata: results.map(([by, result]) => ({ by, result })),
  };
}
