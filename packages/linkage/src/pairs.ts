/** Rows that belong together: row `a[i]` of table a and row `b[i]` of table b, in the order in which a program gives them. */
export interface Pairs {
  readonly a: Uint32Array;
  readonly b: Uint32Array;
}

/** What became known to a party: row numbers that belong together, or how many pairs of them there are, or nothing. */
export type LinkResult =
  | ({ readonly kind: 'pairs' } & Pairs)
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'nothing' };

/** Collects pairs whose number is not known before. */
export class PairList {
  #a = new Uint32Array(1024);
  #b = new Uint32Array(1024);
  #count = 0;

  add(a: number, b: number): void {
    if (this.#count === this.#a.length) [this.#a, this.#b] = [doubled(this.#a), doubled(this.#b)];
    this.#a[this.#count] = a;
    this.#b[this.#count++] = b;
  }

  pairs(): Pairs {
    return { a: this.#a.slice(0, this.#count), b: this.#b.slice(0, this.#count) };
  }
}

function doubled(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array(2 * words.length);
  result.set(words);
  return result;
}
