import { chiSquared } from './distributions.ts';
import type { MethodResult, Note } from './result.ts';
import { requireSurvivalTable, type SurvivalTable } from './survival-table.ts';
import { dot, sweep, times } from './sweep.ts';

export interface LogRankResult extends MethodResult {
  /** Events by group, and those expected if all groups had the same hazard. */
  readonly groups: readonly { readonly group: string; readonly observed: number; readonly expected: number }[];
}

/**
 * The log-rank test of two or more groups: N. Mantel, Cancer Chemother. Rep. 50 (1966) 163; R. Peto and J. Peto, J. Royal Stat. Soc. A
 * 135 (1972) 185, with the hypergeometric variance. As R's `survdiff`.
 */
export function logRank(table: SurvivalTable): LogRankResult {
  requireSurvivalTable(table);
  const { groups, atRisk, events } = table;
  const excess = groups.map(() => 0);
  const expected = groups.map(() => 0);
  const covariance = groups.map(() => groups.map(() => 0));
  for (const i of table.times.keys()) {
    const n = atRisk.reduce((sum, row) => sum + row[i]!, 0);
    const d = events.reduce((sum, row) => sum + row[i]!, 0);
    if (d === 0) continue;
    const shares = atRisk.map((row) => row[i]! / n);
    const spread = n === 1 ? 0 : (d * (n - d)) / (n - 1);
    for (const [g, share] of shares.entries()) {
      expected[g]! += d * share;
      excess[g]! += events[g]![i]! - d * share;
      for (const [h, other] of shares.entries()) covariance[g]![h]! += spread * share * ((g === h ? 1 : 0) - other);
    }
  }

  const result = {
    method: 'log-rank test',
    n: atRisk.reduce((sum, row) => sum + row[0]!, 0),
    estimates: [],
    groups: groups.map((group, g) => ({
      group,
      observed: events[g]!.reduce((sum, count) => sum + count, 0),
      expected: expected[g]!,
    })),
  };
  // The excesses sum to 0: one group follows from the others. A group that was never at risk at an event says nothing.
  const informative = groups.flatMap((_, g) => (expected[g]! > 0 ? [g] : []));
  const silent = groups.filter((_, g) => !informative.includes(g));
  const notes: Note[] = [];
  if (silent.length > 0) {
    notes.push({ code: 'empty', text: `never at risk at an event: ${silent.join(', ')}`, names: silent });
  }
  const compared = informative.slice(1);
  const { inverse, dependent } = sweep(compared.map((g) => compared.map((h) => covariance[g]![h]!)));
  if (compared.length === 0 || dependent.length > 0) {
    notes.push({ code: 'no-variation', text: 'the groups were never at risk together: they cannot be compared' });
    return { ...result, tests: [], notes };
  }
  const u = compared.map((g) => excess[g]!);
  const value = dot(u, times(inverse, u));
  const df = compared.length;
  const test = {
    method: 'log-rank test',
    statistic: { name: 'χ²' as const, value },
    df: [df],
    p: chiSquared(df).above(value),
  };
  return { ...result, tests: [test], notes };
}
