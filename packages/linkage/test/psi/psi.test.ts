import { systemRng } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { intersect, keysOf } from './run.ts';

/** All pairs with equal keys, in order. */
function clear(a: readonly (string | null)[], b: readonly (string | null)[]): [number, number][] {
  return a.flatMap((x, i) => b.flatMap((y, j) => (x !== null && x === y ? [[i, j] as [number, number]] : [])));
}

const key = fc.option(fc.oneof(fc.constantFrom('x', 'y', 'z', 'a longer key, with ü'), fc.string({ maxLength: 90 })));
const table = fc.array(key, { minLength: 1, maxLength: 60 });

describe('exact intersection', () => {
  test('is that of the clear, for both, with missing and repeated keys', async () => {
    await fc.assert(
      fc.asyncProperty(table, table, fc.nat(1000), async (a, b, seed) => {
        const { results, hashes, parties } = await intersect(keysOf(a), keysOf(b), { seed });
        expect(results[0]).toEqual(clear(a, b));
        expect(results[1]).toEqual(clear(a, b));
        expect(hashes[0]).toEqual(hashes[1]);
        expect(parties[0]!.transcript(1)).toEqual(parties[1]!.transcript(0));
      }),
      { numRuns: process.env.SLOW ? 300 : 25 },
    );
  });

  test('of 20,000 × 30,000', async () => {
    const a = Array.from({ length: 20_000 }, (_, i) => `person ${i}`);
    const b = Array.from({ length: 30_000 }, (_, i) => `person ${i + 15_000}`);
    const { results } = await intersect(keysOf(a), keysOf(b));
    expect(results[0]!.length).toBe(5000);
    expect(results[0]!.every(([i, j]) => a[i] === b[j])).toBe(true);
  });

  test('frames have the same number and lengths for disjoint, identical, empty and one-key tables', async () => {
    const n = 500;
    const all = Array.from({ length: n }, (_, i) => `k${i}`);
    const others = Array.from({ length: n }, (_, i) => `o${i}`);
    const shapes = await Promise.all(
      [others, all, all.map(() => null), all.map(() => 'k1')].map(async (b) =>
        (await intersect(keysOf(all), keysOf(b))).frames.map(({ from, bytes }) => `${from}:${bytes.length}`).sort(),
      ),
    );
    for (const shape of shapes) expect(shape).toEqual(shapes[0]);
  });

  test('results do not depend on the order of either table', async () => {
    const a = Array.from({ length: 200 }, (_, i) => `k${i % 150}`);
    const b = Array.from({ length: 200 }, (_, i) => `k${i + 100}`);
    const named = async (x: string[], y: string[]) =>
      (await intersect(keysOf(x), keysOf(y))).results[0]!.map(([i, j]) => `${x[i]}=${y[j]}`).sort();
    expect(await named(a.toReversed(), b.toSorted())).toEqual(await named(a, b));
  });

  test('both sides’ inputs stand in the hash that both sign, before there is an answer key', async () => {
    const keys = keysOf(Array.from({ length: 50 }, (_, i) => `k${i}`));
    // Random starts go first; then the receiver's seed and its store, and the sender's values.
    for (const [party, place] of [
      [0, 1],
      [0, 2],
      [1, 1],
    ] as const) {
      let sent = 0;
      const frame = (from: number, bytes: Uint8Array) =>
        from === party && sent++ === place ? bytes.with(0, bytes[0]! ^ 1) : bytes;
      const { hashes } = await intersect(keys, keys, { frame });
      expect(hashes[0]).not.toEqual(hashes[1]);
    }
  });

  test('another session’s answer key opens nothing', async () => {
    const a = keysOf(['x', 'y', 'z']);
    const other = await intersect(a, a, { answerKey: (chunk) => systemRng(chunk.length) });
    expect(other.results).toEqual([[], []]);
  });

  test('a second exchange or evaluation is refused; the end leaves nothing in memory', async () => {
    const { parties, kernels } = await intersect(keysOf(['x']), keysOf(['x']));
    await expect(parties[0]!.exchange(keysOf(['x']), new Uint8Array(32))).rejects.toMatchObject({
      code: 'session-burned',
    });
    await expect(parties[0]!.evaluate().next()).rejects.toMatchObject({ code: 'session-burned' });
    for (const party of parties) party.end();
    for (const { arena } of kernels) {
      expect(new Uint8Array(arena.memory.buffer).subarray(65536).every((byte) => byte === 0)).toBe(true);
    }
    await expect(parties[0]!.evaluate().next()).rejects.toMatchObject({ code: 'session-expired' });
  });
});
