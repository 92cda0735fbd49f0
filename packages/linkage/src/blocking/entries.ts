import { fault, hashLabelled, type Rng, randomOrder } from '@symbolon/crypto';
import type { Kernels, Ptr } from '@symbolon/kernels';
import { firstRowsOf } from '../psi/find.ts';
import { NONE, type PsiKeys, SLICE } from '../psi/keys.ts';
import type { Sharding } from './shape.ts';

type Steps<Result = void> = Generator<void, Result>;

/** Bytes of a block's or an entry's digest: two are equal by accident never. */
export const DIGEST_BYTES = 32;
const WORDS = DIGEST_BYTES / 4;
/** Ranks of a and b in one word. */
const RANK = 2 ** 16;

/** One side's entries, shard after shard, in memory that threads share. */
export interface Entries {
  /** Entries of this side in a shard, dummies included. */
  readonly capacity: number;
  /** Own records of which the cap cut one entry at least; for their owner only. */
  readonly cutRecords: number;
  /** Of each entry, 32 bytes; the dummies' are random. */
  readonly digests: Uint8Array;
  /** Where each entry stands in the run: slot · rows + the record's number, with slot = key · cap + the other side's rank; NONE for a dummy. */
  readonly places: Uint32Array;
}

/**
 * The entries of one side: (key index, key, rank in a, rank in b) for each record, each of its keys and each rank below the cap that a
 * record of the other side may have, so that two records of a block meet exactly once in it (PROTOCOLS §4.1). Ranks are random within a
 * block. Records without a key (NULL) and those cut by the cap are made up for by dummies: the number of entries is public.
 *
 * Runs at: the owner of the records, whose content steers look-ups here. Nothing leaves.
 *
 * @param keys of each blocking key
 * @param numbers of the rows, in this run
 * @param runKey 32 bytes that both sides have and nobody else
 * @throws SymbolonError `internal` where a shard overflows: with probability ≤ 2^-40, whatever the records
 */
export function* makeEntries(params: {
  kernels: Kernels;
  keys: readonly PsiKeys[];
  numbers: Uint32Array;
  side: 0 | 1;
  cap: number;
  sharding: Sharding;
  runKey: Uint8Array;
  rng: Rng;
}): Steps<Entries> {
  const { kernels, keys, numbers, side, cap, sharding, runKey, rng } = params;
  const { shards } = sharding;
  const capacity = sharding.capacity[side];
  const rows = numbers.length;
  const cut = new Uint8Array(rows);
  const digests = new Uint8Array(new SharedArrayBuffer(shards * capacity * DIGEST_BYTES));
  const held = new Uint32Array(digests.buffer);
  const places = new Uint32Array(new SharedArrayBuffer(4 * shards * capacity)).fill(NONE);
  const filled = new Uint32Array(shards);
  const entryKey = hashLabelled('symbolon blocking entry', runKey);

  for (const [index, of] of keys.entries()) {
    const blocks = yield* blockDigests(
      kernels,
      of,
      hashLabelled('symbolon blocking key', runKey, Uint8Array.of(index)),
    );
    const words = new Uint32Array(blocks.buffer);
    const ranks = yield* ranksIn(kernels, blocks, of.present, randomOrder(rows, rng));
    for (let row = 0; row < rows; row++) if (ranks[row] !== NONE && ranks[row]! >= cap) cut[row] = 1;
    const taking = Uint32Array.from(ranks.keys()).filter((row) => ranks[row]! < cap);
    for (let other = 0; other < cap; other++) {
      for (let at = 0; at < taking.length; at += SLICE) {
        const part = taking.subarray(at, at + SLICE);
        const made = entryDigests(kernels, entryKey, words, part, (row) =>
          side === 0 ? ranks[row]! + RANK * other : other + RANK * ranks[row]!,
        );
        for (let i = 0; i < part.length; i++) {
          const shard = Math.floor((made[WORDS * i]! / 2 ** 32) * shards);
          if (filled[shard] === capacity) throw overflow();
          const place = shard * capacity + filled[shard]!++;
          for (let k = 0; k < WORDS; k++) held[WORDS * place + k] = made[WORDS * i + k]!;
          places[place] = (index * cap + other) * rows + numbers[part[i]!]!;
        }
        yield;
      }
    }
  }
  for (let shard = 0; shard < shards; shard++) {
    const dummies = digests.subarray(
      DIGEST_BYTES * (shard * capacity + filled[shard]!),
      DIGEST_BYTES * (shard + 1) * capacity,
    );
    for (let at = 0; at < dummies.length; at += 65_536) dummies.set(rng(Math.min(65_536, dummies.length - at)), at);
    yield;
  }
  return { capacity, cutRecords: cut.reduce((sum, one) => sum + one, 0), digests, places };
}

/** A digest of the key of each row, 32 bytes. */
function* blockDigests(kernels: Kernels, keys: PsiKeys, key: Uint8Array): Steps<Uint8Array> {
  const { abi, arena } = kernels;
  const rows = keys.present.length;
  const digests = new Uint8Array(DIGEST_BYTES * rows);
  const blocks = [32, keys.data.length, 4 * (rows + 1), DIGEST_BYTES * SLICE].map((bytes) => arena.alloc(bytes));
  const [keyPtr, data, offsets, out] = blocks as [Ptr, Ptr, Ptr, Ptr];
  arena.bytes(keyPtr, 32).set(key);
  arena.bytes(data, keys.data.length).set(keys.data);
  arena.u32(offsets, rows + 1).set(keys.offsets);
  for (let at = 0; at < rows; at += SLICE) {
    const count = Math.min(SLICE, rows - at);
    abi.blake3Items(out, keyPtr, data, offsets + 4 * at, count, DIGEST_BYTES);
    digests.set(arena.bytes(out, DIGEST_BYTES * count), DIGEST_BYTES * at);
    yield;
  }
  for (const block of blocks) arena.free(block);
  return digests;
}

/** The place of each row in its block, counted in `order`, which is random; NONE for a row without key. */
function* ranksIn(kernels: Kernels, blocks: Uint8Array, present: Uint8Array, order: Uint32Array): Steps<Uint32Array> {
  const ranks = new Uint32Array(present.length).fill(NONE);
  const sizes = new Uint32Array(present.length);
  const heads = yield* firstRowsOf(kernels, { bytes: blocks, width: DIGEST_BYTES, present });
  for (let at = 0; at < order.length; at++) {
    const row = order[at]!;
    if (present[row] === 1) ranks[row] = sizes[heads[row]!]!++;
    if (at % SLICE === SLICE - 1) yield;
  }
  return ranks;
}

/** Hashes of (block, rank in a, rank in b), 8 words each. `ranks`: both in one word. */
function entryDigests(
  kernels: Kernels,
  key: Uint8Array,
  blocks: Uint32Array,
  rows: Uint32Array,
  ranks: (row: number) => number,
): Uint32Array {
  const { abi, arena } = kernels;
  const item = WORDS + 1;
  const sizes = [32, 4 * item * rows.length, DIGEST_BYTES * rows.length];
  const [keyPtr, items, out] = sizes.map((bytes) => arena.alloc(bytes)) as [Ptr, Ptr, Ptr];
  arena.bytes(keyPtr, 32).set(key);
  const words = arena.u32(items, item * rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    for (let k = 0; k < WORDS; k++) words[item * i + k] = blocks[WORDS * row + k]!;
    words[item * i + WORDS] = ranks(row);
  }
  abi.blake3Fixed(out, keyPtr, items, 4 * item, rows.length, DIGEST_BYTES);
  const digests = arena.u32(out, WORDS * rows.length).slice();
  for (const block of [keyPtr, items, out]) arena.free(block);
  return digests;
}

function overflow(): Error {
  return fault('internal', 'a shard of the run has more entries than its capacity, which happens once in 2^40 runs', {
    hint: 'Run again: entries are placed anew.',
  });
}
