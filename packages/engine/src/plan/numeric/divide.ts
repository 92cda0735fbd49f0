import type { PlanBuilder } from '../builder.ts';
import type { Interval } from '../ranges.ts';
import type { Wire } from '../types.ts';
import type { Fixed } from './fixed.ts';
import { bitLength, bounds, ceilDiv, largest, shift, tooWide, within } from './fixed.ts';
import { INVERSE_ROOT, inverse, PRECISION, RECIPROCAL } from './inverse.ts';
import { normalise, rootOfScaleUp, scaleUp } from './normalise.ts';

/*
 * Quotients and roots, element by element: y is normalised to μ · 2^k, a power of μ is found to 28 bits (`inverse`), and multiplied by the
 * numerator, which was made exact at the scale of μ. All of them take 14 rounds, and a result r has an error of at most 2^−28 · |r| plus 2 units of
 * 2^−fraction. Elements outside a declared range get meaningless results, and show nothing.
 */

/**
 * x / y for y > 0.
 *
 * @param bound where known, a number that |x / y| does not exceed, in place of what the ranges of x and y prove
 * @throws SymbolonError `plan-range` where the range of y begins at 0 or less, or where both max |x| · max y / min y and bound · max y come near 2^60, in
 *   units of the last places: then a smaller bound or narrower ranges are needed
 */
export function divide(
  builder: PlanBuilder,
  x: Fixed,
  y: Fixed,
  { fraction, bound }: { readonly fraction: number; readonly bound?: bigint },
): Fixed {
  return divideEach(builder, [{ x, ...(bound !== undefined && { bound }) }], y, fraction)[0]!;
}

/** Several numerators over one denominator: y is inverted once. As `divide`. */
export function divideEach(
  builder: PlanBuilder,
  numerators: readonly { readonly x: Fixed; readonly bound?: bigint }[],
  y: Fixed,
  fraction: number,
): Fixed[] {
  const { mantissa, width, values } = normalise(builder, y.wire, 1, [scaleUp]);
  const w = inverse(builder, mantissa, width, RECIPROCAL);
  const [least] = bounds(builder, y.wire);
  return numerators.map(({ x, bound }) => {
    const range = bounds(builder, x.wire);
    // In units of x / y, which are 2^(y.fraction − x.fraction).
    const units = x.fraction - y.fraction;
    const proved = ceilDiv(largest(range), least);
    const ratio = bound === undefined || scaled(bound, units) > proved ? proved : scaled(bound, units);
    const largestProduct = largest(range) << BigInt(width - bitLength(least));
    const stated = ratio << BigInt(width);
    const numerator = exactProduct(
      builder,
      x.wire,
      values[0]!,
      signed(range, stated < largestProduct ? stated : largestProduct),
    );
    const wire = times(builder, numerator, w, width + PRECISION + units - fraction);
    const most = scaled(ratio, fraction - units);
    return { wire: within(builder, wire, signed(range, most + (most >> 28n), 2n)), fraction };
  });
}

/** 1 / y for y > 0. */
export function reciprocal(builder: PlanBuilder, y: Fixed, fraction: number): Fixed {
  const { mantissa, width, values } = normalise(builder, y.wire, 1, [scaleUp]);
  const w = inverse(builder, mantissa, width, RECIPROCAL);
  return { wire: times(builder, values[0]!, w, width + PRECISION - y.fraction - fraction), fraction };
}

/** √y for y > 0. */
export function squareRoot(builder: PlanBuilder, y: Fixed, fraction: number): Fixed {
  const even = evenFraction(builder, y);
  const { mantissa, width, values } = normalise(builder, even.wire, 2, [rootOfScaleUp]);
  const v = inverse(builder, mantissa, width, INVERSE_ROOT);
  const numerator = exactProduct(builder, even.wire, values[0]!, [0n, 1n << BigInt(width)]);
  return { wire: times(builder, numerator, v, width / 2 + PRECISION + even.fraction / 2 - fraction), fraction };
}

/** 1 / √y for y > 0. */
export function inverseSquareRoot(builder: PlanBuilder, y: Fixed, fraction: number): Fixed {
  const even = evenFraction(builder, y);
  const { mantissa, width, values } = normalise(builder, even.wire, 2, [rootOfScaleUp]);
  const v = inverse(builder, mantissa, width, INVERSE_ROOT);
  return { wire: times(builder, values[0]!, v, width / 2 + PRECISION - even.fraction / 2 - fraction), fraction };
}

function evenFraction(builder: PlanBuilder, y: Fixed): Fixed {
  return y.fraction % 2 === 0 ? y : { wire: shift(builder, y.wire, -1), fraction: y.fraction + 1 };
}

/** n · 2^by, rounded up. */
function scaled(n: bigint, by: number): bigint {
  return by >= 0 ? n << BigInt(by) : ceilDiv(n, 1n << BigInt(-by));
}

/** ±most, or 0 … most where the range has no negative number; `slack` more on either side. */
function signed([lo]: Interval, most: bigint, slack = 0n): Interval {
  return [lo < 0n ? -most - slack : -slack, most + slack];
}

function exactProduct(builder: PlanBuilder, x: Wire, factor: Wire, range: Interval): Wire {
  if (largest(range) > LARGEST)
    throw tooWide('a quotient may be too large for its divisor’s width: a smaller bound is needed');
  return builder.multiply(x, factor, range);
}

/** Bits of a numerator that one product with an inverse takes. */
const LIMB = 30;
const LARGEST = 1n << BigInt(2 * LIMB);

/**
 * x · w · 2^−down, where w comes of `inverse`. Where cutting x to 30 bits would cost more than a unit of the result, its low bits are multiplied
 * apart.
 */
export function times(builder: PlanBuilder, x: Wire, w: Wire, down: number): Wire {
  const cut = Math.max(0, bitLength(largest(bounds(builder, x)) - 1n) - LIMB);
  if (cut === 0) return shift(builder, builder.multiply(x, w), down);
  const high = shift(builder, x, cut);
  if (cut <= down - PRECISION - 1) return shift(builder, builder.multiply(high, w), down - cut);
  const low = builder.linear(
    [
      [1n, x],
      [-(1n << BigInt(cut)), high],
    ],
    0n,
    [-(1n << BigInt(cut)), 1n << BigInt(cut)],
  );
  const [upper, lower] = builder.products([[{ factors: [high, w] }], [{ factors: [low, w] }]]) as [Wire, Wire];
  return builder.add(shift(builder, upper, down - cut), shift(builder, lower, down));
}
