import { planCost, runClear } from '@symbolon/engine';
import { describe, expect, test } from 'vitest';
import { runSecure } from '../../../engine/test/network.ts';
import { kaplanMeier, survivalTable } from '../../src/index.ts';
import {
  openSurvival,
  readSurvival,
  type SurvivalRule,
  type SurvivalShape,
  survivalCounts,
  survivalResult,
} from '../../src/survival/index.ts';
import { present, type Row, read } from '../statistics/clinical-data.ts';
import { inputsOf, type Lane, planOf } from './lanes.ts';

/** The follow-up of rows as lanes, and what a run over them needs. */
function study(rows: readonly Row[], time: string, died: (row: Row) => boolean, by: (row: Row) => string) {
  const groups = [...new Set(rows.map(by))].sort();
  const times = rows.map((row) => Number(row[time]));
  const shape: SurvivalShape = { from: Math.min(...times), to: Math.max(...times), groups: groups.length };
  const lanes = rows.map(
    (row, i): Lane => ({
      time: times[i]! - shape.from,
      event: died(row),
      group: groups.indexOf(by(row)),
      weight: true,
    }),
  );
  const follow = { time: times, event: rows.map(died), group: rows.map(by) };
  return { shape, lanes, groups, table: survivalTable(follow, groups) };
}

const planFor = (size: number, shape: SurvivalShape, rule: SurvivalRule) =>
  planOf(size, shape, (b, lanes) => {
    const counts = survivalCounts(b, lanes, shape);
    openSurvival(b, counts, { shape, rule, most: size }, { to: [0], name: 'survival' });
  });

const died = (row: Row) => row.status === '2';

describe.skipIf(!present)('figures that R publishes, from masked data', () => {
  test('lung by ECOG and by sex: medians, log-rank, curves', async () => {
    const rows = read('survival_cancer.csv');
    const known = rows.filter((row) => row['ph.ecog'] !== '' && row['ph.ecog'] !== 'NA');
    for (const [data, by] of [
      [known, 'ph.ecog'],
      [rows, 'sex'],
    ] as const) {
      const { shape, lanes, groups, table } = study(data, 'time', died, (row) => row[by]!);
      const rule = { minimum: 1, at: Array.from({ length: shape.to - shape.from + 1 }, (_, i) => shape.from + i) };
      const { outputs } = await runSecure(planFor(lanes.length, shape, rule), inputsOf(lanes, shape));
      const secure = survivalResult(readSurvival(outputs[0]!.survival!, shape, rule, groups), rule);
      const clear = kaplanMeier(table);
      expect(secure.estimates).toEqual(clear.estimates);
      const [mine, its] = [secure.tests[0]!.statistic!.value, clear.tests[0]!.statistic!.value];
      expect(Math.abs(mine / its - 1)).toBeLessThan(1e-6);
      if (by === 'sex') expect(mine.toFixed(4)).toBe('10.3267');
      else expect(secure.estimates.slice(0, 3).map(({ value }) => value)).toEqual([394, 306, 199]);
      for (const [g, { points }] of clear.curves.entries()) {
        for (const point of points) {
          const open = secure.curves[g]!.points.find(({ time }) => time === point.time)!;
          for (const key of ['survival', 'standardError', 'low', 'high'] as const) {
            if (point[key] === null) expect(open[key]).toBeNull();
            else expect(Math.abs(open[key]! - point[key]!)).toBeLessThan(2e-6);
          }
        }
      }
    }
  });

  test('rotterdam: 2,982 patients in days, with k = 5 at the ends of years', () => {
    const rows = read('survival_rotterdam.csv');
    const { shape, lanes, groups, table } = study(
      rows,
      'dtime',
      (row) => row.death === '1',
      (row) => row.hormon!,
    );
    const rule = { minimum: 5, at: Array.from({ length: 15 }, (_, i) => (i + 1) * 365) };
    const plan = planFor(lanes.length, shape, rule);
    expect(planCost(plan).rounds).toBeLessThan(80);
    const secure = survivalResult(
      readSurvival(runClear(plan, inputsOf(lanes, shape)).survival!, shape, rule, groups),
      rule,
    );
    const clear = kaplanMeier(table);
    expect(secure.estimates).toEqual(clear.estimates);
    expect(Math.abs(secure.tests[0]!.statistic!.value / clear.tests[0]!.statistic!.value - 1)).toBeLessThan(1e-6);
  });
});
