import { type LogisticSummary, logisticRegression } from '../statistics/logistic-regression.ts';
import type { MethodResult, Note } from '../statistics/result.ts';
import type { MethodOptions } from '../statistics/wald.ts';

/**
 * What fixed point leaves: a fit has converged within a thousandth of a standard error, and a column counts as collinear with a share of 10^−9 of its
 * square left, above the rounding of columns of wide ranges.
 */
const FIXED_POINT = { tolerance: 1e-3, remainder: 1e-9 } as const;

/** `logisticRegression` of what opened; of what did not, no estimates and the note. @param columns names, without the intercept */
export function logisticResult(
  released: LogisticSummary | Note,
  columns: readonly string[],
  options: MethodOptions = {},
): MethodResult {
  if (!('code' in released)) return logisticRegression(released, { ...options, ...FIXED_POINT });
  return {
    method: 'logistic regression',
    n: 0,
    estimates: columns.map((name) => ({
      name,
      value: null,
      scale: 'log',
      standardError: null,
      interval: null,
      n: 0,
      test: null,
    })),
    tests: [],
    notes: [released],
  };
}
