import { SymbolonError } from '@symbolon/crypto';
import type { CompiledRule } from '../rule/compile.ts';
import { shapeOf } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import { writeEqual } from './equal.ts';
import { writeInterval } from './interval.ts';
import { writeLocal } from './local.ts';
import { writePositions } from './positions.ts';
import { writeQgrams } from './qgrams.ts';
import { eachSymbol, outside } from './symbols.ts';
import { type LocalTable, requireShape } from './table.ts';

/** Little-endian words of a leaf's ring, rows × inner. */
export type Words = Int16Array | Int32Array | BigInt64Array;

/**
 * One side's vectors for a leaf, as bytes: words of the leaf's ring, little-endian, row by row. Runs at: the owner.
 * Throws `plan-invalid` for a leaf without bilinear form, `data-out-of-range` with row and column for a value that the agreement's ranges exclude.
 */
export function encodeLeaf(rule: CompiledRule, leafIndex: number, side: Side, table: LocalTable): Uint8Array {
  requireShape(rule, side, table);
  const leaf = rule.leaves[leafIndex];
  if (leaf === undefined) throw new SymbolonError('plan-invalid', `the rule has no comparison ${leafIndex}`);
  const { inner, ring } = shapeOf(leaf);
  const size = table.rows * inner;
  const words: Words =
    ring === 16 ? new Int16Array(size) : ring === 32 ? new Int32Array(size) : new BigInt64Array(size);
  const locals = rule.locals[side];
  const { encoding } = leaf;
  switch (encoding.kind) {
    case 'local':
      writeLocal(words, encoding[side], table);
      break;
    case 'equal':
      writeEqual(words, inner, encoding, side, locals, table);
      break;
    case 'positions':
      writePositions(words, inner, encoding, side, locals[encoding[side]]!, table.columns[encoding[side]]!);
      break;
    case 'qgrams':
      writeQgrams(words, inner, encoding, side, locals[encoding[side]]!, table.columns[encoding[side]]!);
      break;
    case 'linear':
    case 'quadratic':
      writeInterval(words, encoding, side, locals[encoding[side]]!, table.columns[encoding[side]]!);
      break;
    case 'edit':
      throw new TypeError('an edit distance has no vectors');
  }
  return new Uint8Array(words.buffer);
}

/** How many characters of each local that is compared by characters lie outside its alphabet, and so never agree with anything. Runs at: the owner. */
export function outsideAlphabet(
  rule: CompiledRule,
  side: Side,
  table: LocalTable,
): { name: string; columns: readonly string[]; characters: number }[] {
  requireShape(rule, side, table);
  return rule.locals[side].flatMap((local, i) => {
    if (local.alphabet === undefined) return [];
    let characters = 0;
    const count = (_row: number, _position: number, symbol: number): void => {
      if (symbol === outside) characters++;
    };
    eachSymbol(local, table.columns[i]!, count, () => undefined);
    return [{ name: local.name, columns: local.columns, characters }];
  });
}

/** The setter for numbers of a ring. */
export function setter(words: Words): (at: number, value: bigint) => void {
  if (words instanceof BigInt64Array) {
    return (at, value) => {
      words[at] = value;
    };
  }
  return (at, value) => {
    words[at] = Number(value);
  };
}
