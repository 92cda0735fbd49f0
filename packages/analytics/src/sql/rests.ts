import { place } from './aggregates.ts';
import type { Opened, Rest, Support } from './bound.ts';
import type { Scope } from './scope.ts';

/** Most different supports behind the numbers of a study: each two of them have two rests. */
const mostSupports = 6;

/**
 * What two numbers of a cell that stand on different rows tell of more: the rows of one that are none of the other's; where both count patients, the
 * patients too. For each ordered pair of supports of numbers, but where the first has all conditions of the second.
 *
 * @returns the supports with those of the rests behind them
 * @throws SymbolonError `study-unsupported` where the numbers stand on too many sets of rows
 */
export function withRests(
  supports: readonly Support[],
  opened: readonly Opened[],
  scope: Scope,
): { supports: Support[]; rests: Rest[] } {
  const used = [...new Set(opened.map(({ support }) => support))];
  if (used.length > mostSupports)
    throw scope.refuse(
      undefined,
      `its numbers are of ${used.length} different sets of rows in each cell, and ${mostSupports} are the most; write GROUP BY instead of FILTER, and WHERE x IS NOT NULL for columns with missing values`,
    );
  const made: Support[] = [];
  const countPatients = (support: number): boolean =>
    scope.tables[0]!.table.onePerPatient !== true &&
    opened.some((number) => number.kind === 'patients' && number.support === support);
  const rests = used.flatMap((of) =>
    used.flatMap((without): Rest[] => {
      const [own, other] = [supports[of]!, supports[without]!];
      const more = beyond(own, other);
      if (more.filters.length + more.present.length === 0) return [];
      const rows = { filters: [...own.filters, isOutside(more, scope)], present: own.present };
      // Of several rows a patient, those who have rows in one support and none in the other may be fewer.
      const patients =
        countPatients(of) && countPatients(without) ? [{ ...either(own, other, scope), less: without }] : [];
      return [rows, ...patients].map((rest) => ({ support: supports.length + place(made, rest), of, without }));
    }),
  );
  return { supports: [...supports, ...made], rests };
}

/** The conditions of `other` that `own` has not. */
function beyond(own: Support, other: Support): Support {
  return {
    filters: other.filters.filter((at) => !own.filters.includes(at)),
    present: other.present.filter((at) => !own.present.includes(at)),
  };
}

/** Rows of one or of both. */
function either(own: Support, other: Support, scope: Scope): Support {
  const { filters, present } = beyond(other, own);
  if (filters.length + present.length === 0) return own;
  const outside = [own, other].map((each) => isOutside(each, scope));
  const both = `(${outside.map((at) => scope.nodes.all[at]!.sql).join(' AND ')})`;
  return { filters: [scope.nodes.not(`(NOT ${both})`, scope.nodes.connect('and', both, outside))], present: [] };
}

/** The node of "not in this support"; never NULL. */
function isOutside({ filters, present }: Support, { nodes }: Scope): number {
  const isNull = (at: number): number => nodes.isNull(`(${nodes.all[at]!.sql} IS NULL)`, at);
  const isUntrue = (at: number): number => {
    const { sql, nullable } = nodes.all[at]!;
    const not = nodes.not(`(NOT ${sql})`, at);
    if (!nullable) return not;
    const type = { kind: 'boolean' } as const;
    return nodes.add({ op: 'or', sql: `(${sql} IS NOT TRUE)`, type, nullable: false, of: [isNull(at), not] });
  };
  const parts = [...filters.map(isUntrue), ...present.map(isNull)];
  return nodes.connect('or', `(${parts.map((at) => nodes.all[at]!.sql).join(' OR ')})`, parts);
}
