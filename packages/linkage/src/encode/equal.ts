import { hashLabelled, utf8 } from '@symbolon/crypto';
import type { Local } from '../rule/compile.ts';
import type { Encoding } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import type { Words } from './encode.ts';
import { integerAt, type LocalTable, textAt } from './table.ts';

type Equal = Encoding & { kind: 'equal' };

/** One-hot digits; negated: −1 on side a, and the number of digits as a last coordinate. */
export function writeEqual(
  words: Words,
  inner: number,
  encoding: Equal,
  side: Side,
  locals: readonly Local[],
  table: LocalTable,
): void {
  if (words instanceof BigInt64Array) throw new TypeError('digits live in 16 bits');
  const { bases } = encoding.digits;
  const one = encoding.negated && side === 'a' ? -1 : 1;
  const last = side === 'a' ? bases.length : 1;
  for (let row = 0; row < table.rows; row++) {
    const digits = digitsOf(encoding, side, locals, table, row);
    if (digits === undefined) continue;
    let at = row * inner;
    for (let i = 0; i < bases.length; i++) {
      words[at + digits[i]!] = one;
      at += bases[i]!;
    }
    if (encoding.negated) words[at] = last;
  }
}

/** The digits of a row; undefined where a part is NULL. */
export function digitsOf(
  encoding: Equal,
  side: Side,
  locals: readonly Local[],
  table: LocalTable,
  row: number,
): number[] | undefined {
  const { digits } = encoding;
  if (digits.of === 'hash') {
    const hash = hashOf(encoding[side], locals, table, row);
    return hash && Array.from({ length: 16 }, (_, i) => (hash[i >> 1]! >> ((i & 1) * 4)) & 15);
  }
  const result: number[] = [];
  for (const [i, operand] of encoding[side].entries()) {
    const value = integerAt(locals[operand]!, table.columns[operand]!, row);
    if (value === undefined) return undefined;
    const { least, count } = digits.parts[i]!;
    for (let k = 0, rest = value - least; k < count; k++, rest >>= 4n) result.push(Number(rest & 15n));
  }
  return result;
}

/** A hash of all parts, each as text with its type; undefined where one is NULL. */
export function hashOf(
  operands: readonly number[],
  locals: readonly Local[],
  table: LocalTable,
  row: number,
): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (const operand of operands) {
    const local = locals[operand]!;
    const values = table.columns[operand]!;
    const value = local.as === 'text' ? textAt(local, values, row) : integerAt(local, values, row);
    if (value === undefined) return undefined;
    parts.push(utf8(`${local.as}:${value}`));
  }
  return hashLabelled('symbolon/link/equal/1', ...parts);
}
