import { ArrivingOkvs, fault, type Rng } from '@symbolon/crypto';
import type { AnswerKey, Masks, TranscriptChannel } from '@symbolon/engine';
import { GF_TABLE_BYTES, type Kernels, type Ptr } from '@symbolon/kernels';
import type { KeyDigests } from './keys.ts';
import { type RunKeys, storeKey } from './oprf.ts';
import { streams } from './shape.ts';
import { beginStore, type Encodable, freeStoreKeys, type StoreKeys, storeKeys } from './store.ts';

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

interface HidingOptions {
  kernels: Kernels;
  digests: KeyDigests;
  keys: RunKeys;
  pad: { fill(out: Uint8Array, byteOffset: number): void };
  vectorBytes: number;
  rng: Rng;
}

/** P, which encodes x → H(x), under the receiver's pad A. Runs at: the receiver. */
export function* hideKeys(params: HidingOptions): Steps<HiddenKeys> {
  const { seed, own, solve, piece, end } = yield* beginHiding(params);
  yield* solve();
  const vector = piece(0, params.vectorBytes);
  end();
  freeStoreKeys(params.kernels, own);
  return { seed, vector };
}

/** The same part by part. */
export interface Hiding extends Encodable {
  /** So many bytes of A ⊕ P, a multiple of 16, from byte `at` on; when all is solved. */
  piece(at: number, bytes: number): Uint8Array;
  end(): void;
}

/** The seed is known, A ⊕ P not yet; `own` is kept for whoever decodes. */
export function* beginHiding({ kernels, digests, keys, pad, vectorBytes, rng }: HidingOptions): Steps<Hiding> {
  const { abi, arena } = kernels;
  const slots = arena.alloc(vectorBytes);
  const store = yield* beginStore({ kernels, digests, keys, blocks: 1, slots, rng });
  const piece = (at: number, bytes: number): Uint8Array => {
    const mask = arena.alloc(bytes);
    pad.fill(arena.bytes(mask, bytes), at);
    abi.xor(mask, mask, slots + at, bytes);
    const result = arena.bytes(mask, bytes).slice();
    arena.free(mask);
    return result;
  };
  return { ...store, piece, end: () => arena.free(slots) };
}

/**
 * C, off the answer key and into the arena. Runs at: the receiver.
 *
 * @param arrived is told how many bytes are there, each time when more are
 * @throws SymbolonError `frame-shape` naming the key service; `session-expired`
 */
export async function readOffset(
  { arena }: Kernels,
  answerKey: AnswerKey,
  bytes: number,
  channel: Pick<TranscriptChannel, 'requireOpen'>,
  arrived: (c: Ptr, bytes: number) => Promise<void> = () => Promise.resolve(),
): Promise<Ptr> {
  const c = arena.alloc(bytes);
  let coming = answerKey.read(Math.min(READ, bytes));
  for (let at = 0; at < bytes; at += READ) {
    const due = Math.min(READ, bytes - at);
    const part = await coming;
    channel.requireOpen();
    if (part.length !== due) {
      const message = `the answer key has ${part.length} bytes where ${due} were due`;
      throw fault('frame-shape', message, { culprit: 'key service' });
    }
    arena.bytes(c + at, due).set(part);
    part.fill(0);
    const left = bytes - at - due;
    if (left > 0) {
      coming = answerKey.read(Math.min(READ, left));
      // It is heard by whoever waits next; until then it must not end the process.
      coming.catch(() => undefined);
    }
    await arrived(c, at + due);
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

/** decode(K, y) ⊕ D·H(y) for each digest, 16 bytes each, with K = B ⊕ D·vector. Runs at: the sender, while the vector arrives. */
export class SenderValues {
  /** A ⊕ P, to be written here. */
  readonly vector: Ptr;
  readonly #kernels: Kernels;
  readonly #own: StoreKeys;
  readonly #part: SenderPart;
  readonly #values: Ptr;
  readonly #rows: number;
  readonly #arriving: ArrivingOkvs;

  /** @param n digests @param part and what stands for the digests in the store: freed at the end, as all else but the values */
  constructor(
    kernels: Kernels,
    own: StoreKeys,
    n: number,
    part: SenderPart,
    { bytes, stored }: { bytes: number; stored: number },
  ) {
    const { arena } = kernels;
    this.#kernels = kernels;
    this.#own = own;
    this.#part = part;
    this.#rows = n;
    this.vector = arena.alloc(bytes);
    this.#values = arena.alloc(16 * n);
    const slots = { ptr: part.k, bytes, keys: stored };
    this.#arriving = new ArrivingOkvs({ kernels, rows: own.rows, order: own.order, n, slots, out: this.#values });
  }

  /** The next bytes of the vector are there, a multiple of 16 from byte `at` on. */
  *add(at: number, bytes: number): Steps {
    const { table, k } = this.#part;
    this.#kernels.abi.gfMulAddFixed(k + at, this.vector + at, table, bytes / 16);
    yield* this.#arriving.decodeUpTo(at + bytes);
  }

  /** @returns the values, when all of the vector is there */
  end(): Ptr {
    const { abi, arena } = this.#kernels;
    const { table, k } = this.#part;
    abi.gfMulAddFixed(this.#values, this.#own.inner, table, this.#rows);
    for (const block of [table, k, this.vector]) arena.free(block);
    freeStoreKeys(this.#kernels, this.#own);
    return this.#values;
  }
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
  const values = new SenderValues(kernels, own, digests.rows, part, { bytes: vector.length, stored });
  arena.bytes(values.vector, vector.length).set(vector);
  yield* values.add(0, vector.length);
  return values.end();
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
