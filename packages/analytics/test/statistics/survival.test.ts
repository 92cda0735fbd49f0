import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FollowUp, kaplanMeier, logRank, normal, survivalTable } from '../../src/index.ts';
import { close, runs } from './runs.ts';

// Acute myelogenous leukaemia: R. Miller, Survival Analysis (1981), p. 49.
const aml: FollowUp = {
  time: [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45],
  event: [...'11011011010', ...'111110111111'].map((digit) => digit === '1'),
  group: Array.from({ length: 23 }, (_, i) => (i < 11 ? 'maintained' : 'not maintained')),
};
const groups = ['maintained', 'not maintained'];

const followUps = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.boolean(), fc.constantFrom('a', 'b', 'c')), {
    minLength: 5,
    maxLength: 60,
  })
  .map((all) => ({ time: all.map(([t]) => t), event: all.map(([, e]) => e), group: all.map(([, , g]) => g) }));

describe('Kaplan–Meier', () => {
  test('aml: the curve, errors, intervals and medians that R’s survival prints', () => {
    const { curves, estimates, riskTable } = kaplanMeier(survivalTable(aml, groups), { at: [0, 13, 14, 200] });
    const printed = curves[0]!.points
      .filter(({ events }) => events > 0)
      .map((point) => [
        point.time,
        point.atRisk,
        point.survival.toFixed(3),
        point.standardError!.toFixed(4),
        point.low!.toFixed(4),
        point.high!.toFixed(3),
      ]);
    expect(printed).toEqual([
      [9, 11, '0.909', '0.0867', '0.7541', '1.000'],
      [13, 10, '0.818', '0.1163', '0.6192', '1.000'],
      [18, 8, '0.716', '0.1397', '0.4884', '1.000'],
      [23, 7, '0.614', '0.1526', '0.3769', '0.999'],
      [31, 5, '0.491', '0.1642', '0.2549', '0.946'],
      [34, 4, '0.368', '0.1627', '0.1549', '0.875'],
      [48, 2, '0.184', '0.1535', '0.0359', '0.944'],
    ]);
    expect(curves[1]!.points.at(-1)).toMatchObject({ time: 45, survival: 0, standardError: null, low: null });
    expect(estimates.map(({ value, interval }) => [value, interval!.low, interval!.high])).toEqual([
      [31, 18, null],
      [23, 8, null],
    ]);
    expect(riskTable.counts).toEqual([
      [11, 10, 8, 0],
      [12, 7, 7, 0],
    ]);
  });

  test('without censoring it is the share of those who live on', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 40 }), (time) => {
        const all = { time, event: time.map(() => true), group: time.map(() => 'all') };
        const n = time.length;
        for (const point of kaplanMeier(survivalTable(all, ['all'])).curves[0]!.points) {
          const left = time.filter((t) => t > point.time).length;
          expect(close(point.survival, left / n)).toBe(true);
          if (left > 0) expect(close(point.standardError! ** 2, (left * (n - left)) / n ** 3)).toBe(true);
        }
      }),
      runs(50),
    );
  });

  test('intervals of all three scales hold the curve, and differ only in their transform', () => {
    const z = -normal.quantile(0.05);
    fc.assert(
      fc.property(followUps, (all) => {
        for (const scale of ['log', 'log-log', 'plain'] as const) {
          const { curves } = kaplanMeier(survivalTable(all, ['a', 'b', 'c']), { scale, level: 0.9 });
          for (const { survival: s, standardError, low, high } of curves.flatMap(({ points }) => points)) {
            if (low === null || high === null || standardError === null) continue;
            expect(low <= s && s <= high && low >= 0 && high <= 1).toBe(true);
            if (s === 1) continue;
            const transform = { log: Math.log(s), 'log-log': Math.log(-Math.log(s)), plain: s }[scale];
            const at = { log: Math.log(low), 'log-log': Math.log(-Math.log(low)), plain: low }[scale];
            const slope = { log: 1 / s, 'log-log': 1 / (s * Math.log(s)), plain: 1 }[scale];
            if (low > 0) expect(close(Math.abs(at - transform), z * standardError * Math.abs(slope), 1e-6)).toBe(true);
          }
        }
      }),
      runs(30),
    );
  });

  test('the median is the middle of a stretch at one half; one that is not reached is said', () => {
    const of = (time: number[], event: boolean[]) =>
      kaplanMeier(survivalTable({ time, event, group: time.map(() => 'all') }, ['all']));
    expect(of([1, 2, 3, 4], [true, true, true, true]).estimates[0]!.value).toBe(2.5);
    const never = of([1, 2, 3, 4], [true, false, false, false]);
    expect(never.estimates[0]!.value).toBeNull();
    expect(never.notes).toMatchObject([{ code: 'not-reached', names: ['all'] }]);
  });

  test('agreed intervals keep the number at risk at their ends', () => {
    const table = survivalTable(aml, groups, [10, 20, 30, 40, 50]);
    expect(table.events[0]).toEqual([1, 2, 1, 2, 1]);
    expect(table.atRisk[0]).toEqual([11, 10, 7, 5, 3]);
    expect(table.atRisk[1]).toEqual([12, 8, 6, 3, 2]);
  });

  test('counts that no patients can have are refused', () => {
    const table = { groups: ['a'], times: [1, 2], atRisk: [[5, 4]], events: [[1, 1]] };
    expect(() => kaplanMeier(table)).not.toThrow();
    expect(() => kaplanMeier({ ...table, atRisk: [[5, 5]] })).toThrow('no longer at risk');
    expect(() => kaplanMeier({ ...table, events: [[1, 9]] })).toThrow('no longer at risk');
    expect(() => kaplanMeier({ ...table, times: [2, 1] })).toThrow('ascend');
    expect(() => kaplanMeier({ ...table, events: [[1]] })).toThrow('one count');
  });
});

describe('log-rank', () => {
  test('aml: R’s survdiff; 3.396389 to seven digits', () => {
    const { tests, groups: rows } = logRank(survivalTable(aml, groups));
    expect(tests[0]!.statistic!.value).toBeCloseTo(3.396389, 5);
    expect(tests[0]!.p).toBeCloseTo(0.0653, 4);
    expect(rows.map(({ observed, expected }) => [observed, expected.toFixed(2)])).toEqual([
      [7, '10.69'],
      [11, '7.31'],
    ]);
  });

  test('a group that left before the first event changes nothing, and is named', () => {
    const more = {
      time: [...aml.time, 1, 2, 2, 3],
      event: [...aml.event, false, false, false, false],
      group: [...aml.group, 'dummy', 'dummy', 'dummy', 'dummy'],
    };
    const { tests, notes } = logRank(survivalTable(more, ['dummy', ...groups]));
    expect(tests[0]!.df).toEqual([1]);
    expect(tests[0]!.statistic!.value).toBeCloseTo(3.396389, 5);
    expect(notes).toMatchObject([{ code: 'empty', names: ['dummy'] }]);
  });

  test('events observed are events expected; the order of groups does not matter', () => {
    fc.assert(
      fc.property(followUps, (all) => {
        const one = logRank(survivalTable(all, ['a', 'b', 'c']));
        const other = logRank(survivalTable(all, ['c', 'a', 'b']));
        const sum = (key: 'observed' | 'expected') => one.groups.reduce((total, row) => total + row[key], 0);
        expect(close(sum('observed'), sum('expected'))).toBe(true);
        expect(close(sum('observed'), all.event.filter(Boolean).length)).toBe(true);
        const [left, right] = [one.tests[0]?.statistic?.value, other.tests[0]?.statistic?.value];
        expect(left === undefined).toBe(right === undefined);
        if (left !== undefined) expect(close(left, right!, 1e-8)).toBe(true);
      }),
      runs(50),
    );
  });

  test('groups that were never at risk together cannot be compared', () => {
    const apart = {
      groups: ['early', 'late'],
      times: [1, 5],
      atRisk: [
        [1, 0],
        [0, 0],
      ],
      events: [
        [1, 0],
        [0, 0],
      ],
    };
    expect(logRank(apart).notes.map(({ code }) => code)).toEqual(['empty', 'no-variation']);
    expect(logRank(apart).tests).toEqual([]);
  });
});
