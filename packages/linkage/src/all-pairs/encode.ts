import type { Kernels } from '@symbolon/kernels';
import { encodeLeaf } from '../encode/encode.ts';
import type { LocalTable } from '../encode/table.ts';
import { encodeParts } from '../lanes/encode.ts';
import type { CompiledRule } from '../rule/compile.ts';
import type { Side } from '../rule/value.ts';

/**
 * One side's records for a comparison of all pairs, row by row: one array of vectors, or one a part where pairs stand in lanes. Runs at: the owner.
 * Throws `data-out-of-range` with row and column for a value that the agreement's ranges exclude.
 */
export function encodePairs(
  rule: CompiledRule,
  leaf: number,
  side: Side,
  table: LocalTable,
  kernels: Kernels,
): Uint8Array[] {
  return rule.leaves[leaf]?.shape === undefined
    ? encodeParts(rule, leaf, side, table, kernels)
    : [encodeLeaf(rule, leaf, side, table)];
}
