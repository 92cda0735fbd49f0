import { requireCounts, requireFinite, requireThat } from './check.ts';
import { binomialBelow } from './distributions.ts';
import type { MethodResult, Note } from './result.ts';
import { levelOf, type MethodOptions } from './wald.ts';

/** Ranks, from 1, of the sorted values that a quantile and its interval need. They follow from public numbers only. */
export interface QuantileRanks {
  /** The quantile lies between these two, `weight` of the way. */
  readonly below: number;
  readonly above: number;
  readonly weight: number;
  /** Ends of the interval; null where n is too small for the level. */
  readonly low: number | null;
  readonly high: number | null;
}

/** What opens: the values at the ranks. */
export interface QuantileSummary {
  readonly n: number;
  /** 0.5 for the median. */
  readonly p: number;
  readonly below: number;
  readonly above: number;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Type 7 of R. Hyndman and Y. Fan, The American Statistician 50 (1996) 361: R's default and DuckDB's QUANTILE_CONT. The interval is
 * free of distribution: order statistics at binomial ranks, each tail at most (1 − level)/2 (W. Conover, Practical Nonparametric
 * Statistics, §3.2), and never within the values that the quantile lies between.
 * @param n number of values, at least 1
 */
export function quantileRanks(n: number, p: number, options: MethodOptions = {}): QuantileRanks {
  requireCounts([n], 'numbers of values');
  requireThat(n > 0, 'a quantile needs a value');
  requireThat(p >= 0 && p <= 1, 'a quantile stands at a share between 0 and 1');
  const tail = (1 - levelOf(options)) / 2;
  const position = (n - 1) * p;
  const below = Math.floor(position) + 1;
  const above = Math.min(below + 1, n);
  // The r-th value lies above the quantile with P(B ≤ r − 1), below it with P(B ≥ r), B binomial (n, p).
  const low = firstRank(n, (rank) => binomialBelow(rank - 1, n, p) > tail) - 1;
  const high = firstRank(n, (rank) => 1 - binomialBelow(rank - 1, n, p) <= tail);
  return {
    below,
    above,
    weight: position - Math.floor(position),
    low: low >= 1 ? Math.min(low, below) : null,
    high: high <= n ? Math.max(high, above) : null,
  };
}

export function quantileSummary(values: readonly number[], p: number, options: MethodOptions = {}): QuantileSummary {
  requireFinite(values, 'values');
  const sorted = values.toSorted((a, b) => a - b);
  const ranks = quantileRanks(values.length, p, options);
  const at = (rank: number): number => sorted[rank - 1]!;
  return {
    n: values.length,
    p,
    below: at(ranks.below),
    above: at(ranks.above),
    low: ranks.low === null ? null : at(ranks.low),
    high: ranks.high === null ? null : at(ranks.high),
  };
}

/** The quantile with its interval. @param options the level must be the one the ranks were made for */
export function quantile(summary: QuantileSummary, options: MethodOptions = {}): MethodResult {
  const { n, p, below, above, low, high } = summary;
  const level = levelOf(options);
  const { weight } = quantileRanks(n, p, options);
  const values = [low ?? below, below, above, high ?? above];
  requireFinite(values, 'values at the ranks');
  requireThat(
    values.every((value, i) => i === 0 || value >= values[i - 1]!),
    'values at ascending ranks must ascend',
  );
  const open: Note = { code: 'empty', text: 'too few values for an interval of this level on both sides' };
  return {
    method: 'quantile (type 7)',
    n,
    estimates: [
      {
        name: p === 0.5 ? 'median' : `quantile ${p}`,
        value: below + weight * (above - below),
        scale: 'identity',
        standardError: null,
        interval: low === null && high === null ? null : { low, high, level, method: 'order statistics' },
        n,
        test: null,
      },
    ],
    tests: [],
    notes: low === null || high === null ? [open] : [],
  };
}

/** The first rank from 1 on at which the condition holds, or n + 1. Once true, it must stay true. */
function firstRank(n: number, condition: (rank: number) => boolean): number {
  let low = 1;
  let high = n + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (condition(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
