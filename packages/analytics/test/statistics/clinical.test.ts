import { describe, expect, test } from 'vitest';
import {
  compareMeans,
  kaplanMeier,
  logisticRegression,
  logisticSummary,
  logRank,
  moments,
  type SurvivalResult,
  survivalTable,
  withIntercept,
} from '../../src/index.ts';
import { present, type Row, read } from './clinical-data.ts';

const known = (column: string) => (row: Row) => row[column] !== '' && row[column] !== 'NA';

function survival(rows: Row[], time: string, died: (row: Row) => boolean, by: (row: Row) => string) {
  const follow = { time: rows.map((row) => Number(row[time])), event: rows.map(died), group: rows.map(by) };
  return survivalTable(follow, [...new Set(follow.group)].sort());
}

const all = () => 'all';
const medians = ({ estimates, curves }: SurvivalResult) =>
  estimates.map(({ value, interval, n }, g) => [n, curves[g]!.events, value, interval?.low, interval?.high]);

describe.skipIf(!present)('figures that R publishes', () => {
  test('lung: log-rank by sex, medians', () => {
    const rows = read('survival_cancer.csv');
    const died = (row: Row) => row.status === '2';
    const bySex = survival(rows, 'time', died, (row) => row.sex!);
    const { tests, groups } = logRank(bySex);
    expect(tests[0]!.statistic!.value).toBeCloseTo(10.3267, 4);
    expect(tests[0]!.p).toBeCloseTo(0.00131, 5);
    expect(groups.map(({ observed, expected }) => [observed, expected.toFixed(4)])).toEqual([
      [112, '91.5817'],
      [53, '73.4183'],
    ]);
    expect(medians(kaplanMeier(bySex))).toEqual([
      [138, 112, 270, 212, 310],
      [90, 53, 426, 348, 550],
    ]);
    expect(medians(kaplanMeier(survival(rows, 'time', died, all)))).toEqual([[228, 165, 310, 285, 363]]);
    const byEcog = survival(rows.filter(known('ph.ecog')), 'time', died, (row) => row['ph.ecog']!);
    expect(medians(kaplanMeier(byEcog)).slice(0, 3)).toEqual([
      [63, 37, 394, 348, 574],
      [113, 82, 306, 268, 429],
      [50, 44, 199, 156, 288],
    ]);
    expect(logRank(byEcog).tests[0]).toMatchObject({ df: [3] });
    expect(logRank(byEcog).tests[0]!.p.toPrecision(1)).toBe('0.00007');
  });

  test('pbc and rotterdam: medians with their intervals', () => {
    const pbc = read('survival_pbc.csv');
    const died = (row: Row) => row.status === '2';
    expect(medians(kaplanMeier(survival(pbc, 'time', died, all)))).toEqual([[418, 161, 3395, 3090, 3853]]);
    const byDrug = survival(pbc.filter(known('trt')), 'time', died, (row) => row.trt!);
    expect(logRank(byDrug).tests[0]!.statistic!.value.toFixed(1)).toBe('0.1');
    expect(logRank(byDrug).tests[0]!.p.toFixed(1)).toBe('0.7');
    const rotterdam = survival(read('survival_rotterdam.csv'), 'dtime', (row) => row.death === '1', all);
    expect(medians(kaplanMeier(rotterdam))).toEqual([[2982, 1272, 4033, 3888, 4309]]);
  });

  test('infert: logistic regression', () => {
    const rows = read('datasets_infert.csv');
    const column = (name: string) => rows.map((row) => Number(row[name]));
    const design = withIntercept({ spontaneous: column('spontaneous'), induced: column('induced') });
    const { estimates, deviance, nullLogLikelihood, notes } = logisticRegression(
      logisticSummary(design, column('case')),
    );
    expect(notes).toEqual([]);
    expect(estimates.map(({ value }) => value!.toFixed(4))).toEqual(['-1.7079', '1.1972', '0.4181']);
    expect(estimates.map(({ standardError }) => standardError!.toFixed(4))).toEqual(['0.2677', '0.2116', '0.2056']);
    expect(deviance.toFixed(2)).toBe('279.61');
    expect((-2 * nullLogLikelihood).toFixed(2)).toBe('316.17');
  });

  test('sleep: Welch', () => {
    const rows = read('datasets_sleep.csv');
    const group = (name: string) => moments(rows.filter((row) => row.group === name).map((row) => Number(row.extra)));
    const { tests, estimates } = compareMeans(group('1'), group('2'));
    expect(tests[0]!.statistic!.value.toFixed(4)).toBe('-1.8608');
    expect(tests[0]!.df[0]!.toFixed(3)).toBe('17.776');
    expect(tests[0]!.p.toFixed(5)).toBe('0.07939');
    expect(estimates[0]!.interval!.low).toBeCloseTo(-3.3654832, 7);
    expect(estimates[0]!.interval!.high).toBeCloseTo(0.2054832, 7);
  });
});
