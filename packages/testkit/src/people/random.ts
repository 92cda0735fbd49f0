/**
 * A small repeatable generator (sfc32, by Chris Doty-Humphrey): the same numbers for the same seed on every machine.
 * For test data only.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number | string) {
    // FNV-1a over the seed's text, with three starts.
    const start = (basis: number) => {
      let hash = basis;
      for (const char of `symbolon people ${seed}`) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
      return hash | 0;
    };
    [this.#a, this.#b, this.#c] = [start(0x811c9dc5), start(0x9747b28c), start(0x5bd1e995)];
    for (let i = 0; i < 16; i++) this.word();
  }

  /** 32 bits, as a whole number ≥ 0. */
  word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 … n − 1 */
  below(n: number): number {
    return Math.floor((this.word() / 0x1_0000_0000) * n);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.word() < probability * 0x1_0000_0000;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** Fisher–Yates, in place. */
  shuffle(list: Uint32Array): void {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j]!, list[i]!];
    }
  }
}

/** Draws entries of a list by popularity: the entry at rank r has weight (r + 4)^-0.75, so a few names are very common. */
export class Skewed {
  readonly #list: readonly string[];
  readonly #cumulated: Float64Array;

  constructor(words: readonly string[]) {
    this.#list = words;
    this.#cumulated = new Float64Array(words.length);
    let sum = 0;
    // x^-0.75 through square roots only: Math.pow may differ in its last bit between machines.
    for (let r = 0; r < words.length; r++) {
      const x = r + 4;
      sum += Math.sqrt(Math.sqrt(1 / x)) / Math.sqrt(x);
      this.#cumulated[r] = sum;
    }
  }

  draw(random: Random): string {
    const target = (random.word() / 0x1_0000_0000) * this.#cumulated[this.#cumulated.length - 1]!;
    let low = 0;
    let high = this.#cumulated.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cumulated[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return this.#list[low]!;
  }
}
