import { planCost, runClear, unpack } from '@symbolon/engine';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runSecure } from '../../../engine/test/network.ts';
import { type SurvivalShape, survivalCounts } from '../../src/survival/counts.ts';
import { runs } from '../statistics/runs.ts';
import { countsOf, inputsOf, type Lane, lanesOf, planOf } from './lanes.ts';

const countsPlan = (size: number, shape: SurvivalShape, parties = 2) =>
  planOf(size, shape, (b, lanes) => b.reveal(survivalCounts(b, lanes, shape), [0], 'counts'), parties);

const read = (bytes: Uint8Array): number[] =>
  unpack({ kind: 'ring', bits: 64, size: bytes.length / 8 }, bytes).map(Number);

describe('counts by time', () => {
  test('those with the event and those without, by group; lanes without weight nowhere', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 700 }).chain((times) =>
          fc.integer({ min: 1, max: 8 }).chain((groups) =>
            fc.record({
              from: fc.integer({ min: 0, max: 50 }),
              times: fc.constant(times),
              groups: fc.constant(groups),
              lanes: lanesOf(times, groups, 40),
            }),
          ),
        ),
        ({ from, times, groups, lanes }) => {
          const shape = { from, to: from + times - 1, groups };
          const shown = runClear(countsPlan(lanes.length, shape), inputsOf(lanes, shape));
          expect(read(shown.counts!)).toEqual(countsOf(lanes, shape));
        },
      ),
      runs(40),
    );
  });

  test('by three parties and a dealer', async () => {
    for (const [times, groups, size] of [
      [1, 1, 3],
      [9, 2, 64],
      [100, 3, 41],
      [1018, 2, 228],
    ] as const) {
      const lanes = fc.sample(lanesOf(times, groups, size), { numRuns: 1, seed: times })[0]!;
      const shape = { from: 5, to: times + 4, groups };
      const plan = countsPlan(lanes.length, shape, 3);
      const { outputs } = await runSecure(plan, inputsOf(lanes, shape));
      expect(read(outputs[0]!.counts!)).toEqual(countsOf(lanes, shape));
    }
  });

  test('many lanes go in chunks', () => {
    const lanes = Array.from({ length: 33_000 }, (_, i): Lane => {
      return { time: (i * i) % 7, event: i % 3 === 0, group: i % 2, weight: i % 5 > 0 };
    });
    const shape = { from: 0, to: 6, groups: 2 };
    const shown = runClear(countsPlan(lanes.length, shape), inputsOf(lanes, shape));
    expect(read(shown.counts!)).toEqual(countsOf(lanes, shape));
  });

  test('seven rounds; shapes out of bounds are refused', () => {
    expect(planCost(countsPlan(5200, { from: 0, to: 7042, groups: 2 })).rounds).toBe(7 + 1);
    expect(() => countsPlan(8, { from: 0, to: 1 << 16, groups: 2 })).toThrow('whole times');
    expect(() => countsPlan(8, { from: 0, to: 5, groups: 9 })).toThrow('groups');
    expect(() => countsPlan(8, { from: 2, to: 1, groups: 1 })).toThrow('whole times');
  });
});
