import { requireFinite, requireThat } from './check.ts';
import { studentT } from './distributions.ts';
import { type CoMoments, centred, momentsX, momentsY, requireMoments, spreadNotes } from './moments.ts';
import type { Estimate, MethodResult, TestResult } from './result.ts';
import { criticalValue, levelOf, type MethodOptions } from './wald.ts';

/**
 * Pearson's correlation. Interval: R. A. Fisher's z = artanh r with error 1/√(n − 3) (Metron 1, 1921). Test: t with n − 2 degrees of
 * freedom. As R's `cor.test`. Null where a column does not vary; no interval below n = 4.
 */
export function correlation(summary: CoMoments, options: MethodOptions = {}): MethodResult {
  requireCoMoments(summary);
  const level = levelOf(options);
  const { n } = summary;
  const r = pearson(summary);
  const test = r === null || n < 3 || Math.abs(r) === 1 ? null : testOf(r, n);
  const reach = criticalValue(level) / Math.sqrt(n - 3);
  const estimate: Estimate = {
    name: 'correlation',
    value: r,
    scale: 'identity',
    standardError: test === null ? null : Math.sqrt((1 - r! * r!) / (n - 2)),
    interval:
      test === null || n < 4
        ? null
        : {
            low: Math.tanh(Math.atanh(r!) - reach),
            high: Math.tanh(Math.atanh(r!) + reach),
            level,
            method: 'Fisher z',
          },
    n,
    test,
  };
  return {
    method: 'Pearson correlation',
    n,
    estimates: [estimate],
    tests: test === null ? [] : [test],
    notes: spreadNotes([
      ['x', momentsX(summary)],
      ['y', momentsY(summary)],
    ]),
  };
}

/** Throws `request-invalid` unless these can be the moments of two columns. */
export function requireCoMoments(summary: CoMoments): void {
  requireMoments(momentsX(summary));
  requireMoments(momentsY(summary));
  requireFinite([summary.sumXY], 'sums');
  requireThat(
    summary.sumXY ** 2 <= summary.sumXX * summary.sumYY * (1 + 1e-9),
    'a sum of products is too large for its sums of squares',
  );
}

function pearson({ n, sumX, sumY, sumXX, sumYY, sumXY }: CoMoments): number | null {
  if (n < 2) return null;
  const spread = Math.sqrt(centred(n, sumX, sumX, sumXX)) * Math.sqrt(centred(n, sumY, sumY, sumYY));
  if (!(spread > 0)) return null;
  const r = centred(n, sumX, sumY, sumXY, Math.sqrt(sumXX * sumYY)) / spread;
  return 1 - Math.abs(r) < 1e-14 ? Math.sign(r) : r;
}

function testOf(r: number, n: number): TestResult {
  const t = r * Math.sqrt((n - 2) / (1 - r * r));
  return {
    method: 'Pearson correlation',
    statistic: { name: 't', value: t },
    df: [n - 2],
    p: 2 * studentT(n - 2).above(Math.abs(t)),
  };
}
