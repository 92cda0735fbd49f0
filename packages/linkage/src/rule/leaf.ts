import { SymbolonError } from '@symbolon/crypto';
import { floorDecimal, hull, type Interval, plus, times } from '@symbolon/sql';
import type { Operand } from './operand.ts';
import type { Side } from './value.ts';

/**
 * How a leaf is computed: ⟨l(a), r(b)⟩ + constant ≥ 0, where l(a) and r(b) are vectors of `inner` numbers in Z_2^ring that the owners
 * encode alone. A NULL is encoded as the zero vector and `constant` is negative, so that a leaf with a NULL is never true.
 */
export interface Shape {
  readonly inner: number;
  readonly ring: 16 | 32 | 64;
  readonly constant: bigint;
  /** Of the inner product. */
  readonly product: Interval;
  /** Of the numbers in the vectors. */
  readonly entries: Readonly<Record<Side, Interval>>;
  /** How many numbers of a vector are not zero, at most. */
  readonly weight: number;
}

/** What is encoded. Numbers in `a` and `b` are indices of the rule's operands on that side. */
export type Encoding =
  /** A condition on one record of each table; a side without one is always true. */
  | { readonly kind: 'local'; readonly a: LocalTest | undefined; readonly b: LocalTest | undefined }
  /** All parts equal (or, negated, not): digits of `parts`, one-hot. */
  | {
      readonly kind: 'equal';
      readonly a: readonly number[];
      readonly b: readonly number[];
      readonly digits: Digits;
      readonly negated: boolean;
    }
  /** Position by position: `same` for an equal character, `pad` where both have ended (`firstPad` at the first position). */
  | {
      readonly kind: 'positions';
      readonly a: number;
      readonly b: number;
      readonly lengths: Readonly<Record<Side, number>>;
      readonly alphabet: string;
      readonly same: bigint;
      readonly pad: bigint;
      readonly firstPad: bigint;
      /** Of a pair without NULL: an extra coordinate lifts the constant to what it would be. */
      readonly lift: bigint;
    }
  /** The edit distance is at most `most`, or (above) more. Characters outside the alphabet equal none of the other side. */
  | {
      readonly kind: 'edit';
      readonly a: number;
      readonly b: number;
      readonly lengths: Readonly<Record<Side, number>>;
      readonly alphabet: string;
      readonly most: number;
      readonly above: boolean;
    }
  /**
   * Sets A, B of q-grams: common·|A ∩ B| + each·(|A| + |B|) ≥ strict, and not both empty. A q-gram with a character outside the alphabet
   * belongs to its set, and equals none of the other side.
   */
  | {
      readonly kind: 'qgrams';
      readonly a: number;
      readonly b: number;
      readonly lengths: Readonly<Record<Side, number>>;
      readonly alphabet: string;
      readonly q: 2 | 3;
      readonly common: bigint;
      readonly each: bigint;
      readonly strict: 0n | 1n;
    }
  /** a + b ≥ bound, or ≤ bound. */
  | { readonly kind: 'linear'; readonly a: number; readonly b: number; readonly bound: bigint; readonly above: boolean }
  /** low ≤ a + b ≤ high, or (outside) not. */
  | {
      readonly kind: 'quadratic';
      readonly a: number;
      readonly b: number;
      readonly low: bigint;
      readonly high: bigint;
      readonly outside: boolean;
    };

/** (value is `is`) ≠ negated */
export interface LocalTest {
  readonly operand: number;
  readonly is: boolean;
  readonly negated: boolean;
}

/** Exact digits of integers, lowest first, or 16 hexadecimal digits of a hash. */
export type Digits =
  | { readonly of: 'hash'; readonly bases: readonly number[] }
  | {
      readonly of: 'integers';
      readonly bases: readonly number[];
      readonly parts: readonly { readonly least: bigint; readonly count: number }[];
    };

export interface Leaf {
  readonly encoding: Encoding;
  /** Undefined where the comparison is no bilinear form, or one of too many numbers: then only lanes evaluate it, one pair each. */
  readonly shape: Shape | undefined;
  readonly describe: string;
}

/** The bilinear form of a leaf; `plan-invalid` where it has none. */
export function shapeOf({ shape, describe }: Leaf): Shape {
  if (shape === undefined) throw new SymbolonError('plan-invalid', `${describe} has no vectors: lanes evaluate it`);
  return shape;
}

export function localShape(): Shape {
  return { inner: 1, ring: 16, constant: -1n, product: [0n, 1n], entries: { a: [0n, 1n], b: [0n, 1n] }, weight: 1 };
}

/** How many digits, and of what base, tell the values of all parts apart; a hash where exact digits would be longer. */
export function digitsFor(a: readonly Operand[], b: readonly Operand[]): Digits {
  const parts: { least: bigint; count: number }[] = [];
  const bases: number[] = [];
  for (const [i, x] of a.entries()) {
    const [first, second] = [integerRange(x), integerRange(b[i]!)];
    if (first === undefined || second === undefined) return { of: 'hash', bases: Array<number>(16).fill(16) };
    const [least, most] = hull(...first, ...second);
    let [left, count] = [most - least + 1n, 0];
    for (; count === 0 || left > 1n; left = (left + 15n) / 16n, count++) bases.push(Number(left < 16n ? left : 16n));
    parts.push({ least, count });
  }
  return bases.length <= 16 ? { of: 'integers', bases, parts } : { of: 'hash', bases: Array<number>(16).fill(16) };
}

function integerRange(operand: Operand): Interval | undefined {
  return operand.as === 'boolean' ? [0n, 1n] : operand.range;
}

/** Equal digits counted: count − all ≥ 0; negated all − 1 − count ≥ 0, with the constant lifted by an extra coordinate. */
export function equalShape(digits: Digits, negated: boolean): Shape {
  const inner = digits.bases.reduce((sum, base) => sum + base, 0);
  const weight = digits.bases.length + (negated ? 1 : 0);
  const count = BigInt(digits.bases.length);
  const product: Interval = [0n, count];
  return negated
    ? { inner: inner + 1, ring: 16, constant: -1n, product, entries: { a: [-1n, count], b: [0n, 1n] }, weight }
    : { inner, ring: 16, constant: -count, product, entries: { a: [0n, 1n], b: [0n, 1n] }, weight };
}

/** a + b − bound ≥ 0 or bound − a − b ≥ 0, as (±a ∓ bound + 1)·1 + 1·(±b) − 1. */
export function linearShape(a: Interval, b: Interval, bound: bigint, above: boolean): Shape {
  const signed = (range: Interval): Interval => (above ? range : [-range[1], -range[0]]);
  const first = plus(signed(a), above ? [1n - bound, 1n - bound] : [bound + 1n, bound + 1n]);
  const second = signed(b);
  const entries = { a: hull(0n, 1n, ...first), b: hull(0n, 1n, ...second) };
  return fit({ inner: 2, constant: -1n, product: hull(0n, ...plus(first, second)), entries, weight: 2 });
}

/**
 * (d − low)(high − d) ≥ 0 with d = a + b, as −2a·b + (−a² + σa − π + 1)·1 + 1·(−b² + σb) − 1 with σ = low + high, π = low·high;
 * outside: the negation. Undefined where that leaves 64 bits.
 */
export function quadraticShape(
  a: Interval,
  b: Interval,
  low: bigint,
  high: bigint,
  outside: boolean,
): Shape | undefined {
  const inside = (d: bigint): bigint => (d - low) * (high - d);
  const sum = plus(a, b);
  const score = extremes(inside, sum, low + high);
  const product: Interval = outside ? hull(0n, -score[0], -score[1]) : hull(0n, score[0] + 1n, score[1] + 1n);
  const own = (x: bigint): bigint => -x * x + (low + high) * x;
  const [first, second] = [extremes(own, a, low + high), extremes(own, b, low + high)];
  const shift = outside ? low * high : 1n - low * high;
  const sign = outside ? -1n : 1n;
  const entries = {
    a: hull(0n, 1n, ...times(a, [-2n * sign, -2n * sign]), ...plus(times(first, [sign, sign]), [shift, shift])),
    b: hull(0n, 1n, ...b, ...times(second, [sign, sign])),
  };
  return tryFit({ inner: 3, constant: -1n, product, entries, weight: 3 });
}

// Extremes of −x² + sum·x + c over an interval: its ends, and the two integers around the vertex.
function extremes(f: (x: bigint) => bigint, [lo, hi]: Interval, sum: bigint): Interval {
  const vertex = floorDecimal({ value: sum * 5n, scale: 1 });
  const within = [vertex, vertex + 1n].filter((x) => x > lo && x < hi);
  return hull(f(lo), f(hi), ...within.map(f));
}

/** The shape in its narrowest ring; `plan-range` where that leaves 64 bits. */
export function fit(shape: Omit<Shape, 'ring'>): Shape {
  const fitting = tryFit(shape);
  if (fitting !== undefined) return fitting;
  throw new SymbolonError('plan-range', 'a comparison of the rule does not fit in 64 bits');
}

/** The narrowest ring that holds the entries, the product, and the product plus the constant. */
function tryFit(shape: Omit<Shape, 'ring'>): Shape | undefined {
  const { product, constant, entries } = shape;
  const all = hull(...product, product[0] + constant, product[1] + constant, ...entries.a, ...entries.b);
  const ring = ([16, 32, 64] as const).find(
    (bits) => all[0] >= -(1n << BigInt(bits - 1)) && all[1] < 1n << BigInt(bits - 1),
  );
  return ring && { ...shape, ring };
}
