import type { PlanBuilder } from '../builder.ts';
import type { Wire } from '../types.ts';
import { shift } from './fixed.ts';

/** Fraction bits of the variable of a polynomial. */
export const VARIABLE = 30;
/** Fraction bits of a group's sum, beside those that its small coefficients leave free. */
const SUM = 60;
const CUTS = [VARIABLE, 20, 15, 12];

/**
 * Σ c_k u^k, degree 8 at most, for |u| ≤ 1 of `VARIABLE` fraction bits: with v = u² the terms 2n − 1 and 2n are u·v^(n−1) and v^n, products of at most
 * four factors, each cut to as many bits as fit together; the sum of two such terms, cut, is one part of the result. Where coefficients become
 * smaller with k, cutting the factors of high terms costs little: Σ_{k>2} |c_k| · k · 2^−(bits of a cut factor), and a unit for each part.
 */
export class Polynomial {
  readonly #groups: readonly Group[];
  readonly #fraction: number;
  /** For each power its coefficients, as integers. */
  readonly tables: readonly (readonly bigint[])[];

  /**
   * @param rows one row of coefficients, or one for each piece of the line; then the degree is 6 at most, as a coefficient is a factor too
   * @param fraction bits of the result
   */
  constructor(rows: readonly (readonly number[])[], fraction: number) {
    this.#fraction = fraction;
    this.#groups = Array.from({ length: Math.ceil((rows[0]!.length - 1) / 2) }, (_, i) => groupOf(rows, i + 1));
    const bits = [fraction, ...this.#groups.flatMap((group) => group.powers.map(() => group.bits))];
    this.tables = bits.map((of, k) => rows.map((row) => toInteger(row[k]!, of)));
  }

  /** Four rounds. @param coefficients each element's entries of `tables`; without them, the first are those of all */
  at(builder: PlanBuilder, u: Wire, coefficients?: readonly Wire[]): Wire {
    const square = builder.multiply(u, u);
    const sums = this.#groups.map(({ powers, cut }) => {
      const [x, y] = [shift(builder, u, VARIABLE - cut), shift(builder, square, 2 * VARIABLE - cut)];
      return powers.map((k) => {
        const factors = [...Array<Wire>(k >> 1).fill(y), ...(k % 2 === 1 ? [x] : [])];
        if (coefficients) return { factors: [coefficients[k]!, ...factors] };
        return { coefficient: this.tables[k]![0]!, factors };
      });
    });
    const most = (1n << BigInt(SUM)) + (1n << BigInt(SUM - 4));
    const parts = builder.products(
      sums,
      sums.map(() => [-most, most]),
    );
    const cut = parts.map((part, i) => [1n, shift(builder, part, this.#groups[i]!.scale - this.#fraction)] as const);
    return coefficients ? builder.linear([[1n, coefficients[0]!], ...cut]) : builder.linear(cut, this.tables[0]![0]!);
  }
}

/** The powers 2n − 1 and 2n: their coefficients have `bits` fraction bits, their factors `cut`, their sum `scale`. */
interface Group {
  readonly powers: readonly number[];
  readonly bits: number;
  readonly cut: number;
  readonly scale: number;
}

function groupOf(rows: readonly (readonly number[])[], n: number): Group {
  const powers = [2 * n - 1, 2 * n].filter((k) => k < rows[0]!.length);
  const size = Math.max(...rows.map((row) => powers.reduce((sum, k) => sum + Math.abs(row[k]!), 0)));
  let free = 0;
  while (size * 2 ** (free + 1) <= 1) free++;
  const cut = CUTS[n - 1]!;
  return { powers, cut, scale: SUM + free, bits: SUM + free - n * cut };
}

/** c · 2^bits, rounded; exact to the 50th bit. */
function toInteger(c: number, bits: number): bigint {
  const exact = Math.min(bits, 50);
  return BigInt(Math.round(c * 2 ** exact)) << BigInt(bits - exact);
}
