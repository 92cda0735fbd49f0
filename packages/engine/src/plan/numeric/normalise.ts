import type { PlanBuilder } from '../builder.ts';
import type { Wire } from '../types.ts';
import { bitLength, bounds, constant, tooWide } from './fixed.ts';
import { below } from './thresholds.ts';

/** y · factor = mantissa, 2^(width − step) ≤ mantissa < 2^width. */
export interface Normalised {
  readonly mantissa: Wire;
  readonly width: number;
  /**
   * f(k) in every element, one round: y lies in 2^(k − step) ≤ y < 2^k, and k is a multiple of `step`. The factor is 2^(width − k).
   * @param f monotone
   */
  weigh(f: (k: number) => bigint): Wire;
}

/**
 * y ≥ 1 times a power of 2 (of 4, where `step` is 2), so that its highest bit stands in one place. Five rounds, and `factor` after four.
 *
 * @throws SymbolonError `plan-range` where y may be 0 or less, or 2^62 or more
 */
export function normalise(builder: PlanBuilder, y: Wire, step: 1 | 2): Normalised & { readonly factor: Wire } {
  const [lo, hi] = bounds(builder, y);
  if (lo < 1n || hi >= 1n << 62n)
    throw tooWide(`a number of 1 or more and less than 2^62 is needed, not ${lo} to ${hi}`);
  const exponent = (value: bigint): number => Math.ceil(bitLength(value) / step) * step;
  const [least, width] = [exponent(lo), exponent(hi)];
  const exponents = Array.from({ length: (width - least) / step }, (_, i) => least + i * step);
  const bits = below(
    builder,
    y,
    exponents.map((k) => 1n << BigInt(k)),
  );
  const weigh = (f: (k: number) => bigint): Wire =>
    bits.length === 0
      ? constant(builder, f(width), y)
      : builder.weigh(
          bits.map((bit, i) => [f(exponents[i]!) - f(exponents[i]! + step), bit]),
          f(width),
          64,
        );
  const factor = weigh((k) => 1n << BigInt(width - k));
  const most = 1n << BigInt(width);
  const mantissa = builder.multiply(y, factor, [most >> BigInt(step), most - 1n]);
  return { mantissa, width, weigh, factor };
}
