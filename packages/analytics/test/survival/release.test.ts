import { runClear, type Wire } from '@symbolon/engine';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { releaseInClear } from '../../src/survival/clear.ts';
import { type SurvivalShape, survivalCounts } from '../../src/survival/counts.ts';
import { openSurvival } from '../../src/survival/open.ts';
import { readSurvival } from '../../src/survival/read.ts';
import type { SurvivalRelease, SurvivalRule } from '../../src/survival/release.ts';
import { survivalResult } from '../../src/survival/result.ts';
import { runs } from '../statistics/runs.ts';
import { countsOf, inputsOf, lanesOf, planOf } from './lanes.ts';

/** @param may a lane by group, whose event bit is needed for anything of the group to open */
const planFor = (size: number, shape: SurvivalShape, rule: SurvivalRule, may?: readonly number[]) =>
  planOf(size, shape, (b, lanes) => {
    const bits = may?.map((lane) => b.slice(lanes.event, lane, 1));
    const counts = survivalCounts(b, lanes, shape);
    openSurvival(b, counts, { shape, rule, most: size, may: bits }, { to: [0], name: 'survival' });
  });

const namesOf = (groups: number) => Array.from({ length: groups }, (_, g) => `g${g}`);

/** Numbers to a tolerance, all else exactly. */
function expectClose(secure: SurvivalRelease, clear: SurvivalRelease): void {
  const rounded = (release: SurvivalRelease) => ({
    ...release,
    groups: release.groups.map((group) => ({
      ...group,
      points: group.points.map((point) => ({ ...point, logSurvival: 0, variance: 0 })),
    })),
    logRank: release.logRank && { ...release.logRank, expected: [], covariance: [] },
  });
  expect(rounded(secure)).toEqual(rounded(clear));
  const numbers = ({ groups, logRank }: SurvivalRelease) => [
    ...groups.flatMap(({ points }) =>
      points.flatMap(({ logSurvival, variance }) => [Math.exp(logSurvival), logSurvival === -Infinity ? 0 : variance]),
    ),
    ...(logRank === null ? [] : [...logRank.expected, ...logRank.covariance.flat()]),
  ];
  const [left, right] = [numbers(secure), numbers(clear)];
  for (const [i, value] of left.entries()) expect(Math.abs(value - right[i]!)).toBeLessThan(2e-5);
}

describe('the release of survival', () => {
  test('is what the rule gives in the clear', () => {
    fc.assert(
      fc.property(
        fc
          .record({ times: fc.integer({ min: 1, max: 24 }), groups: fc.integer({ min: 1, max: 4 }) })
          .chain(({ times, groups }) =>
            fc.record({
              shape: fc.constant({ from: 3, to: times + 2, groups }),
              lanes: lanesOf(times, groups, 90),
              at: fc.subarray(
                Array.from({ length: times }, (_, i) => i + 3),
                { minLength: 1 },
              ),
              minimum: fc.constantFrom(0, 1, 2, 3, 5),
            }),
          ),
        ({ shape, lanes, at, minimum }) => {
          const rule = { at, minimum };
          const names = namesOf(shape.groups);
          const shown = runClear(planFor(lanes.length, shape, rule), inputsOf(lanes, shape)).survival!;
          const secure = readSurvival(shown, shape, rule, names);
          expectClose(secure, releaseInClear(countsOf(lanes, shape), shape, rule, names));
        },
      ),
      runs(25),
    );
  });

  test('counts of several sets of lanes add up', () => {
    const lanes = Array.from({ length: 160 }, (_, i) => {
      return { time: (i * i * 7) % 12, event: i % 5 < 3, group: i % 2, weight: true };
    });
    const shape = { from: 0, to: 11, groups: 2 };
    const rule = { at: [3, 6, 9], minimum: 2 };
    const size = lanes.length;
    const plan = planOf(size, shape, (b, { time, event, weight, groups }) => {
      const half = (from: number) => (x: Wire) => b.slice(x, from, size / 2);
      const parts = [half(0), half(size / 2)].map((of) =>
        survivalCounts(b, { time: of(time), event: of(event), weight: of(weight), groups: groups.map(of) }, shape),
      );
      const counts = b.add(parts[0]!, parts[1]!);
      openSurvival(b, counts, { shape, rule, most: size }, { to: [0], name: 'survival' });
    });
    const secure = readSurvival(runClear(plan, inputsOf(lanes, shape)).survival!, shape, rule, namesOf(2));
    expectClose(secure, releaseInClear(countsOf(lanes, shape), shape, rule, namesOf(2)));
  });

  test('what is withheld is 0 and nothing else opens', () => {
    const lanes = Array.from({ length: 200 }, (_, i) => {
      return { time: (i * i) % 20, event: i % 7 < 4, group: i % 3, weight: i % 11 > 0 };
    });
    const shape = { from: 0, to: 19, groups: 3 };
    const of = (minimum: number) => {
      const rule = { at: [4, 9, 14], minimum };
      const plan = planFor(lanes.length, shape, rule);
      expect(plan.nodes.filter(({ op }) => op === 'reveal' || op === 'keep')).toHaveLength(1);
      return runClear(plan, inputsOf(lanes, shape)).survival!;
    };
    expect(of(lanes.length).every((byte) => byte === 0)).toBe(true);
    expect(of(3).every((byte) => byte === 0)).toBe(false);
    const rule = { at: [4, 9, 14], minimum: lanes.length };
    const result = survivalResult(readSurvival(of(lanes.length), shape, rule, namesOf(3)), rule);
    expect(result).toMatchObject({ n: 0, tests: [], notes: [{ code: 'suppressed', names: namesOf(3) }] });
    const open = { at: [4], minimum: 1 };
    const [yes, no] = [8, 32];
    expect([lanes[yes]!.event, lanes[no]!.event]).toEqual([true, false]);
    const plan = planFor(lanes.length, shape, open, [yes, no, yes]);
    const some = readSurvival(runClear(plan, inputsOf(lanes, shape)).survival!, shape, open, namesOf(3));
    expect(some.groups.map(({ whole }) => whole === null)).toEqual([false, true, false]);
    expect(some.groups[1]).toMatchObject({ points: [], median: 'withheld', low: 'withheld', high: 'withheld' });
    expect(some.logRank).toBeNull();
    expect(result.riskTable.counts).toEqual([0, 1, 2].map(() => [null, null, null]));
  });

  test('shapes out of bounds, and bytes of another shape, are refused', () => {
    const shape = { from: 5, to: 9, groups: 2 };
    for (const at of [[], [4], [10], [7, 7], [8, 6], [5.5]]) {
      expect(() => planFor(8, shape, { at, minimum: 1 })).toThrow('ascending whole times');
    }
    expect(() => planFor(8, shape, { at: [5], minimum: -1 })).toThrow('count');
    const rule = { at: [5, 9], minimum: 1 };
    expect(() => readSurvival(new Uint8Array(16), shape, rule, ['a', 'b'])).toThrow('bytes');
    expect(() => readSurvival(new Uint8Array(8000), shape, rule, ['a', 'b'])).toThrow('bytes');
  });
});
