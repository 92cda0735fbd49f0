import { decodeOkvs, encodeOkvs, fault, type Rng } from '@symbolon/crypto';
import type { AnswerKey, Masks, TranscriptChannel } from '@symbolon/engine';
import { GF_TABLE_BYTES, type Kernels, type Ptr } from '@symbolon/kernels';
import { type KeyDigests, SLICE } from './keys.ts';
import { innerHash, type RunKeys, storeKey, storeRows } from './oprf.ts';
import { streams } from './shape.ts';

/*
 * The oblivious PRF of Raghuraman and Rindal (CCS 2022) with the vector-OLE C = A·D + B from the dealer (PROTOCOLS §3):
 * F(x) = H'(decode(C, x), x) for the receiver's keys x, and F(y) = H'(decode(K, y) ⊕ D·H(y), y), K = B ⊕ D·(A ⊕ P), for any y of the sender.
 * Here is what stands under H'. All steps pause every some milliseconds.
 */

type Steps<Result = void> = Generator<void, Result>;

const DIGEST = 32;
/** Bytes of the answer key read at a time. */
const READ = 1 << 20;

/** A store is encoded anew at most so often; each attempt fails with probability ≤ 2^-42. */
const ATTEMPTS = 3;

/** Values under digests, encoded; the seed is the encoder's choice, and retries end before anything is sent. `slots` is freed by the caller. */
export function* encodeStore(params: {
  kernels: Kernels;
  digests: KeyDigests;
  keys: RunKeys;
  /** `blocks` × 16 bytes for each digest. */
  values: Ptr;
  blocks: number;
  slots: Ptr;
  rng: Rng;
}): Steps<Uint8Array> {
  const { kernels, digests, keys, values, blocks, slots, rng } = params;
  const rows = kernels.arena.alloc(64 * digests.rows);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const seed = rng(32).slice();
    yield* storeRows(kernels, digests, storeKey(keys, seed), rows);
    const store = { kernels, rows, values, n: digests.rows, blocks, slots, random: rng };
    if (yield* encodeOkvs(store)) {
      kernels.arena.free(rows);
      return seed;
    }
  }
  throw fault('internal', `the keys could not be encoded in ${ATTEMPTS} attempts`);
}

/** The values of a store at digests, `blocks` × 16 bytes each. `stored`: how many keys its encoder had. */
export function* decodeStore(params: {
  kernels: Kernels;
  digests: KeyDigests;
  keys: RunKeys;
  seed: Uint8Array;
  slots: Ptr;
  bytes: number;
  stored: number;
  blocks: number;
  /** Values that the result has room for; as many as digests, if absent. */
  room?: number;
}): Steps<Ptr> {
  const { kernels, digests, keys, seed, slots, bytes, stored, blocks, room = digests.rows } = params;
  const { arena } = kernels;
  const [rows, out] = [arena.alloc(64 * digests.rows), arena.alloc(16 * blocks * room)];
  yield* storeRows(kernels, digests, storeKey(keys, seed), rows);
  const store = { ptr: slots, bytes, keys: stored, blocks };
  yield* decodeOkvs({ kernels, rows, n: digests.rows, slots: store, out });
  arena.free(rows);
  return out;
}

/** P, which encodes x → H(x), under the receiver's pad A. Runs at: the receiver. What it sends hides its keys from everyone but the dealer, who is sent nothing. */
export function* hideKeys(params: {
  kernels: Kernels;
  digests: KeyDigests;
  keys: RunKeys;
  pad: { fill(out: Uint8Array, byteOffset: number): void };
  vectorBytes: number;
  rng: Rng;
}): Steps<{ seed: Uint8Array; vector: Uint8Array }> {
  const { kernels, digests, keys, pad, vectorBytes, rng } = params;
  const { abi, arena } = kernels;
  const [values, slots] = [arena.alloc(16 * digests.rows), arena.alloc(vectorBytes)];
  yield* innerHash(kernels, digests, keys.inner, values);
  const seed = yield* encodeStore({ kernels, digests, keys, values, blocks: 1, slots, rng });
  const mask = arena.alloc(vectorBytes);
  pad.fill(arena.bytes(mask, vectorBytes), 0);
  abi.xor(slots, slots, mask, vectorBytes);
  const vector = arena.bytes(slots, vectorBytes).slice();
  for (const block of [values, slots, mask]) arena.free(block);
  return { seed, vector };
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

/** decode(K, y) ⊕ D·H(y) for each digest, 16 bytes each. Runs at: the sender, who learns nothing from `vector`. */
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
  const { abi, arena } = kernels;
  const bytes = vector.length;
  const [table, scalar, masked, k] = [GF_TABLE_BYTES, 16, bytes, bytes].map((size) => arena.alloc(size)) as [
    Ptr,
    Ptr,
    Ptr,
    Ptr,
  ];
  masks.stream(streams.scalar).fill(arena.bytes(scalar, 16), 0);
  abi.gfTable(table, scalar);
  arena.bytes(masked, bytes).set(vector);
  masks.stream(streams.offset).fill(arena.bytes(k, bytes), 0);
  abi.gfMulAddFixed(k, masked, table, bytes / 16);
  yield;
  const values = yield* decodeStore({ kernels, digests, keys, seed, slots: k, bytes, stored, blocks: 1 });
  const inner = arena.alloc(16 * digests.rows);
  yield* innerHash(kernels, digests, keys.inner, inner);
  abi.gfMulAddFixed(values, inner, table, digests.rows);
  for (const block of [table, scalar, masked, k, inner]) arena.free(block);
  return values;
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
