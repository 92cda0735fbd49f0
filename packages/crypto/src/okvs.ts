import { type Kernels, OKVS_WORK_BYTES, type Ptr } from '@symbolon/kernels';
import { fault } from './errors.ts';
import type { Rng } from './random.ts';

/**
 * Oblivious key-value store (PROTOCOLS §3): an array of slots from which whoever knows a key's row reads the value stored under it,
 * and which looks random, whatever the keys. Band construction of Bienstock, Patel, Seo, Yeo (USENIX Security 2023): key x owns the
 * 256 consecutive slots from start(x) on, its value is the sum, bit by bit, of those in its random band. Slots and values have `blocks`
 * times 16 bytes, 1 ≤ blocks ≤ 16.
 *
 * The row of a key is the first 64 bytes of a keyed hash of it, such as `blake3Items(…, 64)` gives: 32 of band, 8 of start; of bytes 40
 * to 63 nothing is used here. The hash key is the store's seed, chosen afresh by the encoder, known to both.
 *
 * Both functions here are generators that pause every few milliseconds; `toEnd` runs one through.
 */
export interface OkvsParameters {
  slots: number;
  /** Slots in a band. */
  width: 256;
}

/**
 * Slots beyond the number of keys, in per cent, for so many keys at most. The failure rate is at most n · 2^−λ with λ = 58.9, 65.2,
 * 71.4 for 8, 9, 10 per cent, so less than 2^−42 in every row; README, "Failure of an OKVS", and test/okvs-failure.test.ts.
 */
export const okvsExpansion = [
  { keys: 2 ** 16, percent: 8 },
  { keys: 2 ** 20, percent: 9 },
  { keys: 2 ** 24, percent: 10 },
] as const;

/** Rows of a key in the arena. */
const ROW_BYTES = 64;
/** Of the start in a row. */
const START_AT = 32;
const BLOCK_BYTES = 16;
const MAX_BLOCKS = 16;
/** Working memory of a slot, besides a value. */
const PIVOT_BYTES = 48;
const WIDTH = 256;
/** Rows or slots, times blocks, in one call of a kernel: about 1 ms. */
const SLICE = 16_384;

/** The shape of a store of n keys: the same on both sides. @throws RangeError unless 0 ≤ n ≤ 2^24 */
export function okvsParameters(n: number): OkvsParameters {
  const row = okvsExpansion.find(({ keys }) => n <= keys);
  if (row === undefined || !Number.isSafeInteger(n) || n < 0) throw new RangeError(`an OKVS cannot hold ${n} keys`);
  const starts = Math.max(1, n + Math.ceil((n * row.percent) / 100));
  return { slots: starts + WIDTH - 1, width: WIDTH };
}

/** Bytes of the slots of a store of n keys. @throws RangeError unless n is as above and `blocks` from 1 to 16 */
export function okvsBytes(n: number, blocks = 1): number {
  if (!Number.isSafeInteger(blocks) || blocks < 1 || blocks > MAX_BLOCKS) {
    throw new RangeError(`the values of an OKVS cannot have ${blocks} blocks`);
  }
  return okvsParameters(n).slots * blocks * BLOCK_BYTES;
}

/** What a store claims to be: how many keys its encoder said it has, of how many blocks (1) each value is. */
export interface OkvsShape {
  bytes: number;
  keys: number;
  blocks?: number;
}

/** A store in the arena. */
export interface OkvsSlots extends OkvsShape {
  ptr: Ptr;
}

/**
 * Makes a store. Runs at: the owner of the keys, whose rows steer branches and addresses here.
 *
 * `rows`: n · 64 bytes, distinct keys; `order`: of `orderOkvs`, made here if absent; `values`: n · blocks (1) · 16 bytes; `slots`:
 * `okvsBytes(n, blocks)` bytes, overwritten: slots that no key determines are uniformly random from `random`. Working memory is 48 bytes and
 * a value for each slot, and 16 bytes a key; it holds own data, and is freed at the end.
 *
 * @returns false when the rows are linearly dependent (always so for a key that occurs twice, otherwise with probability ≤ 2^−42):
 * nothing may have been sent; try again with the rows of a new seed.
 */
export function* encodeOkvs(store: OkvsInput): Generator<void, boolean> {
  const solve = yield* eliminateOkvs(store);
  if (solve === undefined) return false;
  yield* solve();
  return true;
}

/** What a store is made of; see `encodeOkvs`. */
export interface OkvsInput {
  kernels: Kernels;
  rows: Ptr;
  values: Ptr;
  n: number;
  blocks?: number;
  slots: Ptr;
  random: Rng;
  order?: Ptr | undefined;
}

/**
 * The first half of `encodeOkvs`, by which it is known that there is a store: so the seed may be sent.
 *
 * @returns undefined when the rows are linearly dependent; otherwise the other half, to be called once, which fills the slots and frees the working memory
 */
export function* eliminateOkvs(store: OkvsInput): Generator<void, (() => Generator<void, void>) | undefined> {
  const { kernels, rows, values, n, blocks = 1, slots, random } = store;
  const { abi, arena } = kernels;
  const { slots: count } = okvsParameters(n);
  const slotBytes = okvsBytes(n, blocks) / count;
  const pivotBytes = PIVOT_BYTES + slotBytes;
  const slice = Math.ceil(SLICE / blocks);
  const own = new Blocks(kernels);
  let solvable = false;
  try {
    const [table, work] = [own.alloc(count * pivotBytes), own.alloc(OKVS_WORK_BYTES)];
    const order = store.order ?? own.keep(yield* orderOkvs({ kernels, rows, n, keys: n }));
    for (const { from, to } of slices(count, slice)) {
      abi.fill64(table + from * pivotBytes, 0n, ((to - from) * pivotBytes) / 8);
      arena.bytes(slots + from * slotBytes, (to - from) * slotBytes).set(random((to - from) * slotBytes));
      yield;
    }
    for (const { from, to } of slices(n, slice)) {
      if (abi.okvsEliminate(table, rows, values, order, from, to, count, blocks, work) !== to) return undefined;
      yield;
    }
    solvable = true;
    return function* solve() {
      try {
        for (const { from, to } of slices(count, slice).reverse()) {
          abi.okvsSolve(slots, table, from, to, count, blocks, work);
          yield;
        }
      } finally {
        own.free();
      }
    };
  } finally {
    if (!solvable) own.free();
  }
}

/**
 * Reads the values of n keys, their own or any others: a key that was not encoded gets a value that looks random. Runs at: either side,
 * on rows of its own keys, which steer addresses here.
 *
 * `rows`: n · 64 bytes, made with the seed of the encoder; `order`: of `orderOkvs`, made here if absent;
 * `out`: n · blocks · 16 bytes.
 *
 * @throws SymbolonError `frame-shape`, before anything is read, when the store does not have the length that its keys prescribe
 */
export function* decodeOkvs(read: OkvsRead): Generator<void, void> {
  const { kernels, rows, n, slots } = read;
  const own = new Blocks(kernels);
  try {
    const order = read.order ?? own.keep(yield* orderOkvs({ kernels, rows, n, keys: slots.keys }));
    yield* new ArrivingOkvs({ ...read, order }).decodeUpTo(slots.bytes);
  } finally {
    own.free();
  }
}

/** What is read of a store; see `decodeOkvs`. */
export interface OkvsRead {
  kernels: Kernels;
  rows: Ptr;
  n: number;
  slots: OkvsSlots;
  out: Ptr;
  order?: Ptr | undefined;
}

/** The same of a store whose slots arrive one after the other: what is there is decoded while more is on its way. */
export class ArrivingOkvs {
  readonly #read: OkvsRead & { order: Ptr };
  readonly #count: number;
  /** How many rows, in their order, are decoded. */
  #done = 0;

  /** @param read as of `decodeOkvs` @throws SymbolonError `frame-shape` as `decodeOkvs` does */
  constructor(read: OkvsRead & { order: Ptr }) {
    requireOkvsBytes(read.slots);
    this.#read = read;
    this.#count = okvsParameters(read.slots.keys).slots;
  }

  /** Decodes the rows all of whose slots are there. @param bytes of the store that are there */
  *decodeUpTo(bytes: number): Generator<void, void> {
    const { kernels, rows, slots, out, order } = this.#read;
    const { blocks = 1 } = slots;
    const [first, end] = [this.#done, this.#rowsWithin(Math.floor(bytes / (BLOCK_BYTES * blocks)))];
    this.#done = end;
    const work = kernels.arena.alloc(OKVS_WORK_BYTES);
    try {
      for (const { from, to } of slices(end - first, Math.ceil(SLICE / blocks))) {
        kernels.abi.okvsDecode(out, rows, slots.ptr, order, first + from, first + to, this.#count, blocks, work);
        yield;
      }
    } finally {
      kernels.arena.free(work);
    }
  }

  /** How many rows, in their order, end within so many slots. */
  #rowsWithin(slots: number): number {
    const { kernels, rows, n, order } = this.#read;
    if (slots === this.#count) return n;
    const starts = BigInt(this.#count - WIDTH + 1);
    const ends = (place: number): bigint => {
      const [row] = kernels.arena.u32(order + 4 * place, 1);
      const [hash] = kernels.arena.u64(rows + row! * ROW_BYTES + START_AT, 1);
      return ((hash! * starts) >> 64n) + BigInt(WIDTH);
    };
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends(middle) <= slots) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Checks a store that arrived: call it on the frame, before it is copied. @throws SymbolonError `frame-shape` naming `culprit` */
export function requireOkvsBytes(store: OkvsShape, culprit?: string): void {
  const wanted = okvsBytes(store.keys, store.blocks);
  if (store.bytes === wanted) return;
  throw fault('frame-shape', `an OKVS of ${store.keys} keys has ${wanted} bytes; this one has ${store.bytes}`, {
    culprit,
  });
}

/** Runs a generator to its end, for callers that need not pause. */
export function toEnd<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * The numbers of n rows by start in a store of `keys` keys, in which `encodeOkvs` and `decodeOkvs` go through them: whoever does both, on the
 * same rows, makes it once. 4 bytes a row; freed by the caller. Two passes: 256 starts, then one.
 */
export function* orderOkvs(params: { kernels: Kernels; rows: Ptr; n: number; keys: number }): Generator<void, Ptr> {
  const { kernels, rows, n, keys } = params;
  const { slots: count } = okvsParameters(keys);
  const { abi, arena } = kernels;
  const buckets = Math.ceil((count - WIDTH + 1) / 256);
  const own = new Blocks(kernels);
  try {
    const order = own.alloc(4 * n);
    const [heads, pairs, work] = [own.alloc(4 * buckets), own.alloc(8 * n), own.alloc(OKVS_WORK_BYTES)];
    arena.u32(heads, buckets).fill(0);
    for (const { from, to } of slices(n)) {
      abi.okvsCount(heads, rows + from * ROW_BYTES, to - from, count);
      yield;
    }
    const counts = arena.u32(heads, buckets);
    let begin = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const size = counts[bucket]!;
      counts[bucket] = begin;
      begin += size;
    }
    for (const { from, to } of slices(n)) {
      abi.okvsScatter(pairs, heads, rows + from * ROW_BYTES, from, to - from, count);
      yield;
    }
    for (const { from, to } of slices(buckets, SLICE / 64)) {
      abi.okvsSort(order, pairs, heads, from, to, work);
      yield;
    }
    return own.give(order);
  } finally {
    own.free();
  }
}

function slices(n: number, size = SLICE): { from: number; to: number }[] {
  return Array.from({ length: Math.ceil(n / size) }, (_, i) => ({ from: i * size, to: Math.min(n, (i + 1) * size) }));
}

/** Blocks of the arena that live as long as one call. */
class Blocks {
  readonly #arena: Kernels['arena'];
  readonly #ptrs: Ptr[] = [];

  constructor({ arena }: Kernels) {
    this.#arena = arena;
  }

  alloc(bytes: number): Ptr {
    return this.keep(this.#arena.alloc(bytes));
  }

  keep(ptr: Ptr): Ptr {
    this.#ptrs.push(ptr);
    return ptr;
  }

  /** Leaves a block to whoever calls. */
  give(ptr: Ptr): Ptr {
    this.#ptrs.splice(this.#ptrs.indexOf(ptr), 1);
    return ptr;
  }

  free(): void {
    for (const ptr of this.#ptrs.splice(0)) this.#arena.free(ptr);
  }
}
