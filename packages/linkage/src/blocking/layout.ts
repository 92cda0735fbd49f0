import type { Kernels, Ptr } from '@symbolon/kernels';
import type { LanePart } from '../lanes/program.ts';

/** What a row holds at a field: a word, or bits in whole bytes, at a byte offset. */
export type Field =
  | { readonly kind: 'word'; readonly ring: 16 | 32 | 64; readonly at: number }
  | { readonly kind: 'bits'; readonly width: number; readonly at: number };

/** Rows of fixed length: words of 64 bits first, then of 32, of 16, then bits; padded to whole vectors of 16 bytes. */
export interface Layout {
  readonly rowBytes: number;
  /** How many words of 64, 32, 16 bits. */
  readonly words: readonly [w64: number, w32: number, w16: number];
  /** In the order of the parts. */
  readonly fields: readonly Field[];
}

/** What a part takes in a row, whoever it is from. */
export type PartShape =
  | Pick<LanePart & { kind: 'word' }, 'kind' | 'ring'>
  | Pick<LanePart & { kind: 'bits' }, 'kind' | 'width'>;

const rings = [64, 32, 16] as const;

export function layoutOf(parts: readonly PartShape[]): Layout {
  const bytes = (part: PartShape): number => (part.kind === 'word' ? part.ring / 8 : Math.ceil(part.width / 8));
  const rank = (part: PartShape): number => (part.kind === 'word' ? rings.indexOf(part.ring) : rings.length);
  // By place: one and the same part may stand in the list twice.
  const offsets: number[] = [];
  let at = 0;
  for (const i of [...parts.keys()].sort((x, y) => rank(parts[x]!) - rank(parts[y]!))) {
    offsets[i] = at;
    at += bytes(parts[i]!);
  }
  const count = (ring: number): number => parts.filter((part) => part.kind === 'word' && part.ring === ring).length;
  return {
    rowBytes: Math.ceil(at / 16) * 16,
    words: [count(64), count(32), count(16)],
    fields: parts.map((part, i) => ({ ...part, at: offsets[i]! })),
  };
}

/** Bits from one plane to the next in the wire of all planes of a part: whole vectors of the kernels. */
export function planeBits(lanes: number): number {
  return Math.ceil(lanes / 512) * 512;
}

/** Bytes of a field in a row. */
export function fieldBytes(field: Field): number {
  return field.kind === 'word' ? field.ring / 8 : Math.ceil(field.width / 8);
}

/** Puts a column, one value after the other, into its place in every row. */
export function writeColumn(rows: Uint8Array, rowBytes: number, field: Field, column: Uint8Array): void {
  const bytes = fieldBytes(field);
  const count = column.length / bytes;
  for (let i = 0, to = field.at, from = 0; i < count; i++, to += rowBytes) {
    for (let k = 0; k < bytes; k++) rows[to + k] = column[from++]!;
  }
}

/** The same with rows in the arena. */
export function placeColumn(kernels: Kernels, rows: Ptr, rowBytes: number, field: Field, column: Uint8Array): void {
  const { abi, arena } = kernels;
  const bytes = fieldBytes(field);
  const ptr = arena.alloc(column.length);
  arena.bytes(ptr, column.length).set(column);
  abi.copyRows(rows + field.at, rowBytes, ptr, bytes, bytes, column.length / bytes);
  arena.free(ptr);
}

/** A column out of its place in each of n rows. */
export function takeColumn(kernels: Kernels, rows: Ptr, rowBytes: number, field: Field, n: number): Uint8Array {
  const { abi, arena } = kernels;
  const bytes = fieldBytes(field);
  const ptr = arena.alloc(bytes * n);
  abi.copyRows(ptr, bytes, rows + field.at, rowBytes, bytes, n);
  const column = arena.bytes(ptr, bytes * n).slice();
  arena.free(ptr);
  return column;
}
