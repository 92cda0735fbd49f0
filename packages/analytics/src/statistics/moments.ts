import { requireAligned, requireCounts, requireFinite, requireThat } from './check.ts';
import type { Estimate, MethodResult, Note } from './result.ts';
import { levelOf, type MethodOptions, wald } from './wald.ts';

/** What opens of one column: how many values, their sum and the sum of their squares. */
export interface Moments {
  readonly n: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Taken from every value before it was summed; 0 if absent. */
  readonly about?: number | undefined;
}

/** What opens of two columns of the same rows. */
export interface CoMoments {
  readonly n: number;
  readonly sumX: number;
  readonly sumY: number;
  readonly sumXX: number;
  readonly sumYY: number;
  readonly sumXY: number;
  /** Taken from every x, and every y, before they were summed; 0 if absent. */
  readonly aboutX?: number | undefined;
  readonly aboutY?: number | undefined;
}

export function moments(values: readonly number[]): Moments {
  requireFinite(values, 'values');
  return { n: values.length, sum: total(values), sumSquares: total(values.map((value) => value * value)) };
}

export function coMoments(x: readonly number[], y: readonly number[]): CoMoments {
  requireAligned(x, y);
  const [ofX, ofY] = [moments(x), moments(y)];
  return {
    n: x.length,
    sumX: ofX.sum,
    sumY: ofY.sum,
    sumXX: ofX.sumSquares,
    sumYY: ofY.sumSquares,
    sumXY: total(x.map((value, i) => value * y[i]!)),
  };
}

/** One column of two. */
export const momentsX = ({ n, sumX, sumXX, aboutX }: CoMoments): Moments => ({
  n,
  sum: sumX,
  sumSquares: sumXX,
  about: aboutX,
});
export const momentsY = ({ n, sumY, sumYY, aboutY }: CoMoments): Moments => ({
  n,
  sum: sumY,
  sumSquares: sumYY,
  about: aboutY,
});

/** Of y − x. A spread below the rounding of the sums is none. */
export function momentsOfDifference({
  n,
  sumX,
  sumY,
  sumXX,
  sumYY,
  sumXY,
  aboutX = 0,
  aboutY = 0,
}: CoMoments): Moments {
  const sum = sumY - sumX;
  if (n === 0) return { n, sum: 0, sumSquares: 0 };
  const spread = centred(n, sum, sum, sumXX + sumYY - 2 * sumXY, sumXX + sumYY);
  return { n, sum, sumSquares: Math.max(0, spread) + (sum / n) * sum, about: aboutY - aboutX };
}

/** Throws `request-invalid` unless these can be the moments of some values. */
export function requireMoments({ n, sum, sumSquares }: Moments): void {
  requireCounts([n], 'numbers of values');
  requireFinite([sum, sumSquares], 'sums');
  requireThat(sumSquares >= 0 && (n > 0 || (sum === 0 && sumSquares === 0)), 'sums and squares do not belong together');
  requireThat(sum * sum <= n * sumSquares * (1 + 1e-9), 'a sum of squares is too small for its sum');
}

/** Null of no values. */
export const mean = ({ n, sum, about = 0 }: Moments): number | null => (n === 0 ? null : about + sum / n);

/** Σ(x − mean)(y − mean). Differences below the rounding of double numbers in the sums count as 0. */
export function centred(n: number, sumX: number, sumY: number, sumXY: number, scale = Math.abs(sumXY)): number {
  const value = sumXY - (sumX / n) * sumY;
  return Math.abs(value) <= n * Number.EPSILON * scale ? 0 : value;
}

/**
 * With n − 1; null of fewer than two values. From sums, digits are lost where the mean is far larger than the spread: sum such a
 * column about a constant that both sides know.
 */
export function variance({ n, sum, sumSquares }: Moments): number | null {
  return n < 2 ? null : Math.max(0, centred(n, sum, sum, sumSquares)) / (n - 1);
}

/** The mean with Student's interval. */
export function meanEstimate(name: string, values: Moments, level: number): Estimate {
  const spread = variance(values);
  return wald(
    {
      name,
      at: mean(values),
      standardError: spread === null ? null : Math.sqrt(spread / values.n),
      df: values.n - 1,
      n: values.n,
      method: 'Student',
    },
    level,
  );
}

/** Mean, variance and standard deviation of one column. */
export function describeMoments(values: Moments, options: MethodOptions = {}): MethodResult {
  requireMoments(values);
  const level = levelOf(options);
  const spread = variance(values);
  const plain = (name: string, value: number | null): Estimate => ({
    name,
    value,
    scale: 'identity',
    standardError: null,
    interval: null,
    n: values.n,
    test: null,
  });
  return {
    method: 'mean and variance',
    n: values.n,
    estimates: [
      meanEstimate('mean', values, level),
      plain('variance', spread),
      plain('standard deviation', spread === null ? null : Math.sqrt(spread)),
    ],
    tests: [],
    notes: spreadNotes([['values', values]]),
  };
}

/** Says of which named columns no mean, or no variance, can be had. */
export function spreadNotes(columns: readonly (readonly [name: string, values: Moments])[]): Note[] {
  const few = columns.filter(([, { n }]) => n < 2).map(([name]) => name);
  const constant = columns.filter(([, values]) => variance(values) === 0).map(([name]) => name);
  const notes: Note[] = [];
  if (few.length > 0) notes.push({ code: 'empty', text: `fewer than two values: ${few.join(', ')}`, names: few });
  if (constant.length > 0) {
    notes.push({ code: 'no-variation', text: `all values are equal: ${constant.join(', ')}`, names: constant });
  }
  return notes;
}

/** Neumaier's sum: the error of each addition is carried along. A. Neumaier, ZAMM 54 (1974) 39. */
export function total(values: Iterable<number>): number {
  let sum = 0;
  let carry = 0;
  for (const value of values) {
    const next = sum + value;
    carry += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + carry;
}
