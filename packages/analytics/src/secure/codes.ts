import { fault, hashLabelled, utf8 } from '@symbolon/crypto';
import { type BoundNode, keyValues } from '../sql/index.ts';
import { rangeOf } from './nodes.ts';
import type { Scalar } from './own.ts';

/*
 * Values of keys that are not known before. A code is a whole number, not 0, which is kept for lanes without a row: rows are sorted by it, and equal codes are
 * equal values. A text's is 64 bits of its hash; its bytes travel beside it, to be opened.
 */

/** Bytes of a text that groups are made by, at most. */
const textBytes = 32;
/** Bytes that no UTF-8 text has: behind a text, and for NULL. */
const [behind, missing] = [0xff, 0xfe];

export interface CodeShape {
  /** Bits of a code, and of the row that holds them as a sort key. */
  readonly width: number;
  readonly row: 8 | 16 | 32 | 64;
  /** Largest code; undefined for any 64 bits. */
  readonly most: bigint | undefined;
  /** Words beside it. */
  readonly texts: number;
}

export function codeShape({ type, nullable }: BoundNode): CodeShape {
  if (type.kind === 'text') return { width: 64, row: 64, most: undefined, texts: textBytes / 8 };
  const [lo, hi] = rangeOf(type);
  const most = hi - lo + (nullable ? 2n : 1n);
  const width = most.toString(2).length;
  return { width, row: ([8, 16, 32] as const).find((row) => width <= row) ?? 64, most, texts: 0 };
}

/** The code of each value of a node; as words do, modulo 2^64. */
export function coder({ type, nullable }: BoundNode): (value: Scalar) => bigint {
  if (type.kind === 'text') return textCode;
  const [lo, hi] = rangeOf(type);
  const none = hi - lo + 2n;
  return (value) => {
    if (value === null) return nullable ? none : 0n;
    return typeof value === 'boolean' ? (value ? 2n : 1n) : (value as bigint) - lo + 1n;
  };
}

function textCode(value: Scalar): bigint {
  const parts = value === null ? [] : [utf8(value as string)];
  const bytes = hashLabelled('symbolon study group', ...parts);
  return new DataView(bytes.buffer).getBigUint64(0, true) || 1n;
}

/** @throws SymbolonError `data-out-of-range` for a text that is too long */
export function textWords(value: Scalar, where: () => string): BigUint64Array {
  const bytes = new Uint8Array(textBytes).fill(value === null ? missing : behind);
  const text = value === null ? new Uint8Array() : utf8(value as string);
  if (text.length > textBytes)
    throw fault('data-out-of-range', `${where()} has more than ${textBytes} bytes, the most of a text to group by`);
  bytes.set(text);
  return new BigUint64Array(bytes.buffer);
}

/** What a key shows, of the words that opened: its code, or its text. */
export function shownKey(node: BoundNode, code: bigint, words: BigUint64Array): string | null {
  if (node.type.kind === 'text') return textOf(new Uint8Array(words.slice().buffer));
  const [lo] = rangeOf(node.type);
  if (node.nullable && code === codeShape(node).most) return null;
  const value = lo + code - 1n;
  if (!('range' in node.type)) {
    const known = keyValues({ node: 0, size: Number(codeShape(node).most) }, node)!;
    return known[Number(code) - 1]!;
  }
  // One value alone, printed as the cells of known keys are.
  const type = { ...node.type, range: [String(value), String(value)] as const };
  return keyValues({ node: 0, size: 1 }, { ...node, nullable: false, type })![0]!;
}

function textOf(bytes: Uint8Array): string | null {
  if (bytes[0] === missing) return null;
  const end = bytes.indexOf(behind);
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
    bytes.subarray(0, end < 0 ? bytes.length : end),
  );
}
