import { fault } from '@symbolon/crypto';
import { binomialTerm, incompleteBeta, incompleteGamma } from './special.ts';

/** A continuous distribution. Both tails are exact to about 1e-13 relative, far out too. */
export interface Distribution {
  /** P(X ≤ x) */
  below(x: number): number;
  /** P(X > x) */
  above(x: number): number;
  /** The x with P(X ≤ x) = p; 0 ≤ p ≤ 1. */
  quantile(p: number): number;
}

/** Abramowitz and Stegun 26.2, by the incomplete gamma function: P(|X| > x) = Q(½, x²/2). */
export const normal: Distribution = symmetric((x) => incompleteGamma(0.5, (x * x) / 2).upper / 2);

/** Student's t: Abramowitz and Stegun 26.7.1. */
export function studentT(df: number): Distribution {
  requirePositive(df, 'degrees of freedom');
  return symmetric((x) => {
    const square = x * x;
    if (square === Infinity) return 0;
    return incompleteBeta(df / (df + square), square / (df + square), df / 2, 0.5) / 2;
  });
}

/** Abramowitz and Stegun 26.4.19. */
export function chiSquared(df: number): Distribution {
  requirePositive(df, 'degrees of freedom');
  return positive(
    (x) => incompleteGamma(df / 2, x / 2).lower,
    (x) => incompleteGamma(df / 2, x / 2).upper,
  );
}

/** Fisher's F with `df1` over `df2` degrees of freedom: Abramowitz and Stegun 26.6.2. */
export function fisherF(df1: number, df2: number): Distribution {
  requirePositive(df1, 'degrees of freedom');
  requirePositive(df2, 'degrees of freedom');
  const left = (x: number): number => (x === Infinity ? 1 : (df1 * x) / (df1 * x + df2));
  const right = (x: number): number => (x === Infinity ? 0 : df2 / (df1 * x + df2));
  return positive(
    (x) => incompleteBeta(left(x), right(x), df1 / 2, df2 / 2),
    (x) => incompleteBeta(right(x), left(x), df2 / 2, df1 / 2),
  );
}

/** P(X ≤ k) of the binomial distribution with n draws of probability p: Abramowitz and Stegun 26.5.24. */
export function binomialBelow(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : incompleteBeta(1 - p, p, n - k, k + 1);
}

/** Chances of `low`, `low` + 1, … successes. */
export interface DiscreteDistribution {
  readonly low: number;
  readonly probabilities: readonly number[];
}

/**
 * How many successes `draws` draws without replacement bring, as a ratio of binomial terms (Loader 2000, §5).
 * Work and memory: one number for each possible outcome.
 */
export function hypergeometric(successes: number, failures: number, draws: number): DiscreteDistribution {
  const all = successes + failures;
  if (![successes, failures, draws].every((count) => Number.isSafeInteger(count) && count >= 0) || draws > all) {
    throw fault('request-invalid', 'a hypergeometric distribution needs counts, and no more draws than things to draw');
  }
  const low = Math.max(0, draws - failures);
  const high = Math.min(draws, successes);
  const p = all === 0 ? 0 : draws / all;
  const q = all === 0 ? 1 : (all - draws) / all;
  const whole = binomialTerm(draws, all, p, q);
  const probabilities = Array.from({ length: high - low + 1 }, (_, i) => {
    const k = low + i;
    return (binomialTerm(k, successes, p, q) * binomialTerm(draws - k, failures, p, q)) / whole;
  });
  return { low, probabilities };
}

/** The x > 0 with f(x) = target, for an f that does not fall: bisection of ln x, to the last digits. Past the range of numbers: 0 or ∞. */
export function solveIncreasing(f: (x: number) => number, target: number): number {
  let low = -1;
  let high = 1;
  while (f(Math.exp(low)) > target) {
    low *= 2;
    if (low < -745) return 0;
  }
  while (f(Math.exp(high)) < target) {
    high *= 2;
    if (high > 709) return Infinity;
  }
  for (;;) {
    const middle = (low + high) / 2;
    if (high - low < 1e-15 || middle <= low || middle >= high) return Math.exp(middle);
    if (f(Math.exp(middle)) < target) low = middle;
    else high = middle;
  }
}

/** Of a distribution symmetric about 0. @param tail P(X > x) for x ≥ 0 */
function symmetric(tail: (x: number) => number): Distribution {
  const above = (x: number): number => (x < 0 ? 1 - tail(-x) : tail(x));
  const beyond = (p: number): number => solveIncreasing((x) => -tail(x), -p);
  return {
    above,
    below: (x) => above(-x),
    quantile(p) {
      requireProbability(p);
      if (p === 0.5) return 0;
      if (p === 0) return -Infinity;
      if (p === 1) return Infinity;
      return p < 0.5 ? -beyond(p) : beyond(1 - p);
    },
  };
}

/** Of a distribution on x ≥ 0, whose two tails are given for such x. */
function positive(below: (x: number) => number, above: (x: number) => number): Distribution {
  return {
    below: (x) => (x <= 0 ? 0 : below(x)),
    above: (x) => (x <= 0 ? 1 : above(x)),
    quantile(p) {
      requireProbability(p);
      if (p === 0) return 0;
      if (p === 1) return Infinity;
      return p < 0.5 ? solveIncreasing(below, p) : solveIncreasing((x) => -above(x), p - 1);
    },
  };
}

function requireProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw fault('request-invalid', 'a probability lies between 0 and 1');
}

function requirePositive(value: number, what: string): void {
  if (!(value > 0 && value < Infinity)) throw fault('request-invalid', `${what} must be positive and finite`);
}
