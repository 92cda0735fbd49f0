import { type BlockSizes, Blocks, type KeyOnPairs } from '@symbolon/linkage';
import type { DuckDb } from '@symbolon/service';
import { keysOf, localTables } from '../agreements/blocking.ts';
import type { Table } from '../data/table.ts';
import type { Candidate } from './candidates.ts';
import type { PairTables } from './pairs.ts';

/** Caps whose cuts are counted. */
export const tunedCaps = [1, 2, 4, 8] as const;

/** A key, measured on the own table and on the pairs. */
export interface MeasuredKey extends BlockSizes, Omit<Candidate, 'agrees'> {
  /** Own records that each of {@link tunedCaps} leaves out. */
  readonly cut: readonly number[];
  readonly onPairs: KeyOnPairs;
}

/** Keys whose expressions are held at once: a few columns of a large table. */
const batch = 4;

/** Counts the blocks of each key on the own table, and looks up those of the pairs. Runs at: the owner. */
export async function measure(params: {
  candidates: readonly Candidate[];
  side: 'a' | 'b';
  table: Table;
  pairs: PairTables;
  duck: DuckDb;
}): Promise<MeasuredKey[]> {
  const { candidates, side, table, pairs, duck } = params;
  const measured: MeasuredKey[] = [];
  for (let at = 0; at < candidates.length; at += batch) {
    const some = candidates.slice(at, at + batch);
    const rules = some.map(({ rule }) => rule);
    const own = await localTables(table, side, rules, duck);
    const ofPairs = await localTables(pairs[side], side, rules, duck);
    for (const [i, { agrees, ...key }] of some.entries()) {
      const blocks = new Blocks(keysOf(key, side, own[i]!));
      const keys = keysOf(key, side, ofPairs[i]!);
      // A labelled record need not stand in the own table.
      const onPairs = Uint32Array.from(agrees, (agree, row) => agree * Math.max(1, blocks.sizeOf(keys, row)));
      measured.push({ ...key, ...blocks.sizes, cut: tunedCaps.map((cap) => blocks.cutBy(cap)), onPairs });
    }
  }
  return measured;
}
