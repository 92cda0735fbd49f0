import { createKernels, createTwin, type Kernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidateBins, cuckooBins, insecureTestRng, insertCuckoo, NO_ENTRY, type Rng, toEnd } from '../src/index.ts';
import { runs } from './vectors.ts';

const wasm = createKernels();

/** n random entries: their candidates, three a row, and where they went. */
function place(kernels: Kernels, n: number, bins: number, random: Rng) {
  const { arena } = kernels;
  const [hashes, candidates] = [arena.alloc(32 * n), arena.alloc(12 * n)];
  arena.bytes(hashes, 32 * n).set(random(32 * n));
  toEnd(candidateBins({ kernels, hashes, n, bins, out: candidates }));
  const entries = toEnd(insertCuckoo({ kernels, candidates, n, bins, random }));
  const own = arena.u32(candidates, 3 * n).slice();
  for (const ptr of [hashes, candidates]) arena.free(ptr);
  return { candidates: own, entries };
}

/** Whether every entry can have a bin of its own: a matching along augmenting paths. */
function canMatch(candidates: Uint32Array, bins: number): boolean {
  const owner = new Int32Array(bins).fill(-1);
  const augment = (entry: number, seen: Set<number>): boolean => {
    for (const bin of candidates.subarray(3 * entry, 3 * entry + 3)) {
      if (seen.has(bin)) continue;
      seen.add(bin);
      if (owner[bin]! >= 0 && !augment(owner[bin]!, seen)) continue;
      owner[bin] = entry;
      return true;
    }
    return false;
  };
  return Array.from({ length: candidates.length / 3 }, (_, entry) => augment(entry, new Set())).every(Boolean);
}

describe('cuckoo hashing', () => {
  test('puts every entry once, into one of its own bins, one in each third; nothing stays in the arena', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(4096), fc.integer({ min: 4096, max: 100_000 })), fc.string(), (n, seed) => {
        const bins = cuckooBins(n);
        const { candidates, entries } = place(wasm, n, bins, insecureTestRng(seed));
        expect(entries?.length).toBe(bins);
        let [wrong, found] = [0, 0];
        for (const [i, bin] of candidates.entries()) {
          if (Math.floor((3 * bin) / bins) !== i % 3) wrong++;
          if (entries![bin] === Math.floor(i / 3)) found++;
        }
        expect([wrong, found]).toEqual([0, n]);
        expect(entries!.reduce((free, entry) => free + Number(entry === NO_ENTRY), 0)).toBe(bins - n);
        expect(wasm.arena.used).toBe(0);
      }),
      runs(10),
    );
  });

  test('fails exactly where no placement exists', () => {
    const seen = { placed: 0, failed: 0 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(12), fc.string(), (n, spare, seed) => {
        const bins = 3 * Math.ceil((n + spare) / 3);
        const { candidates, entries } = place(wasm, n, bins, insecureTestRng(seed));
        expect(entries !== undefined).toBe(canMatch(candidates, bins));
        seen[entries === undefined ? 'failed' : 'placed']++;
      }),
      runs(400),
    );
    expect(Math.min(seen.placed, seen.failed)).toBeGreaterThan(20);
    expect(wasm.arena.used).toBe(0);
  });

  test('is the same with the twin', () => {
    for (const n of [0, 1, 5, 300]) {
      const [ours, theirs] = [wasm, createTwin()].map((kernels) =>
        place(kernels, n, cuckooBins(n), insecureTestRng(n)),
      );
      expect(ours).toEqual(theirs);
    }
  });

  test('spreads candidates evenly over each third', () => {
    const [n, bins] = [64_000, 3 * 64];
    const { candidates } = place(wasm, n, bins, insecureTestRng('even'));
    const counts = new Array<number>(bins).fill(0);
    for (const bin of candidates) counts[bin]!++;
    const mean = n / 64;
    // 189 degrees of freedom: above 290 with probability 10^−6.
    expect(counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)).toBeLessThan(290);
  });

  test('has 3 · ⌈1.27·n / 3⌉ bins', () => {
    expect([0, 1, 2, 3, 300, 4096, 100_000, 2 ** 24].map(cuckooBins)).toEqual([
      0, 3, 3, 6, 381, 5202, 127_002, 21_307_065,
    ]);
    for (const n of [-1, 0.5, 2 ** 24 + 1, Number.NaN]) expect(() => cuckooBins(n)).toThrow(RangeError);
  });
});
