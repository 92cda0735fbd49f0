import { hashLabelled } from '@symbolon/crypto';

/** Pairs of row numbers in order of arrival, eight bytes a pair. */
export class Pairs {
  #words = new Uint32Array(1024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(a: number, b: number): void {
    if (2 * this.#count === this.#words.length) {
      const words = new Uint32Array(2 * this.#words.length);
      words.set(this.#words);
      this.#words = words;
    }
    this.#words[2 * this.#count] = a;
    this.#words[2 * this.#count + 1] = b;
    this.#count++;
  }

  *[Symbol.iterator](): Generator<readonly [a: number, b: number]> {
    for (let i = 0; i < this.#count; i++) yield [this.#words[2 * i]!, this.#words[2 * i + 1]!];
  }

  /** Hash of the pairs in their order, which is that of the program, under the salts of both parties; equal at both. */
  hash(salts: readonly [Uint8Array, Uint8Array]): Uint8Array {
    const bytes = new Uint8Array(8 * this.#count);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < 2 * this.#count; i++) view.setUint32(4 * i, this.#words[i]!, true);
    return hashLabelled('symbolon released', ...salts, bytes);
  }
}
