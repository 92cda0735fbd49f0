/** Pairs of row numbers, of the left and of the right table, both from 0. */
export class PairSet {
  readonly pairs: readonly (readonly [left: number, right: number])[];
  readonly #keys: ReadonlySet<number>;
  readonly #rowsRight: number;

  constructor(pairs: readonly (readonly [left: number, right: number])[], rowsRight: number) {
    this.pairs = pairs;
    this.#rowsRight = rowsRight;
    this.#keys = new Set(pairs.map(([left, right]) => left * rowsRight + right));
  }

  get size(): number {
    return this.#keys.size;
  }

  has(left: number, right: number): boolean {
    return this.#keys.has(left * this.#rowsRight + right);
  }

  /** How many pairs are in both. */
  common(other: PairSet): number {
    return this.pairs.filter(([left, right]) => other.has(left, right)).length;
  }

  /** The same pairs, none more and none less. */
  equals(other: PairSet): boolean {
    return this.size === other.size && this.common(other) === this.size;
  }
}

/** How good a result is, held against the truth. Null where a share is of nothing. */
export function quality(found: PairSet, truth: PairSet): { precision: number | null; recall: number | null } {
  const hits = found.common(truth);
  return {
    precision: found.size === 0 ? null : hits / found.size,
    recall: truth.size === 0 ? null : hits / truth.size,
  };
}
