import { fault } from '@symbolon/crypto';
import { HashList } from './hash-list.ts';
import type { MerkleHasher } from './merkle-hasher.ts';
import { emptyRoot, nodeHash } from './proofs.ts';

/**
 * The Merkle tree of RFC 6962 §2.1 over leaf hashes. It keeps the hash of every complete subtree (64 bytes a leaf), so an
 * append costs one hash on average, and roots and proofs of any earlier size cost O(log n).
 */
export class HashTree {
  // levels[h][i] is the root of the complete subtree over leaves i·2^h … (i+1)·2^h − 1.
  readonly #levels: HashList[] = [new HashList()];

  /** Number of leaves. */
  get size(): number {
    return this.#levels[0]!.length;
  }

  /** Adds a leaf hash (`leafHash`). */
  append(leaf: Uint8Array): void {
    let hash = leaf;
    for (let height = 0; ; height++) {
      this.#levels[height] ??= new HashList();
      const level = this.#levels[height]!;
      level.push(hash);
      if (level.length % 2 === 1) return;
      hash = nodeHash(level.at(level.length - 2), hash);
    }
  }

  /** {@link append} for many leaf hashes, concatenated. @param hasher makes the nodes above them */
  appendAll(leaves: Uint8Array, hasher: Pick<MerkleHasher, 'nodes'>): void {
    this.#levels[0]!.pushAll(leaves);
    for (let height = 0; ; height++) {
      const level = this.#levels[height]!;
      const above = this.#levels[height + 1]?.length ?? 0;
      const ready = Math.floor(level.length / 2);
      if (ready === above) return;
      this.#levels[height + 1] ??= new HashList();
      this.#levels[height + 1]!.pushAll(hasher.nodes(level.slice(2 * above, 2 * ready)));
    }
  }

  /** MTH(D[0:size]), 32 bytes. */
  root(size = this.size): Uint8Array {
    this.#requireSize(size);
    return size === 0 ? emptyRoot : this.#subtree(0, size);
  }

  /** RFC 6962 §2.1.1, PATH(index, D[size]): sibling hashes from the leaf upwards. */
  inclusionProof(index: number, size = this.size): Uint8Array[] {
    this.#requireSize(size);
    if (!isCount(index) || index >= size) throw fault('not-found', `no entry ${index} in a log of ${size}`);
    return this.#path(index, 0, size);
  }

  /** RFC 6962 §2.1.2, PROOF(oldSize, D[newSize]). Empty if the sizes are equal or the old tree is. */
  consistencyProof(oldSize: number, newSize = this.size): Uint8Array[] {
    this.#requireSize(newSize);
    if (!isCount(oldSize) || oldSize > newSize)
      throw fault('not-found', `no tree of size ${oldSize} before ${newSize}`);
    return oldSize === 0 || oldSize === newSize ? [] : this.#subproof(oldSize, 0, newSize, true);
  }

  /**
   * A hash tile of C2SP tlog-tiles: the roots of `width` (1 … 256) complete subtrees of height 8·level, from number 256·index
   * on, concatenated.
   */
  tile(level: number, index: number, width = 256): Uint8Array {
    const hashes = this.#levels[8 * level];
    const start = 256 * index;
    const exists = hashes !== undefined && isCount(index) && isCount(width - 1) && width <= 256;
    if (!exists || start + width > hashes.length)
      throw fault('not-found', `no tile ${level}/${index} of width ${width}`);
    return hashes.slice(start, start + width);
  }

  /** Root over leaves start … end − 1, where start is a multiple of the least power of two ≥ end − start. */
  #subtree(start: number, end: number): Uint8Array {
    const length = end - start;
    const height = Math.ceil(Math.log2(length));
    if (2 ** height === length) return this.#levels[height]!.at(start / length);
    const middle = start + split(length);
    return nodeHash(this.#subtree(start, middle), this.#subtree(middle, end));
  }

  #path(index: number, start: number, end: number): Uint8Array[] {
    if (end - start === 1) return [];
    const middle = start + split(end - start);
    return index < middle
      ? [...this.#path(index, start, middle), this.#subtree(middle, end)]
      : [...this.#path(index, middle, end), this.#subtree(start, middle)];
  }

  /** SUBPROOF; `complete` is the RFC's b: the old tree is a subtree that the verifier can name itself. */
  #subproof(oldEnd: number, start: number, end: number, complete: boolean): Uint8Array[] {
    if (oldEnd === end) return complete ? [] : [this.#subtree(start, end)];
    const middle = start + split(end - start);
    return oldEnd <= middle
      ? [...this.#subproof(oldEnd, start, middle, complete), this.#subtree(middle, end)]
      : [...this.#subproof(oldEnd, middle, end, false), this.#subtree(start, middle)];
  }

  #requireSize(size: number): void {
    if (!isCount(size) || size > this.size) throw fault('not-found', `the log has no tree of size ${size}`);
  }
}

/** RFC 6962 §2.1: the largest power of two smaller than n, for n ≥ 2. */
function split(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1);
}

const isCount = (n: number) => Number.isInteger(n) && n >= 0;
