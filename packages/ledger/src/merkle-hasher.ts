import { createKernels, type Kernels } from '@symbolon/kernels';

const hashLength = 32;
/** Bytes that one call of the kernel hashes: some milliseconds. */
const callBytes = 1 << 18;

/** RFC 6962 hashes of many leaves or nodes at once, in WebAssembly: some ten times faster than one after the other. */
export class MerkleHasher {
  readonly #kernels: Kernels = createKernels();
  readonly #items = this.#kernels.arena.alloc(callBytes);
  readonly #out = this.#kernels.arena.alloc(callBytes);

  /** SHA-256(0x00 ‖ entry) of each entry of 32 bytes; all concatenated. */
  leaves(entries: Uint8Array): Uint8Array {
    return this.hashes(0, entries, hashLength);
  }

  /** SHA-256(0x01 ‖ left ‖ right) of each pair of hashes; all concatenated. */
  nodes(pairs: Uint8Array): Uint8Array {
    return this.hashes(1, pairs, 2 * hashLength);
  }

  /** SHA-256(prefix ‖ item) of each item of `itemBytes` (32 to 65,536); all concatenated. */
  hashes(prefix: number, data: Uint8Array, itemBytes: number): Uint8Array {
    const count = data.length / itemBytes;
    if (!Number.isInteger(count)) throw new RangeError(`${data.length} bytes are no items of ${itemBytes}`);
    const { abi, arena } = this.#kernels;
    const hashes = new Uint8Array(count * hashLength);
    const atOnce = Math.floor(callBytes / Math.max(itemBytes, hashLength));
    for (let start = 0; start < count; start += atOnce) {
      const n = Math.min(atOnce, count - start);
      arena.bytes(this.#items, n * itemBytes).set(data.subarray(start * itemBytes, (start + n) * itemBytes));
      abi.sha256Fixed(this.#out, this.#items, itemBytes, n, prefix);
      hashes.set(arena.bytes(this.#out, n * hashLength), start * hashLength);
    }
    return hashes;
  }
}
