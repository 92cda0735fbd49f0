import { mostPartners } from '@symbolon/linkage';
import type { LinkTerms } from '../link-options.ts';
import type { ClearRun } from './clear.ts';
import type { PairSet } from './pairs.ts';

/** How a secure run stands to the clear one. */
export interface Comparison {
  /** Whether it found what the clear run allows, and all of it but for what the cap of the blocking keys cut. */
  readonly equalsClear: boolean;
  /** Pairs of the clear run that the cap lost; null where no pairs opened to both. */
  readonly cutPairs: number | null;
}

/**
 * Holds the pairs found against the clear run. Which of several partners is picked is random, so a pair may be missing where one of its rows
 * has another; and where every key that brings it together is larger than the cap.
 */
export function compare(
  found: PairSet,
  clear: ClearRun,
  { cardinality = 'many-to-many', blocking }: LinkTerms,
): Comparison {
  const partners = [count(found, 0), count(found, 1)] as const;
  const most = cardinality === 'many-to-many' ? (blocking === undefined ? Number.POSITIVE_INFINITY : mostPartners) : 1;
  let equalsClear = found.pairs.every(([left, right]) => clear.pairs.has(left, right));
  if (most === 1) equalsClear &&= [...partners[0].values()].every((number) => number === 1);
  if (cardinality === 'one-to-one') equalsClear &&= [...partners[1].values()].every((number) => number === 1);
  let cutPairs = 0;
  for (const [left, right] of clear.pairs.pairs) {
    if (found.has(left, right)) continue;
    if ((partners[0].get(left) ?? 0) >= most) continue;
    if (cardinality === 'one-to-one' && partners[1].has(right)) continue;
    if (clear.mayBeCut(left, right)) cutPairs++;
    else equalsClear = false;
  }
  return { equalsClear, cutPairs };
}

function count({ pairs }: PairSet, side: 0 | 1): Map<number, number> {
  const counts = new Map<number, number>();
  for (const pair of pairs) counts.set(pair[side], (counts.get(pair[side]) ?? 0) + 1);
  return counts;
}
