import { SymbolonError } from '@symbolon/crypto';
import type { WireType } from './plan/types.ts';

/**
 * Owners check their values before they mask them: the plan's widths rest on the ranges.
 * @throws SymbolonError `data-out-of-range`, naming input and element, not the value
 */
export function checkRange(name: string, type: WireType, plain: Uint8Array): void {
  if (type.kind === 'bits' || type.range === undefined) return;
  const at = type.bits === 64 ? outside64(plain, type.range) : outside(plain, type.bits, type.range);
  if (at >= 0) {
    throw new SymbolonError(
      'data-out-of-range',
      `element ${at} of input '${name}' is not between ${type.range.join(' and ')}`,
    );
  }
}

function outside(plain: Uint8Array, bits: 16 | 32, range: readonly [string, string]): number {
  const [lo, hi] = range.map(Number) as [number, number];
  const words = aligned(plain);
  const values = bits === 16 ? new Int16Array(words) : new Int32Array(words);
  for (let i = 0; i < values.length; i++) if (values[i]! < lo || values[i]! > hi) return i;
  return -1;
}

function outside64(plain: Uint8Array, range: readonly [string, string]): number {
  const [lo, hi] = range.map(BigInt) as [bigint, bigint];
  return new BigInt64Array(aligned(plain)).findIndex((value) => value < lo || value > hi);
}

/** A buffer that typed arrays of any width can stand on. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength) return buffer;
  // Not slice(): that of a Buffer is no copy.
  return new Uint8Array(bytes).buffer;
}
