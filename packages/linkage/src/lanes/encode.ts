import { SymbolonError } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import type { Interval } from '@symbolon/sql';
import { type LocalTable, requireShape } from '../encode/table.ts';
import type { CompiledRule, Local } from '../rule/compile.ts';
import type { Encoding, Leaf } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import { editLeaf, encodeEdit } from './edit.ts';
import { encodeEqual, equalLeaf } from './equal.ts';
import { encodeInterval, intervalLeaf } from './interval.ts';
import { encodeLocal, localLeaf } from './local.ts';
import { encodePositions, positionsLeaf } from './positions.ts';
import type { LaneLeaf } from './program.ts';
import { lanePartsOf } from './program.ts';
import { encodeQgrams, qgramsLeaf } from './qgrams.ts';

/** What the rule's leaf is in lanes; `plan-range` where its numbers leave 64 bits. */
export function laneLeaf(rule: CompiledRule, leafIndex: number): LaneLeaf {
  const leaf = leafOf(rule, leafIndex);
  const { encoding } = leaf;
  switch (encoding.kind) {
    case 'local':
      return localLeaf(encoding);
    case 'equal':
      return equalLeaf(encoding);
    case 'linear':
    case 'quadratic':
      return intervalLeaf(encoding, rangesOf(rule, encoding));
    case 'positions':
      return positionsLeaf(encoding, baseOf(leaf, encoding));
    case 'qgrams':
      return qgramsLeaf(encoding);
    case 'edit':
      return editLeaf(encoding);
  }
}

/**
 * What a side contributes to a leaf, one array a part of `lanePartsOf`: row by row, words little-endian, bits in ⌈width/8⌉ bytes from the
 * lowest; empty for a part that is not from this side. Runs at: the owner.
 * Throws `data-out-of-range` with row and column for a value that the agreement's ranges exclude.
 */
export function encodeParts(
  rule: CompiledRule,
  leafIndex: number,
  side: Side,
  table: LocalTable,
  kernels: Kernels,
): Uint8Array[] {
  requireShape(rule, side, table);
  const made = ownParts(rule, leafOf(rule, leafIndex), side, table, kernels)[Symbol.iterator]();
  return lanePartsOf(laneLeaf(rule, leafIndex)).map(({ from }) =>
    from === 'both' || from === side ? made.next().value! : new Uint8Array(0),
  );
}

/** Of the parts that are from this side; more at the end where a leaf needs no bits for NULL. */
function ownParts(rule: CompiledRule, leaf: Leaf, side: Side, table: LocalTable, kernels: Kernels): Uint8Array[] {
  const { encoding } = leaf;
  const locals = rule.locals[side];
  const of = (operand: number): [Local, readonly unknown[]] => [locals[operand]!, table.columns[operand]!];
  switch (encoding.kind) {
    case 'local':
      return encoding[side] === undefined ? [] : [encodeLocal(encoding, side, table)];
    case 'equal': {
      const { codes, present } = encodeEqual(rule, encoding, side, table, kernels);
      return [codes, present];
    }
    case 'linear':
    case 'quadratic': {
      const { words, present } = encodeInterval(encoding, rangesOf(rule, encoding), side, ...of(encoding[side]));
      return [words, present];
    }
    case 'positions': {
      const base = baseOf(leaf, encoding);
      const { symbols, words, present } = encodePositions(encoding, base, side, ...of(encoding[side]));
      return [symbols, words, present];
    }
    case 'qgrams': {
      const { grams, words } = encodeQgrams(encoding, side, ...of(encoding[side]));
      return [grams, words];
    }
    case 'edit': {
      const { symbols, ends, present } = encodeEdit(encoding, side, ...of(encoding[side]));
      return side === 'b' && encoding.most > 0 ? [symbols, ends, present] : [symbols, present];
    }
  }
}

function leafOf(rule: CompiledRule, index: number): Leaf {
  const leaf = rule.leaves[index];
  if (leaf === undefined) throw new SymbolonError('plan-invalid', `the rule has no comparison ${index}`);
  return leaf;
}

function rangesOf(
  rule: CompiledRule,
  encoding: Encoding & { kind: 'linear' | 'quadratic' },
): Readonly<Record<Side, Interval>> {
  return { a: rule.locals.a[encoding.a]!.range!, b: rule.locals.b[encoding.b]!.range! };
}

/** What the score of two texts without an equal or an ended position is. */
function baseOf({ shape }: Leaf, { lift }: Encoding & { kind: 'positions' }): bigint {
  return lift > 0n ? lift - 1n : shape!.constant;
}
