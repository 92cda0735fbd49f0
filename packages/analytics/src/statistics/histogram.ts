import { requireCounts, requireFinite, requireThat } from './check.ts';
import type { MethodResult, Note } from './result.ts';
import { levelOf, type MethodOptions, share } from './wald.ts';

/** What opens: one count for each bin, null where it was suppressed. */
export interface HistogramSummary {
  /** Ascending, one more than bins. Bin i holds edges[i] ≤ x < edges[i + 1]; the last one its upper edge too. */
  readonly edges: readonly number[];
  readonly counts: readonly (number | null)[];
}

/** Shares of the shown bins in all values shown. */
export interface HistogramResult extends MethodResult {
  readonly bins: readonly { readonly from: number; readonly to: number; readonly count: number | null }[];
}

/** Values outside the edges are not counted. */
export function histogramSummary(values: readonly number[], edges: readonly number[]): HistogramSummary {
  requireEdges(edges);
  requireFinite(values, 'values');
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (const value of values) {
    if (value < edges[0]! || value > edges.at(-1)!) continue;
    const above = edges.findIndex((edge) => edge > value);
    counts[above === -1 ? counts.length - 1 : above - 1]!++;
  }
  return { edges, counts };
}

/** Counts by bin, and of each shown bin its share with Wilson's interval. */
export function histogram({ edges, counts }: HistogramSummary, options: MethodOptions = {}): HistogramResult {
  requireEdges(edges);
  requireThat(counts.length === edges.length - 1, 'a histogram has one count for each bin');
  const shown = counts.filter((count) => count !== null);
  requireCounts(shown, 'bins');
  const level = levelOf(options);
  const n = shown.reduce((sum, count) => sum + count, 0);
  const bins = counts.map((count, i) => ({ from: edges[i]!, to: edges[i + 1]!, count }));
  const named = bins.map((bin, i) => ({
    ...bin,
    name: `${bin.from} to ${bin.to}${i < bins.length - 1 ? '' : ' incl.'}`,
  }));
  return {
    method: 'histogram',
    n,
    estimates: named.flatMap(({ name, count }) => (count === null ? [] : [share(name, count, n, level)])),
    tests: [],
    notes: suppressedNotes(named.filter(({ count }) => count === null).map(({ name }) => name)),
    bins,
  };
}

/** Says that shares are of what was shown. */
export function suppressedNotes(names: readonly string[]): Note[] {
  if (names.length === 0) return [];
  return [{ code: 'suppressed', text: `suppressed, and left out of every share: ${names.join(', ')}`, names }];
}

function requireEdges(edges: readonly number[]): void {
  requireFinite(edges, 'edges');
  requireThat(
    edges.length >= 2 && edges.every((edge, i) => i === 0 || edge > edges[i - 1]!),
    'a histogram needs two edges or more, in ascending order',
  );
}
