import { mostPartners } from '@symbolon/linkage';
import type { LinkTerms } from '../link-options.ts';
import type { ClearRun } from './clear.ts';
import { type Comparison, compare } from './compare.ts';
import type { PairSet } from './pairs.ts';

/** What a link told both parties together: pairs; where one alone learns, its own rows, one a match; or how many. */
export type Opened =
  | { readonly kind: 'pairs'; readonly pairs: PairSet }
  | { readonly kind: 'rows'; readonly side: 0 | 1; readonly rows: readonly number[] }
  | { readonly kind: 'count'; readonly count: number };

/** How many matches opened. */
export function matchesIn(opened: Opened): number {
  if (opened.kind === 'pairs') return opened.pairs.size;
  return opened.kind === 'rows' ? opened.rows.length : opened.count;
}

/** Holds what opened against the clear run, as far as it says: of rows and of a number nobody can say which pairs the cap cut. */
export function compareOpened(opened: Opened, clear: ClearRun, terms: LinkTerms): Comparison {
  switch (opened.kind) {
    case 'pairs':
      return compare(opened.pairs, clear, terms);
    case 'rows':
      return { equalsClear: areRows(opened, clear, terms), cutPairs: null };
    case 'count': {
      const [least, most] = countsOf(clear, terms);
      return { equalsClear: least <= opened.count && opened.count <= most, cutPairs: null };
    }
  }
}

type Pair = readonly [left: number, right: number];

function areRows(
  { side, rows }: Opened & { kind: 'rows' },
  { pairs, mayBeCut }: ClearRun,
  { cardinality = 'many-to-many', blocking }: LinkTerms,
): boolean {
  const found = new Set(rows);
  const partners = byRow(pairs.pairs, side);
  if ([...found].some((row) => !partners.has(row))) return false;
  const single = cardinality === 'one-to-one' || (cardinality === 'many-to-one' && side === 0);
  if (single && found.size < rows.length) return false;
  // Others may have been picked instead.
  if (cardinality === 'one-to-one' || (cardinality === 'many-to-one' && side === 1)) return true;
  const most = blocking === undefined ? Number.POSITIVE_INFINITY : mostPartners;
  const ofLeft = byRow(pairs.pairs, 0);
  const isSure = (pair: Pair): boolean =>
    !mayBeCut(...pair) && (cardinality === 'many-to-one' || side === 0 || ofLeft.get(pair[0])!.length <= most);
  return [...partners].every(([row, of]) => found.has(row) || !of.some(isSure));
}

/** The least and the most matches that count: which is picked is random, and a pair that the cap may cut may count or not. */
function countsOf(
  { pairs: { pairs }, mayBeCut }: ClearRun,
  { cardinality = 'many-to-many', blocking }: LinkTerms,
): readonly [least: number, most: number] {
  const sure = pairs.filter((pair) => !mayBeCut(...pair));
  if (cardinality === 'one-to-one') {
    return [groups(pairs, sure), Math.min(byRow(pairs, 0).size, byRow(pairs, 1).size)];
  }
  const manyPartners = blocking === undefined ? Number.POSITIVE_INFINITY : mostPartners;
  const most = cardinality === 'many-to-one' ? 1 : manyPartners;
  const count = (of: readonly Pair[]): number =>
    [...byRow(of, 0).values()].reduce((sum, { length }) => sum + Math.min(most, length), 0);
  return [count(sure), count(pairs)];
}

/** Groups of rows that matches hold together: in each there is a pair of one-to-one, if some of its matches are sure. */
function groups(pairs: readonly Pair[], sure: readonly Pair[]): number {
  const above = new Map<string, string>();
  const top = (row: string): string => {
    let at = row;
    while (above.has(at)) at = above.get(at)!;
    if (at !== row) above.set(row, at);
    return at;
  };
  for (const [left, right] of pairs) {
    const [x, y] = [top(`a${left}`), top(`b${right}`)];
    if (x !== y) above.set(x, y);
  }
  return new Set(sure.map(([left]) => top(`a${left}`))).size;
}

function byRow(pairs: readonly Pair[], side: 0 | 1): Map<number, Pair[]> {
  const rows = new Map<number, Pair[]>();
  for (const pair of pairs) {
    const known = rows.get(pair[side]);
    if (known === undefined) rows.set(pair[side], [pair]);
    else known.push(pair);
  }
  return rows;
}
