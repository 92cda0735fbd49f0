import { aggregateValue, type BoundStudy, type Cell, complete, type OwnCell, withheld } from '@symbolon/analytics';
import type { Linear, Translated } from './translate.ts';

/**
 * What the totals of a circuit give for each cell, before any release rule: what one of several owners puts into the session that adds theirs up.
 * Runs at: the owner. @param totals of the circuit's outputs @returns in the order of the cells' keys
 */
export function cellTotals({ cells }: Pick<Translated, 'cells'>, totals: readonly number[]): OwnCell[] {
  const value = ({ terms }: Linear): bigint =>
    terms.reduce((sum, [coefficient, output]) => sum + coefficient * BigInt(totals[output]!), 0n);
  return cells.map(({ supports, opened }) => ({
    numbers: opened.map(value),
    patients: supports.map((rows) => Number(value(rows))),
  }));
}

/**
 * The cells of a study, from the totals of its circuit: release rules first, so that what is withheld is in no number that is shown.
 * Runs at: the owner. @param totals of the circuit's outputs @returns for `afterSql` and `totals` of analytics
 */
export function answer(bound: BoundStudy, translated: Pick<Translated, 'cells'>, totals: readonly number[]): Cell[] {
  const all = cellTotals(translated, totals).map(({ numbers, patients }, cell): Cell => {
    const suppressed = withheld(bound, (support) => [patients[support]!]);
    const values = bound.aggregates.map((aggregate, i) => {
      if (suppressed[i]) return null;
      return aggregateValue(
        aggregate,
        aggregate.opened.map((number) => numbers[number]!),
      );
    });
    return { keys: translated.cells[cell]!.keys, values, suppressed };
  });
  return complete(bound, all);
}
