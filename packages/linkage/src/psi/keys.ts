import { fault, type Rng } from '@symbolon/crypto';
import type { Kernels, Ptr } from '@symbolon/kernels';

/** The keys of a table in the order of the run: row i's is data[offsets[i] … offsets[i+1]); `present[i]` 0 where a part of it is NULL. */
export interface PsiKeys {
  readonly data: Uint8Array;
  readonly offsets: Uint32Array;
  readonly present: Uint8Array;
}

/** Stands for "no row" where a row number could stand. */
export const NONE = 0xffffffff;

/** Digests of keys in the arena, 32 bytes each. */
export interface KeyDigests {
  readonly ptr: Ptr;
  readonly rows: number;
}

/**
 * What stands for the rows of one side in a run: a digest a row, random for rows without a key of their own, so that the number of
 * distinct keys stays unknown; and for a row whose key stood before it the first row with that key.
 */
export interface Digests extends KeyDigests {
  /** The first row with the same key; NONE for a row without. */
  readonly heads: Uint32Array;
}

const DIGEST_BYTES = 32;
/** Rows between two pauses. */
export const SLICE = 65_536;

/**
 * Keyed BLAKE3 of each key; rows without a key of their own get random bytes. Pauses every some milliseconds.
 *
 * Runs at: the owner of the keys, whose content steers look-ups here.
 * @param key 32 bytes, of this run
 */
export function* digestKeys(kernels: Kernels, keys: PsiKeys, key: Uint8Array, rng: Rng): Generator<void, Digests> {
  const { abi, arena } = kernels;
  const rows = keys.present.length;
  if (keys.offsets.length !== rows + 1) throw fault('internal', 'keys and rows differ in number');
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
  const digests = arena.bytes(ptr, DIGEST_BYTES * rows);
  const heads = yield* firstRows(digests, DIGEST_BYTES, keys.present);
  for (let at = 0; at < rows; at += SLICE) {
    const spare: number[] = [];
    for (let row = at; row < Math.min(rows, at + SLICE); row++) if (heads[row] !== row) spare.push(row);
    const random = rng(DIGEST_BYTES * spare.length);
    for (const [i, row] of spare.entries()) {
      digests.set(random.subarray(DIGEST_BYTES * i, DIGEST_BYTES * (i + 1)), DIGEST_BYTES * row);
    }
    yield;
  }
  return { ptr, rows, heads };
}

/** For each row the first row with equal bytes, itself where there is none before; NONE where it is not `present`. */
function* firstRows(values: Uint8Array, width: number, present: Uint8Array): Generator<void, Uint32Array> {
  const heads = new Uint32Array(present.length);
  const index = new ByteIndex(values, width, present.length);
  for (let row = 0; row < present.length; row++) {
    heads[row] = present[row] === 0 ? NONE : index.add(row);
    if (row % SLICE === SLICE - 1) yield;
  }
  return heads;
}

/** Finds rows by their bytes: open addressing on their first 32 bits, which must be uniform. */
export class ByteIndex {
  readonly #values: Uint8Array;
  readonly #width: number;
  /** Two words a slot: the row + 1, or 0 where there is none; and the first 32 bits of its bytes, so that few rows are looked at. */
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** @param values `width` ≥ 4 bytes a row */
  constructor(values: Uint8Array, width: number, rows: number) {
    this.#values = values;
    this.#width = width;
    this.#mask = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * rows))) - 1;
    this.#slots = new Int32Array(2 * (this.#mask + 1));
  }

  /** Puts a row in. @returns the row with equal bytes that was there before, or this one */
  add(row: number): number {
    const at = row * this.#width;
    const word = wordAt(this.#values, at);
    const slot = this.#find(this.#values, at, word);
    if (this.#slots[slot] === 0) {
      this.#slots[slot] = row + 1;
      this.#slots[slot + 1] = word;
    }
    return this.#slots[slot]! - 1;
  }

  /** The row whose bytes equal those of row `row` of `values`, or −1. */
  get(values: Uint8Array, row: number): number {
    const at = row * this.#width;
    return this.#slots[this.#find(values, at, wordAt(values, at))]! - 1;
  }

  #find(values: Uint8Array, at: number, word: number): number {
    const slots = this.#slots;
    let slot = word & this.#mask;
    for (;;) {
      const row = slots[2 * slot]!;
      if (row === 0 || (slots[2 * slot + 1] === word && this.#equal(row - 1, values, at))) return 2 * slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  #equal(row: number, values: Uint8Array, at: number): boolean {
    const start = row * this.#width;
    for (let i = 4; i < this.#width; i++) if (this.#values[start + i] !== values[at + i]) return false;
    return true;
  }
}

function wordAt(values: Uint8Array, at: number): number {
  return values[at]! | (values[at + 1]! << 8) | (values[at + 2]! << 16) | (values[at + 3]! << 24);
}
