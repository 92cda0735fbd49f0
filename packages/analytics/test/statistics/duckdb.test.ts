import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  coMoments,
  correlation,
  linearRegression,
  linearSummary,
  mean,
  moments,
  quantile,
  quantileSummary,
  variance,
  withIntercept,
} from '../../src/index.ts';
import { close, runs } from './runs.ts';

test('from sums it is what DuckDB computes from rows', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const value = fc.integer({ min: -10_000, max: 10_000 }).map((x) => x / 100);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(value, value), { minLength: 3, maxLength: 50 }),
      fc.integer({ min: 0, max: 20 }),
      async (rows, twentieths) => {
        const [x, y] = [rows.map((row) => row[0]), rows.map((row) => row[1])];
        fc.pre(new Set(x).size > 2 && new Set(y).size > 2);
        const p = twentieths / 20;
        const values = rows.map(([a, b]) => `(${a}::DOUBLE, ${b}::DOUBLE)`).join(', ');
        const reader = await connection.runAndReadAll(
          `SELECT avg(x), var_samp(x), corr(x, y), regr_slope(y, x), regr_intercept(y, x), quantile_cont(x, ${p}), median(y)
           FROM (VALUES ${values}) AS t(x, y)`,
        );
        const ours = [
          mean(moments(x)),
          variance(moments(x)),
          correlation(coMoments(x, y)).estimates[0]!.value,
          ...linearRegression(linearSummary(withIntercept({ x }), y))
            .estimates.map((estimate) => estimate.value)
            .reverse(),
          quantile(quantileSummary(x, p)).estimates[0]!.value,
          quantile(quantileSummary(y, 0.5)).estimates[0]!.value,
        ];
        const theirs = reader.getRows()[0] as number[];
        for (const [i, number] of theirs.entries()) expect(close(ours[i]!, number, 1e-8), `${i}`).toBe(true);
      },
    ),
    runs(30),
  );
  connection.closeSync();
});
