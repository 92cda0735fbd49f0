import { requireCounts, requireFinite, requireSymmetric, requireThat } from './check.ts';
import { chiSquared } from './distributions.ts';
import type { MethodResult, Note } from './result.ts';
import { requireSurvivalTable, type SurvivalTable } from './survival-table.ts';
import { dot, sweep, type Tolerance, times } from './sweep.ts';

/** What opens of a log-rank test. */
export interface LogRankSummary {
  readonly groups: readonly string[];
  readonly n: number;
  /** By group: how many had the event. */
  readonly observed: readonly number[];
  /** By group: Σ d·n_g/n over the times, of d events among n at risk. */
  readonly expected: readonly number[];
  /** groups × groups: Σ d(n − d)/(n − 1) · n_g/n · (δ_gh − n_h/n), the hypergeometric covariance of the observed. */
  readonly covariance: readonly (readonly number[])[];
}

export interface LogRankResult extends MethodResult {
  /** Events by group, and those expected if all groups had the same hazard. */
  readonly groups: readonly { readonly group: string; readonly observed: number; readonly expected: number }[];
}

export interface LogRankOptions extends Tolerance {
  /** A group of which fewer events are expected was never at risk at one: 0 by default, more for fixed point. */
  readonly leastExpected?: number | undefined;
}

export function logRankSummary(table: SurvivalTable): LogRankSummary {
  requireSurvivalTable(table);
  const { groups, atRisk, events } = table;
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
      for (const [h, other] of shares.entries()) covariance[g]![h]! += spread * share * ((g === h ? 1 : 0) - other);
    }
  }
  const observed = events.map((row) => row.reduce((sum, count) => sum + count, 0));
  return { groups, n: atRisk.reduce((sum, row) => sum + row[0]!, 0), observed, expected, covariance };
}

/**
 * The log-rank test of two or more groups: N. Mantel, Cancer Chemother. Rep. 50 (1966) 163; R. Peto and J. Peto, J. Royal Stat. Soc. A
 * 135 (1972) 185, with the hypergeometric variance. As R's `survdiff`.
 */
export function logRank(table: SurvivalTable): LogRankResult {
  return logRankTest(logRankSummary(table));
}

/** {@link logRank} of what opened. */
export function logRankTest(summary: LogRankSummary, options: LogRankOptions = {}): LogRankResult {
  const { groups, n, observed, expected, covariance } = summary;
  requireCounts([n, ...observed], 'numbers of patients and of events');
  requireThat(observed.length === groups.length && expected.length === groups.length, 'one sum for each group');
  requireFinite(expected, 'expected events');
  requireSymmetric(covariance, groups.length, 'the covariance');
  const result = {
    method: 'log-rank test',
    n,
    estimates: [],
    groups: groups.map((group, g) => ({ group, observed: observed[g]!, expected: expected[g]! })),
  };
  // The excesses sum to 0: one group follows from the others. A group that was never at risk at an event says nothing.
  const informative = groups.flatMap((_, g) => (expected[g]! > (options.leastExpected ?? 0) ? [g] : []));
  const silent = groups.filter((_, g) => !informative.includes(g));
  const notes: Note[] = [];
  if (silent.length > 0) {
    notes.push({ code: 'empty', text: `never at risk at an event: ${silent.join(', ')}`, names: silent });
  }
  const compared = informative.slice(1);
  const block = compared.map((g) => compared.map((h) => covariance[g]![h]!));
  const { inverse, dependent } = sweep(block, block.length, options);
  if (compared.length === 0 || dependent.length > 0) {
    notes.push({ code: 'no-variation', text: 'the groups were never at risk together: they cannot be compared' });
    return { ...result, tests: [], notes };
  }
  const u = compared.map((g) => observed[g]! - expected[g]!);
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
