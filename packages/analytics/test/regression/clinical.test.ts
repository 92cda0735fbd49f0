import { describe, expect, test } from 'vitest';
import { runSecure } from '../../../engine/test/network.ts';
import { present, read } from '../statistics/clinical-data.ts';
import { regression } from './lanes.ts';

describe.skipIf(!present)('figures that R publishes, from masked data', () => {
  test('infert: coefficients, standard errors, deviance', async () => {
    const rows = read('datasets_infert.csv');
    const column = (name: string) => rows.map((row) => Number(row[name]));
    const of = regression(
      [
        { name: 'spontaneous', values: column('spontaneous'), range: [0, 2] },
        { name: 'induced', values: column('induced'), range: [0, 2] },
      ],
      column('case'),
      { minimum: 1, iterations: 8 },
    );
    const { outputs } = await runSecure(of.plan, of.inputs);
    const { estimates, deviance, nullLogLikelihood, notes } = of.read(outputs[0]!.fit!);
    expect(notes).toEqual([]);
    expect(estimates.map(({ value }) => value!.toFixed(4))).toEqual(['-1.7079', '1.1972', '0.4181']);
    expect(estimates.map(({ standardError }) => standardError!.toFixed(4))).toEqual(['0.2677', '0.2116', '0.2056']);
    expect(deviance.toFixed(2)).toBe('279.61');
    expect((-2 * nullLogLikelihood).toFixed(2)).toBe('316.17');
  });
});
