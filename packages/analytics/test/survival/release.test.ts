import { runClear } from '@symbolon/engine';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { releaseInClear } from '../../src/survival/clear.ts';
import { type SurvivalShape, survivalCounts } from '../../src/survival/counts.ts';
import { openSurvival } from '../../src/survival/open.ts';
import { readSurvival } from '../../src/survival/read.ts';
import type { SurvivalRelease, SurvivalRule } from '../../src/survival/release.ts';
import { runs } from '../statistics/runs.ts';
import { countsOf, inputsOf, lanesOf, planOf } from './lanes.ts';

const planFor = (size: number, shape: SurvivalShape, rule: SurvivalRule, parties = 2) =>
  planOf(
    size,
    shape,
    (b, lanes) =>
      openSurvival(b, survivalCounts(b, lanes, shape), { shape, rule, most: size }, { to: [0], name: 'survival' }),
    parties,
  );

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
      runs(60),
    );
  });
});
