import { PlanBuilder, pack, runClear, type Wire } from '@symbolon/engine';
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

  test('where rows are split, the rule is held against what each party has', () => {
    fc.assert(
      fc.property(
        fc.array(lanesOf(9, 2, 60), { minLength: 2, maxLength: 3 }),
        fc.constantFrom(1, 2, 3),
        fc.boolean(),
        (parties, minimum, emptyParty) => {
          const shape = { from: 0, to: 8, groups: 2 };
          const rule = { at: [1, 2, 4, 6, 8], minimum, emptyParty };
          const all = parties.flat();
          const type = { kind: 'ring', bits: 64, size: 36 } as const;
          const b = new PlanBuilder(parties.length);
          const range = [0n, BigInt(all.length)] as const;
          const owned = parties.map((_, party) => b.input(`own${party}`, party, { ring: 64, size: 36, range }));
          const terms = owned.map((own) => [1n, own] as const);
          const counts = b.linear(terms, 0n, range);
          openSurvival(b, counts, { shape, rule, most: all.length, parties: owned }, { to: [0], name: 'survival' });
          const own = parties.map((lanes) => countsOf(lanes, shape));
          const inputs = Object.fromEntries(own.map((each, party) => [`own${party}`, pack(type, each.map(BigInt))]));
          const secure = readSurvival(runClear(b.build(), inputs).survival!, shape, rule, namesOf(2));
          const clear = releaseInClear(countsOf(all, shape), shape, rule, namesOf(2), own);
          expectClose(secure, clear);
          if (minimum === 1) return;
          // What a party that knows its own learns of the others: of each, none or k or more.
          for (const [g, { whole, points }] of secure.groups.entries()) {
            if (whole === null) continue;
            const events = (of: readonly number[], to: number) =>
              of.slice(9 * g, 9 * g + to + 1).reduce((x, y) => x + y, 0);
            for (const each of own) {
              const until = points.map(({ time }) => events(each, time));
              const steps = [...until, events(each, 8)].map((count, i) => count - (until[i - 1] ?? 0));
              for (const [i, step] of steps.entries()) {
                const tail = i === points.length;
                expect(step >= minimum || (step === 0 && (emptyParty || tail))).toBe(true);
              }
            }
          }
        },
      ),
      runs(40),
    );
  });

  test('one event of one hospital does not show beside many of another', () => {
    const shape = { from: 0, to: 9, groups: 1 };
    const rule = { at: [4, 9], minimum: 5 };
    const north = [0, 0, 20, 0, 0, 0, 0, 20, 0, 0, ...Array<number>(9).fill(0), 20];
    const south = [0, 0, 0, 1, 0, 0, 0, 0, 30, 0, ...Array<number>(9).fill(0), 20];
    const times = (parties: readonly (readonly number[])[]) => {
      const all = north.map((count, i) => count + south[i]!);
      return releaseInClear(all, shape, rule, ['all'], parties).groups[0]!.points.map(({ time }) => time);
    };
    expect(times([north, south])).toEqual([9]);
    expect(times([north.map((count, i) => count + south[i]!)])).toEqual([4, 9]);
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
