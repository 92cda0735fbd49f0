import { SymbolonError } from '@symbolon/crypto';
import type { PlanBuilder } from '../builder.ts';
import type { Interval } from '../ranges.ts';
import { interval } from '../ranges.ts';
import type { Wire } from '../types.ts';

/** Fixed-point numbers: the words of a 64-bit wire with a range, in units of 2^−fraction. */
export interface Fixed {
  readonly wire: Wire;
  readonly fraction: number;
}

export function tooWide(message: string): SymbolonError {
  return new SymbolonError('plan-range', message);
}

/** @throws SymbolonError `plan-range` where the wire is no 64-bit wire with a range */
export function bounds(builder: PlanBuilder, wire: Wire): Interval {
  const type = builder.type(wire);
  const range = type.kind === 'ring' && type.bits === 64 ? interval(type) : undefined;
  if (range === undefined) throw tooWide('fixed-point numbers are 64-bit words with a range');
  return range;
}

export function largest([lo, hi]: Interval): bigint {
  return -lo > hi ? -lo : hi;
}

/** Bits of a number of 0 or more. */
export function bitLength(x: bigint): number {
  return x === 0n ? 0 : x.toString(2).length;
}

/** n / d, rounded up; d > 0. */
export function ceilDiv(n: bigint, d: bigint): bigint {
  return -(-n / d) + (n > 0n && n % d !== 0n ? 1n : 0n);
}

/** x · 2^−by: truncated where `by` > 0 (⌊ ⌋ or one more: one round), exact and local where not. */
export function shift(builder: PlanBuilder, x: Wire, by: number): Wire {
  if (by === 0) return x;
  if (by < 0) return builder.linear([[1n << BigInt(-by), x]]);
  if (largest(bounds(builder, x)) >= 1n << 62n) throw tooWide('what is truncated lies between −2^62 and 2^62');
  return builder.truncate(x, Math.min(by, 62));
}

/** x, of which more is known than its range says. */
export function within(builder: PlanBuilder, x: Wire, [lo, hi]: Interval): Wire {
  const known = bounds(builder, x);
  const range = [lo > known[0] ? lo : known[0], hi < known[1] ? hi : known[1]] as const;
  return range[0] === known[0] && range[1] === known[1] ? x : builder.linear([[1n, x]], 0n, range);
}

/** The number c in every element. */
export function constant(builder: PlanBuilder, c: bigint, like: Wire): Wire {
  return builder.linear([[0n, like]], c, [c, c]);
}

export function rescale(builder: PlanBuilder, { wire, fraction }: Fixed, to: number): Fixed {
  return { wire: shift(builder, wire, fraction - to), fraction: to };
}

/**
 * x · y, to `fraction` bits. Two rounds; off by less than one unit of 2^−fraction.
 * @throws SymbolonError `plan-range` where products may reach 2^62 before they are truncated
 */
export function multiply(builder: PlanBuilder, x: Fixed, y: Fixed, fraction: number): Fixed {
  return rescale(builder, { wire: builder.multiply(x.wire, y.wire), fraction: x.fraction + y.fraction }, fraction);
}
