import { fault, type Rng } from '@symbolon/crypto';
import type { Kernels, Ptr } from '@symbolon/kernels';
import { firstRows } from './find.ts';
import { type KeyDigests, type NumberedKeys, SLICE } from './keys.ts';

type Steps<Result> = Generator<void, Result>;

/**
 * What stands for the rows of one side in a run: a digest a row, random for rows without a key of their own, so that the number of
 * distinct keys stays unknown; and for a row whose key stood before it the first row with that key.
 */
export interface Digests extends KeyDigests {
  /** The first row with the same key; NONE for a row without. */
  readonly heads: Uint32Array;
  /** 1 for a row that is its own head. */
  readonly first: Uint8Array;
}

const DIGEST_BYTES = 32;

/**
 * Keyed BLAKE3 of each key; rows without a key of their own get random bytes. Pauses every some milliseconds.
 *
 * Runs at: the owner of the keys, whose content steers look-ups here.
 * @param key 32 bytes, of this run
 */
export function* digestKeys(kernels: Kernels, keys: NumberedKeys, key: Uint8Array, rng: Rng): Steps<Digests> {
  const { arena } = kernels;
  const rows = keys.present.length;
  if (keys.offsets.length !== rows + 1) throw fault('internal', 'keys and rows differ in number');
  const { ptr, present } = yield* numbered(kernels, keys, yield* hashed(kernels, keys, key));
  const heads = yield* firstRows(kernels, { ptr, rows, width: DIGEST_BYTES, present });
  arena.free(present);
  const first = new Uint8Array(rows);
  const digests = arena.bytes(ptr, DIGEST_BYTES * rows);
  for (let at = 0; at < rows; at += SLICE) {
    const spare = sparesIn(heads, at, Math.min(rows, at + SLICE), first);
    const random = rng(DIGEST_BYTES * spare.length);
    for (const [i, row] of spare.entries()) {
      digests.set(random.subarray(DIGEST_BYTES * i, DIGEST_BYTES * (i + 1)), DIGEST_BYTES * row);
    }
    yield;
  }
  return { ptr, rows, heads, first };
}

/** A digest of each row's key, in the order of the rows. */
function* hashed({ abi, arena }: Kernels, keys: NumberedKeys, key: Uint8Array): Steps<Ptr> {
  const rows = keys.present.length;
  const ptr = arena.alloc(DIGEST_BYTES * rows);
  const [keyPtr, data, offsets] = [arena.alloc(32), arena.alloc(keys.data.length), arena.alloc(4 * (rows + 1))];
  arena.bytes(keyPtr, 32).set(key);
  arena.bytes(data, keys.data.length).set(keys.data);
  arena.u32(offsets, rows + 1).set(keys.offsets);
  for (let at = 0; at < rows; at += SLICE) {
    const count = Math.min(SLICE, rows - at);
    abi.blake3Items(ptr + DIGEST_BYTES * at, keyPtr, data, offsets + 4 * at, count, DIGEST_BYTES);
    yield;
  }
  for (const block of [keyPtr, data, offsets]) arena.free(block);
  return ptr;
}

/** Digests, and which rows have a key, by the numbers of the run. @param digests by rows; freed, or given back */
function* numbered(
  { abi, arena }: Kernels,
  { present, order }: NumberedKeys,
  digests: Ptr,
): Steps<{ ptr: Ptr; present: Ptr }> {
  const rows = present.length;
  const there = arena.alloc(rows);
  arena.bytes(there, rows).set(present);
  if (order === undefined) return { ptr: digests, present: there };
  const [ptr, numbers, moved] = [arena.alloc(DIGEST_BYTES * rows), arena.alloc(4 * rows), arena.alloc(rows)];
  arena.u32(numbers, rows).set(order);
  abi.gather8(moved, there, numbers, rows);
  for (let at = 0; at < rows; at += SLICE) {
    const count = Math.min(SLICE, rows - at);
    abi.gatherRows(ptr + DIGEST_BYTES * at, digests, numbers + 4 * at, DIGEST_BYTES, count);
    yield;
  }
  for (const block of [digests, numbers, there]) arena.free(block);
  return { ptr, present: moved };
}

/** The rows without a key of their own; `first` gets 1 for each of the others. */
function sparesIn(heads: Uint32Array, from: number, to: number, first: Uint8Array): number[] {
  const spare: number[] = [];
  for (let row = from; row < to; row++) {
    if (heads[row] === row) first[row] = 1;
    else spare.push(row);
  }
  return spare;
}
