const hashLength = 32;

/** A growing list of 32-byte hashes in one buffer: a million of them as objects would take ten times the memory. */
export class HashList {
  #bytes = new Uint8Array(hashLength);
  #length = 0;

  /** Number of hashes. */
  get length(): number {
    return this.#length;
  }

  /** Adds a copy of a hash. */
  push(hash: Uint8Array): void {
    if (hash.length !== hashLength) throw new RangeError(`a hash has ${hashLength} bytes`);
    this.pushAll(hash);
  }

  /** Adds copies of hashes that are concatenated. */
  pushAll(hashes: Uint8Array): void {
    const count = hashes.length / hashLength;
    if (!Number.isInteger(count)) throw new RangeError(`a hash has ${hashLength} bytes`);
    const at = this.#length * hashLength;
    if (at + hashes.length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, at + hashes.length));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#bytes.set(hashes, at);
    this.#length += count;
  }

  /** Hashes start … end − 1, concatenated; a copy. */
  slice(start: number, end: number): Uint8Array {
    if (start < 0 || start > end || end > this.#length) throw new RangeError('no such hashes');
    return this.#bytes.slice(start * hashLength, end * hashLength);
  }

  /** Hash number `index`; a copy. */
  at(index: number): Uint8Array {
    return this.slice(index, index + 1);
  }
}
