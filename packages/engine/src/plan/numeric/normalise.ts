import type { PlanBuilder } from '../builder.ts';
import type { Wire } from '../types.ts';
import { bitLength, bounds, tooWide } from './fixed.ts';
import { Pieces } from './pieces.ts';

/** y · 2^(width − k) = mantissa, where 2^(k − step) ≤ y < 2^k, and k is a multiple of the step: 2^(width − step) ≤ mantissa < 2^width. */
export interface Normalised {
  readonly mantissa: Wire;
  readonly width: number;
  /** Of each further function, f(k) in every element. */
  readonly values: readonly Wire[];
}

/**
 * y ≥ 1 times a power of 2 (of 4, where `step` is 2), so that its highest bit stands in one place. Five rounds, four for the values of
 * `functions` of k and width.
 *
 * @throws SymbolonError `plan-range` where y may be 0 or less, or 2^62 or more
 */
export function normalise(
  builder: PlanBuilder,
  y: Wire,
  step: 1 | 2,
  functions: readonly ((k: number, width: number) => bigint)[],
): Normalised {
  const [lo, hi] = bounds(builder, y);
  if (lo < 1n || hi >= 1n << 62n) {
    throw tooWide(`a number of 1 or more and less than 2^62 is needed, not ${lo} to ${hi}`);
  }
  const exponent = (value: bigint): number => Math.ceil(bitLength(value) / step) * step;
  const [least, width] = [exponent(lo), exponent(hi)];
  const exponents = Array.from({ length: (width - least) / step + 1 }, (_, i) => least + i * step);
  const pieces = new Pieces(
    builder,
    y,
    exponents.slice(0, -1).map((k) => 1n << BigInt(k)),
  );
  const [factor, ...values] = pieces.look(
    [scaleUp, ...functions].map((value) => exponents.map((k) => value(k, width))),
  );
  const most = 1n << BigInt(width);
  const mantissa = builder.multiply(y, factor!, [most >> BigInt(step), most - 1n]);
  return { mantissa, width, values };
}

/** What y is multiplied by. */
export const scaleUp = (k: number, width: number): bigint => 1n << BigInt(width - k);
/** Its square root, where the step is 2. */
export const rootOfScaleUp = (k: number, width: number): bigint => 1n << BigInt((width - k) / 2);
