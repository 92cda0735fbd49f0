import { hashLabelled } from '@symbolon/crypto';
import type { Kernels, Ptr } from '@symbolon/kernels';
import { type Digests, type KeyDigests, SLICE } from './keys.ts';

type Steps<Result = void> = Generator<void, Result>;

/**
 * The hashes of a run, keyed by both sides' random starts, so by the session (PROTOCOLS §3): the key of `H`, which is encoded, and of H',
 * which is sent. Each is its own random oracle.
 */
export interface RunKeys {
  readonly digest: Uint8Array;
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

export function runKeys(salts: readonly [receiver: Uint8Array, sender: Uint8Array]): RunKeys {
  const key = (purpose: string): Uint8Array => hashLabelled(`symbolon psi ${purpose}`, ...salts);
  return { digest: key('digest'), inner: key('inner'), outer: key('outer') };
}

/** The key of a store's rows: the seed is one side's choice, so the run's own key goes in, too. */
export function storeKey({ digest }: RunKeys, seed: Uint8Array): Uint8Array {
  return hashLabelled('symbolon psi rows', digest, seed);
}

/** `out`: H(x), 16 bytes for each digest. */
export function innerHash(kernels: Kernels, { ptr, rows }: KeyDigests, key: Uint8Array, out: Ptr): Steps {
  return fixed(kernels, key, ptr, 32, rows, out, 16);
}

/** Rows of an OKVS, 64 bytes for each digest. @param key of `storeKey` */
export function storeRows(kernels: Kernels, { ptr, rows }: KeyDigests, key: Uint8Array, out: Ptr): Steps {
  return fixed(kernels, key, ptr, 32, rows, out, 64);
}

/** H'(value, x), cut to `valueBytes`: what is compared. `values`: 16 bytes for each digest. */
export function* outerHash(
  kernels: Kernels,
  digests: Digests,
  values: Ptr,
  key: Uint8Array,
  valueBytes: number,
): Steps<Uint8Array> {
  const { arena } = kernels;
  const { rows } = digests;
  const [items, hashes] = [arena.alloc(48 * SLICE), arena.alloc(32 * SLICE)];
  const result = new Uint8Array(valueBytes * rows);
  for (let at = 0; at < rows; at += SLICE) {
    const count = Math.min(SLICE, rows - at);
    const [item, value, digest] = [
      arena.u32(items, 12 * count),
      arena.u32(values + 16 * at, 4 * count),
      arena.u32(digests.ptr + 32 * at, 8 * count),
    ];
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < 4; k++) item[12 * i + k] = value[4 * i + k]!;
      for (let k = 0; k < 8; k++) item[12 * i + 4 + k] = digest[8 * i + k]!;
    }
    yield* fixed(kernels, key, items, 48, count, hashes, 32);
    const hash = arena.bytes(hashes, 32 * count);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < valueBytes; k++) result[(at + i) * valueBytes + k] = hash[32 * i + k]!;
    }
  }
  arena.free(items);
  arena.free(hashes);
  return result;
}

function* fixed(
  kernels: Kernels,
  key: Uint8Array,
  items: Ptr,
  itemBytes: number,
  n: number,
  out: Ptr,
  outBytes: number,
): Steps {
  const { abi, arena } = kernels;
  const keyPtr = arena.alloc(32);
  arena.bytes(keyPtr, 32).set(key);
  for (let at = 0; at < n; at += SLICE) {
    abi.blake3Fixed(out + outBytes * at, keyPtr, items + itemBytes * at, itemBytes, Math.min(SLICE, n - at), outBytes);
    yield;
  }
  arena.free(keyPtr);
}
