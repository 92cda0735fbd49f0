import type { PlanBuilder } from '../builder.ts';
import type { Wire } from '../types.ts';
import { shift } from './fixed.ts';

/*
 * μ^(−1/p) of a mantissa μ, p = 1 or 2: a polynomial of degree 4 gives v ≈ μ^(−1/p) to some bits; with e = 1 − μ·v^p, which is small,
 * μ^(−1/p) = v · (1 − e)^(−1/p), a binomial series of which a few terms suffice: Newton's and Halley's steps are its first ones (Householder 1970).
 * As v has few bits, v·eⁱ is one product of up to four factors, each cut to the bits that its term needs.
 */

/** Fraction bits of what `inverse` returns. */
export const PRECISION = 30;
/** Bits of the variable of the start. */
const INPUT = 12;
/** Fraction bits of the start's value before it is cut. */
const START = 60;

interface Series {
  readonly power: 1 | 2;
  /** The start is Σ c_i uⁱ / denominator, u = 2^spread · μ − centre / 2^INPUT. */
  readonly start: readonly bigint[];
  readonly denominator: bigint;
  readonly spread: number;
  readonly centre: bigint;
  /** Fraction bits of v, and of μ in e, at most. */
  readonly bits: number;
  readonly fine: number;
  /** |e| ≤ 2^−small */
  readonly small: number;
  /** Of eⁱ: its coefficient over 2^`down`, and the fraction bits of e that it takes. */
  readonly terms: readonly { readonly coefficient: bigint; readonly down: number; readonly bits: number }[];
}

/** 1/μ for 1/2 ≤ μ < 1. The start's relative error is −T5(4μ − 3)/T5(3), |e| < 2^−11: least of all polynomials of its degree. */
export const RECIPROCAL: Series = {
  power: 1,
  start: [4484n, -1488n, 496n, -192n, 64n],
  denominator: 3363n,
  spread: 2,
  centre: 3n << BigInt(INPUT),
  bits: 15,
  fine: 45,
  small: 10,
  terms: [
    { coefficient: 1n, down: 0, bits: 40 },
    { coefficient: 1n, down: 0, bits: 27 },
  ],
};

/** 1/√μ for 1/4 ≤ μ < 1. The start is of least relative error, 2^−8.8 (Remez). */
export const INVERSE_ROOT: Series = {
  power: 2,
  start: [5435826569n, -2101514114n, 1207019536n, -1321966870n, 1021244439n],
  denominator: 1n << 32n,
  spread: 1,
  centre: 5n << BigInt(INPUT - 2),
  bits: 12,
  fine: 37,
  small: 7,
  terms: [
    { coefficient: 1n, down: 1, bits: 40 },
    { coefficient: 3n, down: 3, bits: 27 },
    { coefficient: 5n, down: 4, bits: 20 },
  ],
};

/**
 * μ^(−1/p) with `PRECISION` fraction bits, μ = mantissa / 2^width. Seven rounds; the relative error is below 2^−28.5: 2 to 3 units of rounding,
 * and 2^−31 of series.
 */
export function inverse(builder: PlanBuilder, mantissa: Wire, width: number, series: Series): Wire {
  const { power, bits, terms } = series;
  const v = shift(builder, start(builder, mantissa, width, series), START - bits);
  const fine = shift(builder, mantissa, Math.max(0, width - series.fine));
  const scale = Math.min(width, series.fine) + power * bits;
  const one = 1n << BigInt(scale);
  const small = one >> BigInt(series.small);
  const factors = [fine, ...Array<Wire>(power).fill(v)];
  const [near] = builder.products([[{ factors }]], [[one - small, one + small]]);
  const e = builder.linear([[-1n, near!]], one);
  const products = builder.products(
    terms.map((term, i) => {
      const cut = shift(builder, e, scale - term.bits);
      return [{ coefficient: term.coefficient, factors: [v, ...Array<Wire>(i + 1).fill(cut)] }];
    }),
  );
  const parts = products.map((product, i) => {
    const { down, bits: of } = terms[i]!;
    return [1n, shift(builder, product, bits + (i + 1) * of + down - PRECISION)] as const;
  });
  const unit = 1n << BigInt(PRECISION);
  return builder.linear([[1n << BigInt(PRECISION - bits), v], ...parts], 0n, [unit - 16n, 2n * unit + 16n]);
}

function start(builder: PlanBuilder, mantissa: Wire, width: number, series: Series): Wire {
  const u = builder.linear([[1n, shift(builder, mantissa, width - INPUT - series.spread)]], -series.centre);
  const [c0, ...coefficients] = series.start.map((c, i) => (c << BigInt(START - i * INPUT)) / series.denominator);
  const unit = 1n << BigInt(START);
  const least = unit - (unit >> 4n);
  const most = 2n * unit + (unit >> 4n);
  const [sum] = builder.products(
    [coefficients.map((coefficient, i) => ({ coefficient, factors: Array<Wire>(i + 1).fill(u) }))],
    [[least - c0!, most - c0!]],
  );
  return builder.linear([[1n, sum!]], c0!);
}
