import { hashLabelled } from '@symbolon/crypto';
import type { Kernels, Ptr } from '@symbolon/kernels';
import { type KeyDigests, SLICE } from './keys.ts';

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

export function runKeys(salts: readonly Uint8Array[]): RunKeys {
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
