import { hashLabelled } from '@symbolon/crypto';
import type { Kernels, Ptr } from '@symbolon/kernels';
import type { KeyDigests } from './keys.ts';

type Steps<Result = void> = Generator<void, Result>;

/**
 * The hashes of a run, keyed by both sides' random starts, so by the session (PROTOCOLS §3): of keys; and H', which is sent. Each is its own
 * random oracle.
 */
export interface RunKeys {
  readonly digest: Uint8Array;
  readonly outer: Uint8Array;
}

export function runKeys(salts: readonly Uint8Array[]): RunKeys {
  const key = (purpose: string): Uint8Array => hashLabelled(`symbolon psi ${purpose}`, ...salts);
  return { digest: key('digest'), outer: key('outer') };
}

/** The key of a store's rows and of H: the seed is one side's choice, so the run's own key goes in, too. */
export function storeKey({ digest }: RunKeys, seed: Uint8Array): Uint8Array {
  return hashLabelled('symbolon psi rows', digest, seed);
}

const ROW = 64;
/** H(x) in a row: bytes that the OKVS does not use. All of a row is one output of BLAKE3, so each part of it is a random oracle. */
const INNER = { at: 40, bytes: 16 } as const;
/** Rows that are hashed at a time: they stay in the cache until H is copied. */
const SLICE = 8192;

/**
 * What stands for digests in a store: rows of an OKVS, 64 bytes each, and H(x), 16 bytes each.
 *
 * @param key of `storeKey`
 */
export function* storeRows(
  { abi, arena }: Kernels,
  { ptr, rows: n }: KeyDigests,
  key: Uint8Array,
  out: { readonly rows: Ptr; readonly inner?: Ptr },
): Steps {
  const keyPtr = arena.alloc(32);
  arena.bytes(keyPtr, 32).set(key);
  for (let at = 0; at < n; at += SLICE) {
    const [count, rows] = [Math.min(SLICE, n - at), out.rows + ROW * at];
    abi.blake3Fixed(rows, keyPtr, ptr + 32 * at, 32, count, ROW);
    if (out.inner !== undefined) {
      abi.copyRows(out.inner + INNER.bytes * at, INNER.bytes, rows + INNER.at, ROW, INNER.bytes, count);
    }
    yield;
  }
  arena.free(keyPtr);
}
