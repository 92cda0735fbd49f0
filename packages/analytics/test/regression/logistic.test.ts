import { planCost, runClear } from '@symbolon/engine';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runSecure } from '../../../engine/test/network.ts';
import { logisticRegression, logisticSummary, withIntercept } from '../../src/index.ts';
import { runs } from '../statistics/runs.ts';
import { type Column, regression } from './lanes.ts';

const rule = { minimum: 1, iterations: 8 };

/** The same fit in the clear, of lanes with weight. */
function clear(columns: readonly Column[], outcome: readonly number[], weight: readonly number[]) {
  const kept = <T>(values: readonly T[]): T[] => values.filter((_, i) => weight[i] === 1);
  const design = withIntercept(
    Object.fromEntries(columns.map(({ name, values, unit = 1 }) => [name, kept(values).map((x) => x * unit)])),
  );
  return logisticRegression(logisticSummary(design, kept(outcome)));
}

/** Rows with an effect of a few columns: bits, and numbers whose ranges are wider than what is there. */
const data = fc
  .record({ rows: fc.integer({ min: 80, max: 250 }), seed: fc.integer(), flags: fc.integer({ min: 1, max: 3 }) })
  .map(({ rows, seed, flags }) => {
    let state = seed >>> 0;
    const next = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const column = (of: () => number): number[] => Array.from({ length: rows }, of);
    const columns: Column[] = [
      { name: 'age', values: column(() => 20 + Math.floor(60 * next())), range: [0, 120] },
      { name: 'cost', values: column(() => Math.floor(1_000_000 * next() ** 2)), range: [0, 3_000_000], unit: 0.01 },
      ...Array.from({ length: flags }, (_, i) => ({
        name: `flag${i}`,
        values: column(() => (next() < 0.3 ? 1 : 0)),
      })),
    ];
    const weight = column(() => (next() < 0.8 ? 1 : 0));
    const eta = (i: number): number =>
      (columns[0]!.values[i]! - 50) / 20 + columns[1]!.values[i]! / 500_000 - 1 - columns[2]!.values[i]!;
    const outcome = weight.map((_, i) => (next() < 1 / (1 + Math.exp(-eta(i))) ? 1 : 0));
    return { columns, outcome, weight };
  });

describe('logistic regression, inside', () => {
  test('coefficients, errors and likelihood to 4 digits of a standard error; lanes without weight count nowhere', () => {
    fc.assert(
      fc.property(data, ({ columns, outcome, weight }) => {
        const expected = clear(columns, outcome, weight);
        fc.pre(expected.notes.length === 0);
        const of = regression(columns, outcome, rule, { weight });
        const result = of.read(runClear(of.plan, of.inputs).fit!);
        expect(result.notes).toEqual([]);
        expect(result.n).toBe(expected.n);
        for (const [i, { value, standardError }] of result.estimates.entries()) {
          const clear = expected.estimates[i]!;
          expect(Math.abs(value! - clear.value!) / clear.standardError!).toBeLessThan(2e-3);
          expect(Math.abs(standardError! / clear.standardError! - 1)).toBeLessThan(1e-3);
        }
        expect(Math.abs(result.deviance - expected.deviance)).toBeLessThan(1e-2);
      }),
      runs(8),
    );
  });

  test('by three parties and a dealer', async () => {
    const { columns, outcome, weight } = fc.sample(data, { numRuns: 1, seed: 4 })[0]!;
    const of = regression(columns, outcome, { minimum: 3, iterations: 8 }, { weight, parties: 3 });
    const { outputs } = await runSecure(of.plan, of.inputs);
    const result = of.read(outputs[0]!.fit!);
    const expected = clear(columns, outcome, weight);
    for (const [i, { value }] of result.estimates.entries()) {
      const { value: its, standardError } = expected.estimates[i]!;
      expect(Math.abs(value! - its!) / standardError!).toBeLessThan(1e-3);
    }
  });

  test('a cell with too few patients withholds everything', () => {
    const x = Array.from({ length: 60 }, (_, i) => (i < 6 ? 1 : 0));
    const y = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 1 : 0));
    const columns = [{ name: 'x', values: x }];
    for (const [minimum, opens] of [
      [3, true],
      [4, false],
    ] as const) {
      const of = regression(columns, y, { minimum, iterations: 3 });
      const bytes = runClear(of.plan, of.inputs).fit!;
      expect(of.read(bytes).notes.some(({ code }) => code === 'suppressed')).toBe(!opens);
      if (!opens) expect(bytes.every((byte) => byte === 0)).toBe(true);
    }
    for (const may of [0, 1] as const) {
      const of = regression(columns, y, { minimum: 3, iterations: 2 }, { may });
      expect(runClear(of.plan, of.inputs).fit!.some((byte) => byte !== 0)).toBe(may === 1);
    }
    const numbers = regression(
      [{ name: 'age', values: x.map((_, i) => i), range: [0, 99] }],
      y.map((value, i) => (i < 4 ? value : 0)),
      { minimum: 3, iterations: 3 },
    );
    expect(numbers.read(runClear(numbers.plan, numbers.inputs).fit!)).toMatchObject({
      n: 0,
      estimates: [{ name: 'age', value: null }],
      notes: [{ code: 'suppressed' }],
    });
  });

  test('separation, collinear columns and equal outcomes are reported, not estimated', () => {
    const x = Array.from({ length: 120 }, (_, i) => i);
    const mark = x.map((value) => (value % 4 === 0 ? 1 : 0));
    const noise = x.map((value, i) => ((value * 7 + (i >> 3)) % 5 < 2 ? 1 : 0));
    const fitted = (columns: readonly Column[], y: readonly number[]) => {
      const of = regression(columns, y, rule);
      return of.read(runClear(of.plan, of.inputs).fit!);
    };
    const age = { name: 'age', values: x, range: [0, 200] } as const;
    const separated = fitted(
      [age, { name: 'mark', values: mark }],
      noise.map((value, i) => (mark[i] === 1 ? 0 : value)),
    );
    expect(separated.notes).toMatchObject([{ code: 'separation', names: ['mark'] }]);
    const complete = fitted(
      [age],
      x.map((value) => (value > 57 ? 1 : 0)),
    );
    expect(['separation', 'not-converged']).toContain(complete.notes[0]!.code);
    expect(complete.estimates.map(({ value }) => value)).toEqual([null, null]);
    const others = mark.map((value) => 1 - value);
    const collinear = fitted([{ name: 'mark', values: mark }, age, { name: 'others', values: others }], noise);
    expect(collinear.notes).toMatchObject([{ code: 'collinear', names: ['others', '(intercept)', 'mark'] }]);
    const half = { name: 'half', values: x.map((value) => 3 * value), range: [0, 1000] } as const;
    expect(fitted([age, half], noise).notes).toMatchObject([{ code: 'collinear', names: ['half', 'age'] }]);
    expect(
      fitted(
        [age],
        x.map(() => 1),
      ).notes,
    ).toMatchObject([{ code: 'no-variation' }]);
  });

  test('whatever the columns are: the fit in the clear, or a note', () => {
    const column = fc.constantFrom<(i: number) => number>(
      () => 0,
      () => 1,
      (i) => i % 2,
      (i) => (i % 3 === 0 ? 1 : 0),
      (i) => (i % 50 === 0 ? 1 : 0),
      (i) => (i < 30 ? 1 : 0),
    );
    fc.assert(
      fc.property(fc.array(column, { minLength: 1, maxLength: 12 }), column, column, (columns, y, w) => {
        const rows = Array.from({ length: 72 }, (_, i) => i);
        const named = columns.map((of, i) => ({ name: `x${i}`, values: rows.map(of) }));
        const [outcome, weight] = [rows.map(y), rows.map(w)];
        const of = regression(named, outcome, rule, { weight });
        const result = of.read(runClear(of.plan, of.inputs).fit!);
        if (!weight.includes(1)) return void expect(result.notes).toMatchObject([{ code: 'empty' }]);
        const expected = clear(named, outcome, weight);
        if (expected.notes.length > 0) return void expect(result.notes.length).toBeGreaterThan(0);
        if (result.notes.length > 0) return void expect(result.notes).toMatchObject([{ code: 'not-converged' }]);
        for (const [i, { value }] of result.estimates.entries()) {
          const { value: its, standardError } = expected.estimates[i]!;
          expect(Math.abs(value! - its!) / standardError!).toBeLessThan(3e-3);
        }
      }),
      runs(25),
    );
  });

  test('shapes out of bounds are refused', () => {
    const y = [0, 1, 0, 1];
    expect(() => regression([], y, rule)).toThrow('columns');
    expect(() => regression([{ name: 'x', values: y }], y, { ...rule, iterations: 17 })).toThrow('iterations');
    const of = regression([{ name: 'x', values: y }], y, rule);
    expect(() => of.read(new Uint8Array(8))).toThrow('bytes');
    expect(planCost(of.plan).rounds).toBeLessThan(1000);
  });
});
