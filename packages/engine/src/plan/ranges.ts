import { SymbolonError } from '@symbolon/crypto';
import type { Range, Ring, WireType } from './types.ts';

/** Inclusive bounds of a signed value. */
export type Interval = readonly [lo: bigint, hi: bigint];

export function bits(size: number): WireType {
  return { kind: 'bits', size };
}

/** @throws SymbolonError `plan-range` where values of this range do not fit */
export function ring(width: Ring, size: number, range?: Interval): WireType {
  if (range === undefined) return { kind: 'ring', bits: width, size };
  const limit = 1n << BigInt(width - 1);
  if (range[0] < -limit || range[1] >= limit || range[0] > range[1]) {
    throw new SymbolonError('plan-range', `values from ${range[0]} to ${range[1]} do not fit in ${width} bits`);
  }
  return { kind: 'ring', bits: width, size, range: range.map(String) as unknown as Range };
}

export function interval(type: WireType & { kind: 'ring' }): Interval | undefined {
  return type.range && [BigInt(type.range[0]), BigInt(type.range[1])];
}

/** Of unknown bounds (undefined) nothing is known of a sum or product. */
export function plus(x: Interval | undefined, y: Interval | undefined): Interval | undefined {
  return x && y && [x[0] + y[0], x[1] + y[1]];
}

/** What lies in either. */
export function hull(x: Interval | undefined, y: Interval | undefined): Interval | undefined {
  if (!x || !y) return undefined;
  const bounds = [...x, ...y].sort((a, b) => (a < b ? -1 : 1));
  return [bounds[0]!, bounds[3]!];
}

export function times(x: Interval | undefined, y: Interval | undefined): Interval | undefined {
  if (!x || !y) return undefined;
  const corners = [x[0] * y[0], x[0] * y[1], x[1] * y[0], x[1] * y[1]].sort((a, b) => (a < b ? -1 : 1));
  return [corners[0]!, corners[3]!];
}
