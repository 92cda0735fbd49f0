import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import { candidateBins, cuckooBins, insecureTestRng, insertCuckoo, toEnd } from '../src/index.ts';

const slow = process.env.SLOW === '1';
const LEAST = 4096;
const EXPANSION = 1.27;
const kernels = createKernels();

const report = (line: string) => {
  if (slow) console.info(line);
};

/** How many of so many sets of n random entries find no place in 3 · third bins. */
function failures(n: number, third: number, sets: number): number {
  const { arena } = kernels;
  const random = insecureTestRng(`cuckoo ${n} ${third}`);
  const bins = 3 * third;
  const [hashes, candidates] = [arena.alloc(32 * n), arena.alloc(12 * n)];
  let failed = 0;
  for (let i = 0; i < sets; i++) {
    arena.bytes(hashes, 32 * n).set(random(32 * n));
    toEnd(candidateBins({ kernels, hashes, n, bins, out: candidates }));
    if (toEnd(insertCuckoo({ kernels, candidates, n, bins, random })) === undefined) failed++;
  }
  for (const ptr of [hashes, candidates]) arena.free(ptr);
  return failed;
}

/**
 * −log2 of the expected number of sets of k ≤ `most` entries whose candidates are k − 1 bins, at most: where no entries have a place, there
 * is such a set (Hall). A set of bins with a, b, c in the three thirds has all three candidates of an entry with probability
 * abc/t³ ≤ ((k − 1) / 3t)³.
 */
function bitsOfObstacles(n: number, third: number, most: number): number {
  const bins = 3 * third;
  let [expected, lnEntrySets, lnBinSets] = [0, lnChoose(n, 3), lnChoose(bins, 2)];
  for (let k = 4; k <= most; k++) {
    lnEntrySets += Math.log((n - k + 1) / k);
    lnBinSets += Math.log((bins - k + 2) / (k - 1));
    expected += Math.exp(lnEntrySets + lnBinSets + 3 * k * Math.log((k - 1) / bins));
  }
  return -Math.log2(expected);
}

function lnChoose(n: number, k: number): number {
  return k === 0 ? 0 : lnChoose(n, k - 1) + Math.log((n - k + 1) / k);
}

describe('failures of cuckoo hashing', () => {
  test('by few entries with too few bins: four entries in two bins a third, exactly', () => {
    const sets = slow ? 1_000_000 : 50_000;
    const expected = sets / 2 ** 9;
    expect(Math.abs(failures(4, 2, sets) - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });

  test.each([LEAST, 2 ** 14, 2 ** 17])('by up to a quarter of %i entries: less than 2^-50', (n) => {
    const bits = bitsOfObstacles(n, cuckooBins(n) / 3, n / 4);
    report(`${n} entries, ${EXPANSION}: obstacles of up to n / 4 entries 2^-${bits.toFixed(1)}`);
    expect(bits).toBeGreaterThan(50);
  });

  // As Pinkas, Schneider, Zohner 2018 (§ on hashing failures): λ as a line of the expansion. It bends upwards, so a line through counts at
  // lower expansions stays below it.
  test('by more entries: counted with fewer bins, extrapolated to less than 2^-40', () => {
    const points = [1.09, 1.1].map((expansion) => {
      const sets = slow ? 20_000 : 800;
      const third = Math.ceil((expansion * LEAST) / 3);
      const failed = failures(LEAST, third, sets);
      report(`${LEAST} entries, ${expansion}: ${failed} of ${sets} sets fail`);
      return {
        expansion: (3 * third) / LEAST,
        bits: -Math.log2(failed / sets),
        error: 1 / Math.LN2 / Math.sqrt(failed),
      };
    });
    const [low, high] = points as [(typeof points)[0], (typeof points)[0]];
    const reach = (EXPANSION - high.expansion) / (high.expansion - low.expansion);
    const bits = high.bits + (high.bits - low.bits) * reach;
    const error = Math.hypot(high.error * (1 + reach), low.error * reach);
    report(`${LEAST} entries, ${EXPANSION}: 2^-${bits.toFixed(1)} or less (± ${error.toFixed(1)})`);
    expect(bits - 2 * error).toBeGreaterThan(40);
  });

  test('not at all in practice', () => {
    expect(failures(LEAST, cuckooBins(LEAST) / 3, slow ? 50_000 : 500)).toBe(0);
  });
});
