import { aggregateValue, type BoundStudy, type Cell, complete, withheld } from '@symbolon/analytics';
import type { Linear, Translated } from './translate.ts';

/**
 * The cells of a study, from the totals of its circuit: release rules first, so that what is withheld is in no number that is shown.
 * Runs at: the owner. @param totals of the circuit's outputs @returns for `afterSql` and `totals` of analytics
 */
export function answer(bound: BoundStudy, { cells }: Pick<Translated, 'cells'>, totals: readonly number[]): Cell[] {
  const value = ({ terms }: Linear): bigint =>
    terms.reduce((sum, [coefficient, output]) => sum + coefficient * BigInt(totals[output]!), 0n);
  const all = cells.map(({ keys, supports, opened }): Cell => {
    const behind = supports.map((rows) => [Number(value(rows))]);
    const suppressed = withheld(bound, (support) => behind[support]!);
    const values = bound.aggregates.map((aggregate, i) => {
      if (suppressed[i]) return null;
      return aggregateValue(
        aggregate,
        aggregate.opened.map((number) => value(opened[number]!)),
      );
    });
    return { keys, values, suppressed };
  });
  return complete(bound, all);
}
