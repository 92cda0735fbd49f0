// The one kernel that packages/ledger calls. A page may not compile WebAssembly (Content-Security-Policy), and has no memory that is shared.
import { sha256 } from '@noble/hashes/sha2.js';

/** Blocks of memory by pointer, and SHA-256 of items in them. */
export function createKernels() {
  const blocks: Uint8Array[] = [];
  const bytes = (pointer: number, length: number): Uint8Array => blocks[pointer]!.subarray(0, length);
  return {
    arena: {
      alloc: (length: number): number => blocks.push(new Uint8Array(length)) - 1,
      bytes,
    },
    abi: {
      /** SHA-256(prefix ‖ item) of `count` items, into `out`. */
      sha256Fixed(out: number, items: number, itemBytes: number, count: number, prefix: number): void {
        const [from, to] = [bytes(items, count * itemBytes), bytes(out, count * 32)];
        const first = Uint8Array.of(prefix);
        for (let i = 0; i < count; i++) {
          const item = from.subarray(i * itemBytes, (i + 1) * itemBytes);
          to.set(sha256.create().update(first).update(item).digest(), i * 32);
        }
      },
    },
  };
}
