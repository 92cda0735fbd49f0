import { type Moments, mean, meanEstimate, requireMoments, spreadNotes, variance } from './moments.ts';
import type { Estimate, MethodResult } from './result.ts';
import { levelOf, type MethodOptions, wald } from './wald.ts';

export interface MeansOptions extends MethodOptions {
  /** Names of the two groups. */
  readonly names?: readonly [string, string];
  /** `pooled` takes the two variances to be equal (Student); `welch`, the default, does not. */
  readonly variances?: 'welch' | 'pooled';
}

/**
 * The first mean minus the second, with the t-test: B. L. Welch, Biometrika 34 (1947) 28, with Satterthwaite's degrees of freedom; or
 * Student's with one pooled variance. As R's `t.test`.
 */
export function compareMeans(first: Moments, second: Moments, options: MeansOptions = {}): MethodResult {
  requireMoments(first);
  requireMoments(second);
  const level = levelOf(options);
  const { names = ['group 1', 'group 2'], variances = 'welch' } = options;
  const difference = meanDifference(`${names[0]} − ${names[1]}`, first, second, variances, level);
  return {
    method: variances === 'welch' ? 'Welch t-test' : 'Student t-test',
    n: first.n + second.n,
    estimates: [difference, meanEstimate(names[0], first, level), meanEstimate(names[1], second, level)],
    tests: difference.test === null ? [] : [difference.test],
    notes: spreadNotes([
      [names[0], first],
      [names[1], second],
    ]),
  };
}

/** The first mean minus the second, as one estimate. */
export function meanDifference(
  name: string,
  first: Moments,
  second: Moments,
  variances: 'welch' | 'pooled',
  level: number,
): Estimate {
  const [a, b] = [mean(first), mean(second)];
  const { standardError, df } = errorOfDifference(first, second, variances);
  const method = variances === 'welch' ? 'Welch' : 'Student';
  return wald(
    { name, at: a === null || b === null ? null : a - b, standardError, df, n: first.n + second.n, method },
    level,
  );
}

function errorOfDifference(
  first: Moments,
  second: Moments,
  variances: 'welch' | 'pooled',
): { standardError: number | null; df: number } {
  const [a, b] = [variance(first), variance(second)];
  if (a === null || b === null) return { standardError: null, df: Number.NaN };
  const [left, right] = [first.n - 1, second.n - 1];
  if (variances === 'pooled') {
    const pooled = (left * a + right * b) / (left + right);
    return { standardError: Math.sqrt(pooled * (1 / first.n + 1 / second.n)), df: left + right };
  }
  const [ofA, ofB] = [a / first.n, b / second.n];
  return { standardError: Math.sqrt(ofA + ofB), df: (ofA + ofB) ** 2 / (ofA ** 2 / left + ofB ** 2 / right) };
}
