import { divide, type PlanBuilder, type Wire } from '@symbolon/engine';
import { logLoss } from './loss.ts';
import { difference, type GroupRows, runningSum } from './rows.ts';

/** Fraction bits of ln S, and of Greenwood's variance. */
export const LOG_FRACTION = 34;
export const VARIANCE_FRACTION = 44;
/** What ln S loses where no one is left: more than it can lose otherwise, which is ln of the number of patients. */
export const GONE = 64;

/** Curves of all groups, one group's times behind the other's. */
export interface Curves {
  /** ln S in units of 2^−LOG_FRACTION, below −GONE/2 where no one is left. */
  readonly logSurvival: Wire;
  /** Σ d/(n(n − d)), in units of 2^−VARIANCE_FRACTION. */
  readonly variance: Wire;
}

/**
 * Kaplan–Meier and Greenwood: ln S = Σ ln(1 − d/n), Var(ln S) = Σ d/(n(n − d)). Where d = n, S falls to 0: there the terms are left out and ln S
 * loses GONE. Terms of times without events are 0 exactly, so that what many divisions round off does not add up.
 */
export function survivalCurves(b: PlanBuilder, groups: readonly GroupRows[], most: bigint): Curves {
  const d = b.concat(groups.map(({ events }) => events));
  const n = b.concat(groups.map(({ atRisk }) => atRisk));
  const some = b.not(b.isZero(d));
  const end = b.and(some, b.isZero(difference(b, n, d, most)));
  const counted = difference(b, d, b.bitDot([end], [d]), most);

  const fraction = 40;
  const atRisk = { wire: b.linear([[1n, n]], 0n, [1n, most]), fraction: 0 };
  const hazard = divide(b, { wire: counted, fraction: 0 }, atRisk, { fraction, bound: 1n });
  const losses = b.bitDot([some], [logLoss(b, hazard.wire, 2n * most, LOG_FRACTION).wire]);

  const left = b.linear([[1n, difference(b, n, counted, most)]], 0n, [1n, most]);
  const pairs = { wire: b.multiply(n, left, [1n, most * most]), fraction: 0 };
  const terms = divide(b, { wire: counted, fraction: 0 }, pairs, { fraction: VARIANCE_FRACTION, bound: 1n });

  const steps = b.linear([
    [-1n, losses],
    [-BigInt(GONE) << BigInt(LOG_FRACTION), b.toRing(end, 64)],
  ]);
  const variances = b.bitDot([some], [terms.wire]);
  const times = b.type(groups[0]!.events).size;
  const [lost, varied] = [(2n * BigInt(GONE)) << BigInt(LOG_FRACTION), 2n << BigInt(VARIANCE_FRACTION)];
  return {
    logSurvival: runningSum(b, steps, times, [-lost, lost]),
    // 1/(n − d) − 1/n: the terms sum to 1 at most.
    variance: runningSum(b, variances, times, [-varied, varied]),
  };
}
