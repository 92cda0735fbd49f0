import { fault } from '@symbolon/crypto';
import type { PlanBuilder, Wire } from '@symbolon/engine';
import { type RegressionLanes, type ScaledDesign, scaledDesign } from './design.ts';
import { logLikelihood } from './likelihood.ts';
import { fit, MOST_ITERATIONS } from './newton.ts';

/** What is agreed on a logistic regression. */
export interface LogisticRule {
  /** Fewest patients of every value of a bit column with either outcome; with 1 everything opens. */
  readonly minimum: number;
  /** Updates of the coefficients, from 0. */
  readonly iterations: number;
}

/**
 * Fits a logistic regression inside and opens its last step: one wire of words, in the order that `readLogistic` reads. Where a cell of (bit
 * column, outcome), or the outcome alone, has fewer than `minimum` patients, nothing opens but that.
 *
 * @param lanes one observation a patient
 * @param may one bit: whether anything opens; it stands for that test
 * @param to the parties that learn the result, under `name`
 * @throws SymbolonError `study-unsupported`
 */
export function openLogistic(
  b: PlanBuilder,
  lanes: RegressionLanes,
  { minimum, iterations, may }: LogisticRule & { readonly may?: Wire | undefined },
  { to, name }: { readonly to: readonly number[]; readonly name: string },
): void {
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > MOST_ITERATIONS) {
    throw fault('study-unsupported', `a regression takes 1 to ${MOST_ITERATIONS} iterations, not ${iterations}`);
  }
  const design = scaledDesign(b, lanes);
  const cells = cellCounts(b, design);
  const last = fit(b, design, iterations);
  const opened = b.concat([
    ...cells.totals,
    last.coefficients,
    last.score,
    last.information,
    logLikelihood(b, design, last),
  ]);
  if (minimum <= 1 && may === undefined) {
    b.reveal(b.concat([b.linear([[0n, cells.totals[0]!]], 1n), opened]), to, name);
    return;
  }
  const shown = b.toRing(may ?? noneIsFew(b, cells.cells, minimum), 64);
  b.reveal(b.concat([shown, b.multiply(b.repeat(shown, b.type(opened).size), opened)]), to, name);
}

function noneIsFew(b: PlanBuilder, counts: readonly Wire[], minimum: number): Wire {
  const few = b.lessThanZero(b.linear([[1n, b.concat(counts)]], -BigInt(minimum)));
  return b.isZero(b.sum(b.toRing(few, 64)));
}

/** Patients and cases; and the finest cells: each outcome, and of each bit column both values with both outcomes. */
function cellCounts(b: PlanBuilder, design: ScaledDesign): { totals: readonly [Wire, Wire]; cells: readonly Wire[] } {
  const { weight, outcome, flags, lanes } = design;
  const rows = flags.length + 1;
  const most = BigInt(lanes);
  const counts = b.matmul(b.concat([weight, ...flags]), b.concat([weight, outcome]), {
    rows,
    cols: 2,
    inner: lanes,
    range: [0n, most],
  });
  const at = (row: number, col: number): Wire => b.slice(counts, 2 * row + col, 1);
  const less = (x: Wire, y: Wire): Wire =>
    b.linear(
      [
        [1n, x],
        [-1n, y],
      ],
      0n,
      [0n, most],
    );
  const [n, cases] = [at(0, 0), at(0, 1)];
  const cells = flags.flatMap((_, i) => {
    const [all, with1] = [at(i + 1, 0), at(i + 1, 1)];
    const others = less(cases, with1);
    return [with1, less(all, with1), others, less(less(n, all), others)];
  });
  return { totals: [n, cases], cells: [cases, less(n, cases), ...cells] };
}
