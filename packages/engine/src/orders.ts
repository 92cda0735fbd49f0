import { SymbolonError } from '@symbolon/crypto';
import type { Arena, Kernels } from '@symbolon/kernels';
import type { Ptr } from './algebra.ts';
import type { Cursor } from './masks.ts';
import { allocate } from './memory.ts';
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
export function drawOrder(kernels: Kernels, order: Ptr, size: number, stream: Cursor): void {
  const { abi, arena } = kernels;
  const indices = arena.u32(order, size);
  for (let i = 0; i < size; i++) indices[i] = i;
  const length = Math.min(size, DRAWN);
  const random = allocate(kernels, 4 * length);
  for (let last = size - 1; last > 0; ) {
    stream.next(arena.bytes(random, 4 * length));
    last = abi.exchangeRows(order, last, random, length);
  }
  arena.free(random);
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
export function gather({ abi, arena }: Kernels, type: WireType, out: Ptr, x: Ptr, order: Ptr, rows: number): void {
  const bits = rowBits(type, rows);
  if (bits === 1) gatherBits(arena, out, x, arena.u32(order, rows));
  else if (bits === 64) abi.gather64(out, x, order, rows);
  else if (bits === 32) abi.gather32(out, x, order, rows);
  else if (bits === 16) abi.gather16(out, x, order, rows);
  else if (bits === 8) abi.gather8(out, x, order, rows);
  else {
    const [to, from] = [arena.bytes(out, (rows * bits) / 8), arena.bytes(x, (rows * bits) / 8)];
    gatherRows(to, from, arena.u32(order, rows), bits / 8);
  }
}

function gatherRows(to: Uint8Array, from: Uint8Array, indices: Uint32Array, length: number): void {
  for (let i = 0, at = 0; i < indices.length; i++) {
    for (let k = 0, row = indices[i]! * length; k < length; k++) to[at++] = from[row + k]!;
  }
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
