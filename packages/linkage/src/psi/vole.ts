import { fault, type Rng } from '@symbolon/crypto';
import type { AnswerKey, Masks, TranscriptChannel } from '@symbolon/engine';
import { GF_TABLE_BYTES, type Kernels, type Ptr } from '@symbolon/kernels';
import type { KeyDigests } from './keys.ts';
import { type RunKeys, storeKey } from './oprf.ts';
import { streams } from './shape.ts';
import { decodeAt, encodeAndKeep, freeStoreKeys, type StoreKeys, storeKeys } from './store.ts';

/*
 * The oblivious PRF of Raghuraman and Rindal (CCS 2022) with the vector-OLE C = A·D + B from the dealer (PROTOCOLS §3):
 * F(x) = H'(decode(C, x), x) for the receiver's keys x, and F(y) = H'(decode(K, y) ⊕ D·H(y), y), K = B ⊕ D·(A ⊕ P), for any y of the sender.
 * Here is what stands under H'. All steps pause every some milliseconds.
 */

type Steps<Result = void> = Generator<void, Result>;

const DIGEST = 32;
/** Rows that are hashed at a time: they stay in the cache. */
const SLICE = 16_384;
/** Bytes of the answer key read at a time. */
const READ = 1 << 20;

/** What the receiver sends: its keys, which all but the dealer cannot see, and the dealer is sent nothing. */
export interface HiddenKeys {
  /** Of the store. */
  readonly seed: Uint8Array;
  /** A ⊕ P. */
  readonly vector: Uint8Array;
}

interface Hiding {
  kernels: Kernels;
  digests: KeyDigests;
  keys: RunKeys;
  pad: { fill(out: Uint8Array, byteOffset: number): void };
  vectorBytes: number;
  rng: Rng;
}

/** P, which encodes x → H(x), under the receiver's pad A. Runs at: the receiver. */
export function* hideKeys(params: Hiding): Steps<HiddenKeys> {
  const { own, ...hidden } = yield* hideAndKeep(params);
  freeStoreKeys(params.kernels, own);
  return hidden;
}

/** The same; `own` is kept for `decodeAt`. */
export function* hideAndKeep(params: Hiding): Steps<HiddenKeys & { own: StoreKeys }> {
  const { kernels, digests, keys, pad, vectorBytes, rng } = params;
  const { abi, arena } = kernels;
  const slots = arena.alloc(vectorBytes);
  const { seed, own } = yield* encodeAndKeep({ kernels, digests, keys, blocks: 1, slots, rng });
  const mask = arena.alloc(vectorBytes);
  pad.fill(arena.bytes(mask, vectorBytes), 0);
  abi.xor(slots, slots, mask, vectorBytes);
  const vector = arena.bytes(slots, vectorBytes).slice();
  for (const block of [slots, mask]) arena.free(block);
  return { seed, vector, own };
}

/**
 * C, off the answer key and into the arena. Runs at: the receiver.
 *
 * @throws SymbolonError `frame-shape` naming the key service; `session-expired`
 */
export async function readOffset(
  { arena }: Kernels,
  answerKey: AnswerKey,
  bytes: number,
  channel: Pick<TranscriptChannel, 'requireOpen'>,
): Promise<Ptr> {
  const c = arena.alloc(bytes);
  for (let at = 0; at < bytes; at += READ) {
    const due = Math.min(READ, bytes - at);
    const part = await answerKey.read(due);
    channel.requireOpen();
    if (part.length !== due) {
      const message = `the answer key has ${part.length} bytes where ${due} were due`;
      throw fault('frame-shape', message, { culprit: 'key service' });
    }
    arena.bytes(c + at, due).set(part);
    part.fill(0);
  }
  return c;
}

/** The sender's part of the vector-OLE: the table of D, and K, which is B so far. In the arena. */
export interface SenderPart {
  readonly table: Ptr;
  readonly k: Ptr;
}

/** Runs at: the sender, while it waits for A ⊕ P, of `vectorBytes`. */
export function* senderPart({ abi, arena }: Kernels, masks: Masks, vectorBytes: number): Steps<SenderPart> {
  const [table, scalar, k] = [arena.alloc(GF_TABLE_BYTES), arena.alloc(16), arena.alloc(vectorBytes)];
  masks.stream(streams.scalar).fill(arena.bytes(scalar, 16), 0);
  abi.gfTable(table, scalar);
  arena.free(scalar);
  yield;
  masks.stream(streams.offset).fill(arena.bytes(k, vectorBytes), 0);
  return { table, k };
}

/** decode(K, y) ⊕ D·H(y) for each digest, 16 bytes each, with K = B ⊕ D·vector. Runs at: the sender. @param vector A ⊕ P, in the arena; freed, as all else */
export function* senderDecoded(
  kernels: Kernels,
  own: StoreKeys,
  n: number,
  { table, k }: SenderPart,
  vector: Ptr,
  store: { bytes: number; stored: number },
): Steps<Ptr> {
  const { abi, arena } = kernels;
  abi.gfMulAddFixed(k, vector, table, store.bytes / 16);
  yield;
  const values = yield* decodeAt(kernels, own, n, { ...store, slots: k, blocks: 1 });
  abi.gfMulAddFixed(values, own.inner, table, n);
  for (const block of [table, k, vector]) arena.free(block);
  freeStoreKeys(kernels, own);
  return values;
}

/** All of it, once `vector` is there. Runs at: the sender, who learns nothing from it. */
export function* senderValues(params: {
  kernels: Kernels;
  digests: KeyDigests;
  keys: RunKeys;
  masks: Masks;
  seed: Uint8Array;
  vector: Uint8Array;
  /** Keys of the receiver's store. */
  stored: number;
}): Steps<Ptr> {
  const { kernels, digests, keys, masks, seed, vector, stored } = params;
  const { arena } = kernels;
  const part = yield* senderPart(kernels, masks, vector.length);
  const own = yield* storeKeys(kernels, digests, storeKey(keys, seed), stored);
  const masked = arena.alloc(vector.length);
  arena.bytes(masked, vector.length).set(vector);
  return yield* senderDecoded(kernels, own, digests.rows, part, masked, { bytes: vector.length, stored });
}

/**
 * H'(value, x) for each digest, `bytes` of its output (PROTOCOLS §4.1: F, expanded). `values`: 16 bytes for each digest.
 *
 * Runs at: both. Learns: the receiver F at its own keys, and of any other nothing.
 */
export function* expandHash(
  kernels: Kernels,
  digests: KeyDigests,
  values: Ptr,
  key: Uint8Array,
  bytes: number,
  out: Ptr,
): Steps {
  const { abi, arena } = kernels;
  const item = 16 + DIGEST;
  const [keyPtr, items] = [arena.alloc(32), arena.alloc(item * SLICE)];
  arena.bytes(keyPtr, 32).set(key);
  for (let at = 0; at < digests.rows; at += SLICE) {
    const count = Math.min(SLICE, digests.rows - at);
    abi.interleave(items, values + 16 * at, 16, digests.ptr + DIGEST * at, DIGEST, count);
    abi.blake3Fixed(out + bytes * at, keyPtr, items, item, count, bytes);
    yield;
  }
  arena.free(keyPtr);
  arena.free(items);
}
