import { SymbolonError } from '@symbolon/crypto';
import type { Arena } from '@symbolon/kernels';
import type { Ptr } from './algebra.ts';
import type { Cursor } from './masks.ts';
import type { WireType } from './plan/types.ts';

/*
 * Permutations of 0 … size − 1 as u32 indices in the arena: order π takes x to the vector whose element i is x[π[i]]. Linear time. What is read
 * depends on the order: secret ones are touched by those who know them, a party and the dealer; τ of `permute` and a sort's destinations are public.
 */

/** Random words drawn at once, at most. */
const DRAWN = 16_384;

/**
 * A uniform permutation (Fisher–Yates; Knuth, TAOCP 2, 3.4.2 P), from numbers below each bound by multiplication and rejection (Lemire, "Fast
 * Random Integer Generation in an Interval", ACM TOMACS 2019): the same wherever the stream is the same. Runs at: the party whose stream it is,
 * and the dealer.
 */
export function drawOrder(arena: Arena, order: Ptr, size: number, stream: Cursor): void {
  const indices = arena.u32(order, size);
  for (let i = 0; i < size; i++) indices[i] = i;
  const drawn = new Uint32Array(Math.min(size, DRAWN));
  let next = drawn.length;
  for (let i = size - 1; i > 0; i--) {
    const bound = i + 1;
    let number: number;
    let low: number;
    do {
      if (next === drawn.length) {
        stream.next(new Uint8Array(drawn.buffer));
        next = 0;
      }
      number = drawn[next++]!;
      low = Math.imul(number, bound) >>> 0;
    } while (low < bound && low < 2 ** 32 % bound);
    const other = highWord(number, bound);
    const moved = indices[i]!;
    indices[i] = indices[other]!;
    indices[other] = moved;
  }
  drawn.fill(0);
}

/** ⌊xy / 2^32⌋ of two u32, by halves of y: every step is exact below 2^53. */
function highWord(x: number, y: number): number {
  return Math.floor((x * (y >>> 16) + Math.floor((x * (y & 0xffff)) / 0x10000)) / 0x10000);
}

/** out[order[i]] = i */
export function invertOrder(arena: Arena, out: Ptr, order: Ptr, size: number): void {
  const [from, to] = [arena.u32(order, size), arena.u32(out, size)];
  for (let i = 0; i < size; i++) to[from[i]!] = i;
}

/** Whether each of 0 … size − 1 is there once; in size / 8 bytes of memory. */
export function isOrder(arena: Arena, order: Ptr, size: number): boolean {
  const indices = arena.u32(order, size);
  const seen = new Uint8Array(Math.ceil(size / 8));
  for (let i = 0; i < size; i++) {
    const at = indices[i]!;
    const bit = 1 << (at & 7);
    if (at >= size || seen[at >>> 3]! & bit) return false;
    seen[at >>> 3]! |= bit;
  }
  return true;
}

/**
 * Copies p0's order from its inputs, u32 little-endian, to `order`.
 * @throws SymbolonError `plan-invalid`, naming the input, not its content
 */
export function setOrder(arena: Arena, order: Ptr, size: number, name: string, given: Uint8Array | undefined): void {
  if (given?.length === 4 * size) {
    arena.bytes(order, given.length).set(given);
    if (isOrder(arena, order, size)) return;
  }
  throw new SymbolonError('plan-invalid', `input '${name}' is not the order of ${size} elements`);
}

/** Bits of a row where a wire has so many rows: 1, or whole bytes. */
export function rowBits(type: WireType, rows: number): number {
  return (type.size * (type.kind === 'bits' ? 1 : type.bits)) / rows;
}

/** Row i of `out` is row order[i] of x, which has `rows` rows. */
export function gather(arena: Arena, type: WireType, out: Ptr, x: Ptr, order: Ptr, rows: number): void {
  const indices = arena.u32(order, rows);
  const bits = rowBits(type, rows);
  if (bits === 1) gatherBits(arena, out, x, indices);
  else if (bits === 64) gatherLongs(arena.u64(out, rows), arena.u64(x, rows), indices);
  else if (bits === 32) gatherWords(arena.u32(out, rows), arena.u32(x, rows), indices);
  else if (bits === 16) gatherWords(arena.u16(out, rows), arena.u16(x, rows), indices);
  else if (bits === 8) gatherWords(arena.bytes(out, rows), arena.bytes(x, rows), indices);
  else gatherRows(arena.bytes(out, (rows * bits) / 8), arena.bytes(x, (rows * bits) / 8), indices, bits / 8);
}

type Words = Uint8Array | Uint16Array | Uint32Array;

function gatherWords(to: Words, from: Words, indices: Uint32Array): void {
  for (let i = 0; i < indices.length; i++) to[i] = from[indices[i]!]!;
}

function gatherRows(to: Uint8Array, from: Uint8Array, indices: Uint32Array, length: number): void {
  for (let i = 0, at = 0; i < indices.length; i++) {
    for (let k = 0, row = indices[i]! * length; k < length; k++) to[at++] = from[row + k]!;
  }
}

function gatherLongs(to: BigUint64Array, from: BigUint64Array, indices: Uint32Array): void {
  for (let i = 0; i < indices.length; i++) to[i] = from[indices[i]!]!;
}

function gatherBits(arena: Arena, out: Ptr, x: Ptr, indices: Uint32Array): void {
  const length = Math.ceil(indices.length / 8);
  const [from, to] = [arena.bytes(x, length), arena.bytes(out, length)];
  for (let byte = 0, i = 0; byte < length; byte++) {
    let value = 0;
    for (let bit = 0; bit < 8 && i < indices.length; bit++, i++) {
      const at = indices[i]!;
      value |= ((from[at >>> 3]! >> (at & 7)) & 1) << bit;
    }
    to[byte] = value;
  }
}
