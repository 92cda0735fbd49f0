import type { Ptr } from './abi.ts';
import type { Arena } from './arena.ts';

/** The i-th of the 16-byte elements at ptr, least significant byte first. */
export function element(arena: Arena, ptr: Ptr, i: number): bigint {
  const [low, high] = arena.u64(ptr + 16 * i, 2);
  return low! | (high! << 64n);
}

export function setElement(arena: Arena, ptr: Ptr, i: number, value: bigint): void {
  arena.u64(ptr + 16 * i, 2).set([BigInt.asUintN(64, value), value >> 64n]);
}
