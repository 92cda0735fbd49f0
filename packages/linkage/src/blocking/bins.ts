import { candidateBins, fault, hashLabelled, insertCuckoo, NO_ENTRY, type Rng } from '@symbolon/crypto';
import type { Kernels, Ptr } from '@symbolon/kernels';
import { type KeyDigests, SLICE } from '../psi/keys.ts';
import { DIGEST_BYTES } from './entries.ts';
import { THIRDS } from './shape.ts';

type Steps<Result = void> = Generator<void, Result>;

/** The bins that each entry may stand in, one in each third: 3 u32 an entry, by a hash whose key both sides' random starts make. */
export function* binsOf(kernels: Kernels, entries: KeyDigests, salts: readonly Uint8Array[], bins: number): Steps<Ptr> {
  const { abi, arena } = kernels;
  const [key, hashes] = [arena.alloc(32), arena.alloc(32 * SLICE)];
  const out = arena.alloc(4 * THIRDS * entries.rows);
  arena.bytes(key, 32).set(hashLabelled('symbolon blocking bins', ...salts));
  for (let at = 0; at < entries.rows; at += SLICE) {
    const n = Math.min(SLICE, entries.rows - at);
    abi.blake3Fixed(hashes, key, entries.ptr + DIGEST_BYTES * at, DIGEST_BYTES, n, 32);
    yield* candidateBins({ kernels, hashes, n, bins, out: out + 4 * THIRDS * at });
  }
  arena.free(key);
  arena.free(hashes);
  return out;
}

/** Where the entries of a hub stand. */
export interface Placing {
  /** The bin of each entry. */
  readonly bins: Uint32Array;
  /** In which of its three it is. */
  readonly thirds: Uint8Array;
}

/**
 * One bin for each entry, by cuckoo hashing. Runs at: the hub, whose entries steer it.
 *
 * @param candidates of `binsOf`
 * @throws SymbolonError `internal` where they do not fit: with probability ≤ 2^-40
 */
export function* placeEntries(kernels: Kernels, candidates: Ptr, n: number, bins: number, rng: Rng): Steps<Placing> {
  const table = yield* insertCuckoo({ kernels, candidates, n, bins, random: rng });
  if (table === undefined) {
    throw fault('internal', 'the entries of a shard do not fit into its bins, which happens once in 2^40 runs');
  }
  const placing = { bins: new Uint32Array(n), thirds: new Uint8Array(n) };
  for (let bin = 0; bin < bins; bin++) {
    const entry = table[bin]!;
    if (entry === NO_ENTRY) continue;
    placing.bins[entry] = bin;
    placing.thirds[entry] = Math.floor((THIRDS * bin) / bins);
  }
  return placing;
}

/** Digests of (entry, bin), in the arena: of the bin in third `thirds[i]` of entry i, or of all three bins of each entry in turn. */
export function* binDigests(
  kernels: Kernels,
  entries: KeyDigests,
  salts: readonly Uint8Array[],
  thirds?: Uint8Array,
): Steps<KeyDigests> {
  const { abi, arena } = kernels;
  const each = thirds === undefined ? THIRDS : 1;
  const item = DIGEST_BYTES + 1;
  const ptr = arena.alloc(DIGEST_BYTES * each * entries.rows);
  const [key, items] = [arena.alloc(32), arena.alloc(item * each * SLICE)] as [Ptr, Ptr];
  arena.bytes(key, 32).set(hashLabelled('symbolon blocking entry and bin', ...salts));
  for (let at = 0; at < entries.rows; at += SLICE) {
    const count = Math.min(SLICE, entries.rows - at);
    const from = entries.ptr + DIGEST_BYTES * at;
    for (let j = 0; j < each; j++) abi.copyRows(items + item * j, item * each, from, DIGEST_BYTES, DIGEST_BYTES, count);
    const to = arena.bytes(items, item * each * count);
    for (let i = 0, out = DIGEST_BYTES; i < count; i++) {
      for (let j = 0; j < each; j++, out += item) to[out] = thirds?.[at + i] ?? j;
    }
    abi.blake3Fixed(ptr + DIGEST_BYTES * each * at, key, items, item, each * count, DIGEST_BYTES);
    yield;
  }
  arena.free(key);
  arena.free(items);
  return { ptr, rows: each * entries.rows };
}
