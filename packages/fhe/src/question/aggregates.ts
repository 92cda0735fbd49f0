import type { Bound, BoundStudy } from '@symbolon/analytics';
import { unfit } from './unfit.ts';

/**
 * The SELECT of aggregates that answers a question: itself, or what its method is reduced to, whose cells `finishMethod` turns into the method's result.
 * Throws `circuit` for a method that works on rows.
 */
export function aggregatesOf(bound: Bound): BoundStudy {
  if (bound.kind === 'study/1') return bound;
  if (bound.work.kind !== 'study') throw unfit(`${bound.method.name} needs more than sums`);
  return bound.work.study;
}
