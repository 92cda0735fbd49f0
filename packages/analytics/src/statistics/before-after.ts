import { requireCoMoments } from './correlation.ts';
import { type CoMoments, meanEstimate, momentsOfDifference, momentsX, momentsY, spreadNotes } from './moments.ts';
import type { MethodResult } from './result.ts';
import { levelOf, type MethodOptions } from './wald.ts';

/**
 * Paired differences, after − before, with Student's interval and test: R's `t.test(paired = TRUE)`.
 * @param summary x before, y after; one pair a patient
 */
export function beforeAfter(summary: CoMoments, options: MethodOptions = {}): MethodResult {
  requireCoMoments(summary);
  const level = levelOf(options);
  const differences = momentsOfDifference(summary);
  const change = meanEstimate('after − before', differences, level);
  return {
    method: 'paired t-test',
    n: summary.n,
    estimates: [
      change,
      meanEstimate('before', momentsX(summary), level),
      meanEstimate('after', momentsY(summary), level),
    ],
    tests: change.test === null ? [] : [change.test],
    notes: spreadNotes([['differences', differences]]),
  };
}
