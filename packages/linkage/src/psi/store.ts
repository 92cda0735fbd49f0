import { decodeOkvs, eliminateOkvs, fault, orderOkvs, type Rng } from '@symbolon/crypto';
import type { Kernels, Ptr } from '@symbolon/kernels';
import type { KeyDigests } from './keys.ts';
import { type RunKeys, storeKey, storeRows } from './oprf.ts';

/*
 * Stores of values under digests: a band OKVS (Bienstock, Patel, Seo, Yeo, USENIX Security 2023). All steps pause every some milliseconds.
 */

type Steps<Result = void> = Generator<void, Result>;

/** A store is encoded anew at most so often; each attempt fails with probability ≤ 2^-42. */
const ATTEMPTS = 3;

/** What stands for digests in one store, for whoever goes there more than once: 84 bytes each. */
export interface StoreKeys {
  readonly rows: Ptr;
  /** Of `orderOkvs`. */
  readonly order: Ptr;
  /** H(x), 16 bytes for each digest. */
  readonly inner: Ptr;
}

/** @param stored how many keys the store has */
export function* storeKeys(kernels: Kernels, digests: KeyDigests, key: Uint8Array, stored: number): Steps<StoreKeys> {
  const { arena } = kernels;
  const [rows, inner] = [arena.alloc(64 * digests.rows), arena.alloc(16 * digests.rows)];
  yield* storeRows(kernels, digests, key, { rows, inner });
  return { rows, inner, order: yield* orderOkvs({ kernels, rows, n: digests.rows, keys: stored }) };
}

export function freeStoreKeys({ arena }: Kernels, { rows, order, inner }: StoreKeys): void {
  for (const block of [rows, order, inner]) arena.free(block);
}

/** A store of which it is known that it will be: its seed may be sent. */
export interface Encodable {
  readonly seed: Uint8Array;
  readonly own: StoreKeys;
  /** Fills the slots; once. */
  solve(): Steps;
}

/** Tries seeds until one fits, which is the encoder's choice; retries end before anything is sent. @param values H(x), if absent */
export function* beginStore(params: Encoding & { values?: Ptr }): Steps<Encodable> {
  const { kernels, digests, keys, values, blocks, slots, rng } = params;
  const n = digests.rows;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const seed = rng(32).slice();
    const own = yield* storeKeys(kernels, digests, storeKey(keys, seed), n);
    const store = { kernels, rows: own.rows, order: own.order, values: values ?? own.inner, n, blocks, slots };
    const solve = yield* eliminateOkvs({ ...store, random: rng });
    if (solve !== undefined) return { seed, own, solve };
    freeStoreKeys(kernels, own);
  }
  throw fault('internal', `the keys could not be encoded in ${ATTEMPTS} attempts`);
}

export interface Encoding {
  kernels: Kernels;
  digests: KeyDigests;
  keys: RunKeys;
  blocks: number;
  /** Freed by the caller. */
  slots: Ptr;
  rng: Rng;
}

/** Values under digests, encoded. @param params.values `blocks` × 16 bytes for each digest @returns the seed */
export function* encodeStore(params: Encoding & { values: Ptr }): Steps<Uint8Array> {
  const { seed, own, solve } = yield* beginStore(params);
  yield* solve();
  freeStoreKeys(params.kernels, own);
  return seed;
}

/** A store that is read. */
interface Store {
  slots: Ptr;
  bytes: number;
  /** How many keys its encoder had. */
  stored: number;
  blocks: number;
}

/** The values of a store at digests, `blocks` × 16 bytes each. @param params.room values that the result has room for; as many as digests, if absent */
export function* decodeStore(
  params: Store & { kernels: Kernels; digests: KeyDigests; keys: RunKeys; seed: Uint8Array; room?: number },
): Steps<Ptr> {
  const { kernels, digests, keys, seed, stored, room } = params;
  const own = yield* storeKeys(kernels, digests, storeKey(keys, seed), stored);
  const out = yield* decodeAt(kernels, own, digests.rows, params, room);
  freeStoreKeys(kernels, own);
  return out;
}

/** The same, where the keys of the store are at hand. @param n digests */
export function* decodeAt(
  kernels: Kernels,
  { rows, order }: StoreKeys,
  n: number,
  { slots, bytes, stored, blocks }: Store,
  room = n,
): Steps<Ptr> {
  const out = kernels.arena.alloc(16 * blocks * room);
  yield* decodeOkvs({ kernels, rows, order, n, slots: { ptr: slots, bytes, keys: stored, blocks }, out });
  return out;
}
