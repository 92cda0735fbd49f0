import type { Ptr } from './abi.ts';
import type { FieldOps } from './abi-link.ts';
import type { Arena } from './arena.ts';
import { element, setElement } from './element.ts';

const MODULUS = (1n << 128n) | 0x87n;

export function fieldOps(arena: Arena): FieldOps {
  // The table begins with 0 · D, 1 · D.
  const timesFixed = (table: Ptr, x: Ptr, i: number) => multiply(element(arena, x, i), element(arena, table, 1));
  return {
    gfTable(table, d) {
      for (let byte = 0; byte < 16; byte++) {
        const power = multiply(element(arena, d, 0), 1n << BigInt(8 * byte));
        for (let v = 0; v < 256; v++) setElement(arena, table, 256 * byte + v, multiply(BigInt(v), power));
      }
    },
    gfMulFixed(out, x, table, n) {
      for (let i = 0; i < n; i++) setElement(arena, out, i, timesFixed(table, x, i));
    },
    gfMulAddFixed(out, x, table, n) {
      for (let i = 0; i < n; i++) setElement(arena, out, i, element(arena, out, i) ^ timesFixed(table, x, i));
    },
  };
}

/** Shift and add: x · y modulo x^128 + x^7 + x^2 + x + 1. */
function multiply(x: bigint, y: bigint): bigint {
  let product = 0n;
  for (let power = y; x > 0n; x >>= 1n) {
    if (x & 1n) product ^= power;
    power <<= 1n;
    if (power >> 128n) power ^= MODULUS;
  }
  return product;
}
