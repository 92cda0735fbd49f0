import type { Kernels, Ptr } from '@symbolon/kernels';
import type { Rng } from './random.ts';

/**
 * Cuckoo hashing with three candidate bins an entry, one in each third of the bins, no stash: each bin takes one entry, so two parties
 * who hash alike compare bin by bin. Pinkas, Schneider, Zohner, "Scalable private set intersection based on OT extension" (TOPS 2018)
 * found 1.27·n bins enough for a failure rate of 2^−40 with three hashes; Pinkas, Schneider, Tkachenko, Yanai, "Efficient
 * circuit-based PSI with linear communication" (Eurocrypt 2019) compare so. Here the rate is ≤ 2^−40 for n ≥ 4096 entries: README,
 * "Failure of cuckoo hashing", and test/cuckoo-failure.test.ts.
 */

/** A bin without entry. */
export const NO_ENTRY = 0xffffffff;
/** Entries driven out of their bins for one that comes: 60 are rare, so whoever needs more than this has no place (README). */
const EVICTIONS = 65_536;
const MAX_ENTRIES = 2 ** 24;
const HASH_BYTES = 32;
const THIRDS = 3;
/** Entries in one call of a kernel: about 1 ms. */
const SLICE = 32_768;

/** Bins for n entries: 3 · ⌈1.27·n / 3⌉. Both sides know n. @throws RangeError unless 0 ≤ n ≤ 2^24 */
export function cuckooBins(n: number): number {
  if (!Number.isSafeInteger(n) || n < 0 || n > MAX_ENTRIES) throw new RangeError(`no bins for ${n} entries`);
  return THIRDS * Math.ceil((127 * n) / 300);
}

/**
 * The three bins in which an entry may stand: one in each third of `bins`, by 8 bytes of its hash each (times the size of a third, over
 * 2^64). Runs at: either side, on hashes of its own entries.
 *
 * `hashes`: n · 32 bytes of a hash whose key was chosen when the entries stood fixed; `out`: n · 12 bytes, three u32 each.
 */
export function* candidateBins(params: {
  kernels: Kernels;
  hashes: Ptr;
  n: number;
  bins: number;
  out: Ptr;
}): Generator<void, void> {
  const { kernels, hashes, n, bins, out } = params;
  for (let at = 0; at < n; at += SLICE) {
    const count = Math.min(SLICE, n - at);
    kernels.abi.cuckooCandidates(out + 12 * at, hashes + HASH_BYTES * at, count, bins / THIRDS);
    yield;
  }
}

/**
 * Gives each of n entries one of its candidate bins, by random walk: where all three are taken, one of the entries there has to move.
 * Runs at: the owner of the entries, which steer branches and addresses here.
 *
 * @param candidates n · 12 bytes of `candidateBins`
 * @param random 8 bytes are taken, for the walk
 * @returns for each bin its entry or `NO_ENTRY`; undefined where some entry found no bin, with probability ≤ 2^−40 for `cuckooBins(n)`
 * bins and n ≥ 4096. Whether that happens depends on the entries: give the run up, do not try other hashes.
 */
export function* insertCuckoo(params: {
  kernels: Kernels;
  candidates: Ptr;
  n: number;
  bins: number;
  random: Rng;
}): Generator<void, Uint32Array | undefined> {
  const { kernels, candidates, n, bins, random } = params;
  const { abi, arena } = kernels;
  const [table, state] = [arena.alloc(4 * bins), arena.alloc(8)];
  try {
    arena.u32(table, bins).fill(NO_ENTRY);
    arena.bytes(state, 8).set(random(8));
    for (let from = 0; from < n; from += SLICE) {
      const to = Math.min(n, from + SLICE);
      if (abi.cuckooInsert(table, candidates, from, to, EVICTIONS, state) !== to) return undefined;
      yield;
    }
    return arena.u32(table, bins).slice();
  } finally {
    arena.free(table);
    arena.free(state);
  }
}
