import type { PlanBuilder } from '../builder.ts';
import { hull } from '../ranges.ts';
import type { Wire } from '../types.ts';
import { bounds, constant, largest, within } from './fixed.ts';

/**
 * In which piece of the line each element of x lies: piece i lies from cut i − 1 up to, without, cut i; the first and last have no end. Nobody
 * learns it. Three rounds.
 */
export class Pieces {
  readonly #builder: PlanBuilder;
  readonly #x: Wire;
  readonly #cuts: readonly bigint[];
  /** x < cut */
  readonly #below: readonly Wire[];

  /** @param cuts ascending, in units of x */
  constructor(builder: PlanBuilder, x: Wire, cuts: readonly bigint[]) {
    this.#builder = builder;
    this.#x = x;
    this.#cuts = cuts;
    this.#below = below(builder, x, cuts);
  }

  /** Of each table, the entry of the element's piece. One round; the answer key of one table, whatever their number. */
  look(tables: readonly (readonly bigint[])[]): Wire[] {
    if (this.#below.length === 0) return tables.map(([only]) => constant(this.#builder, only!, this.#x));
    const sums = tables.map((table) => {
      const sorted = table.toSorted((a, b) => (a < b ? -1 : 1));
      return {
        coefficients: this.#below.map((_, i) => table[i]! - table[i + 1]!),
        constant: table.at(-1)!,
        range: [sorted[0]!, sorted.at(-1)!] as const,
      };
    });
    return this.#builder.weighEach(this.#below, sums, 64);
  }

  /** x in the pieces `from` up to `to`, 0 in the others. One round, or none where there are no others. */
  inside(from: number, to: number): Wire {
    const ends = [...this.#below.slice(Math.max(0, from - 1), from), ...this.#below.slice(to, to + 1)];
    if (ends.length === 0) return this.#x;
    // Below the upper end and not below the lower; where one is missing, the other decides.
    const bit = this.#builder.xor(ends, ends.length === 1 && from > 0 ? 1 : 0);
    const [lo, hi] = bounds(this.#builder, this.#x);
    const range = hull([this.#cuts[from - 1] ?? lo, this.#cuts[to] ?? hi], [0n, 0n])!;
    return within(this.#builder, this.#builder.bitDot([bit], [this.#x]), range);
  }
}

/** For each threshold: is x below it? One operation, whatever their number. */
function below(builder: PlanBuilder, x: Wire, thresholds: readonly bigint[]): Wire[] {
  if (thresholds.length === 0) return [];
  const { size } = builder.type(x);
  const [lo, hi] = bounds(builder, x);
  const most = largest(hull([lo, hi], [lo - thresholds.at(-1)!, hi - thresholds[0]!])!);
  const words = most < 1n << 15n ? builder.narrow(x, 16) : most < 1n << 31n ? builder.narrow(x, 32) : x;
  // Rows of whole bytes, as bits are cut there.
  const missing = -size & 7;
  const zero = builder.linear([[0n, builder.slice(words, 0, 1)]]);
  const padding = missing === 0 ? [] : [builder.tile(zero, missing)];
  const differences = thresholds.flatMap((threshold) => [builder.linear([[1n, words]], -threshold), ...padding]);
  const bits = builder.lessThanZero(builder.concat(differences));
  return thresholds.map((_, j) => builder.slice(bits, j * (size + missing), size));
}
