import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  linearRegression,
  linearSummary,
  logisticRegression,
  logisticStep,
  logisticSummary,
  riskMeasures,
  withIntercept,
} from '../../src/index.ts';
import { close, runs } from './runs.ts';

// J. Longley, JASA 62 (1967) 819, with the values certified by NIST StRD: hard, because its columns are nearly collinear.
const longley = {
  employed: [
    60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761, 66019, 67857, 68169, 66513, 68655, 69564, 69331, 70551,
  ],
  columns: {
    deflator: [83, 88.5, 88.2, 89.5, 96.2, 98.1, 99, 100, 101.2, 104.6, 108.4, 110.8, 112.6, 114.2, 115.7, 116.9],
    product: [
      234289, 259426, 258054, 284599, 328975, 346999, 365385, 363112, 397469, 419180, 442769, 444546, 482704, 502601,
      518173, 554894,
    ],
    unemployed: [2356, 2325, 3682, 3351, 2099, 1932, 1870, 3578, 2904, 2822, 2936, 4681, 3813, 3931, 4806, 4007],
    forces: [1590, 1456, 1616, 1650, 3099, 3594, 3547, 3350, 3048, 2857, 2798, 2637, 2552, 2514, 2572, 2827],
    population: [
      107608, 108632, 109773, 110929, 112075, 113270, 115094, 116219, 117388, 118734, 120445, 121950, 123366, 125368,
      127852, 130081,
    ],
    year: Array.from({ length: 16 }, (_, i) => 1947 + i),
  },
  coefficients: [
    -3482258.63459582, 15.0618722713733, -0.035819179292591, -2.02022980381683, -1.03322686717359, -0.0511041056535807,
    1829.15146461355,
  ],
  errors: [
    890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699, 0.214274163161675, 0.22607320006937,
    455.478499142212,
  ],
};

describe('linear regression', () => {
  test('Longley: NIST’s certified values to 6 digits, from sums', () => {
    const result = linearRegression(linearSummary(withIntercept(longley.columns), longley.employed));
    for (const [i, { value, standardError }] of result.estimates.entries()) {
      expect(Math.abs(value! / longley.coefficients[i]! - 1)).toBeLessThan(1e-6);
      expect(Math.abs(standardError! / longley.errors[i]! - 1)).toBeLessThan(1e-6);
    }
    expect(result.rSquared).toBeCloseTo(0.995479004577296, 9);
    expect(result.residualStandardError).toBeCloseTo(304.854073561965, 4);
    expect(result.tests[0]!.statistic!.value).toBeCloseTo(330.285339234588, 3);
    expect(result.residualDf).toBe(9);
  });

  test('Anscombe’s first: R’s lm', () => {
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    const { estimates, rSquared, adjustedRSquared } = linearRegression(linearSummary(withIntercept({ x }), y));
    expect(estimates.map(({ value }) => value!.toFixed(4))).toEqual(['3.0001', '0.5001']);
    expect(estimates.map(({ standardError }) => standardError!.toFixed(4))).toEqual(['1.1247', '0.1179']);
    expect(estimates.map(({ test: of }) => of!.p.toPrecision(3))).toEqual(['0.0257', '0.00217']);
    expect([rSquared!.toFixed(4), adjustedRSquared!.toFixed(4)]).toEqual(['0.6665', '0.6295']);
  });

  test('from sums it is what QR gives from rows', () => {
    const row = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 12, maxLength: 40 }), (all) => {
        const columns = { a: all.map((r) => r[0]!), b: all.map((r) => r[1]! + r[0]! / 2), c: all.map((r) => r[2]!) };
        const y = all.map((r) => r[3]!);
        const design = withIntercept(columns);
        const { beta, residual, smallest } = householder(design.rows, y);
        fc.pre(smallest > 1e-2);
        const result = linearRegression(linearSummary(design, y));
        for (const [i, { value }] of result.estimates.entries()) expect(close(value!, beta[i]!, 1e-7)).toBe(true);
        const df = all.length - 4;
        if (residual > 1) expect(close(result.residualStandardError!, Math.sqrt(residual / df), 1e-7)).toBe(true);
      }),
      runs(50),
    );
  });

  test('names the columns at fault', () => {
    const man = [1, 0, 1, 1, 0, 0];
    const age = [30, 41, 52, 63, 74, 85];
    const woman = man.map((value) => 1 - value);
    const y = [1, 3, 2, 5, 4, 6];
    const { estimates, notes } = linearRegression(linearSummary(withIntercept({ man, age, woman }), y));
    expect(notes).toMatchObject([{ code: 'collinear', names: ['woman', '(intercept)', 'man'] }]);
    expect(estimates.map(({ value }) => value)).toEqual([null, null, null, null]);
    const zero = linearRegression(linearSummary(withIntercept({ age, none: age.map(() => 0) }), y));
    expect(zero.notes).toMatchObject([{ code: 'collinear', names: ['none'] }]);
    expect(zero.notes[0]!.text).toContain('0 throughout');
    const few = linearRegression(linearSummary(withIntercept({ man: [1, 0], age: [3, 4] }), [1, 2]));
    expect(few.notes[0]).toMatchObject({ code: 'empty' });
  });

  test('sums in fixed point: rounding does not hide a collinear column', () => {
    const a = [3, 1, 4, 1, 5, 9, 2, 6];
    const b = [2, 7, 1, 8, 2, 8, 1, 8];
    const summary = linearSummary(
      withIntercept({ a, b, c: a.map((value, i) => value - b[i]!) }),
      [1, 2, 2, 4, 3, 7, 1, 5],
    );
    const rounded = {
      ...summary,
      gram: summary.gram.map((row, i) =>
        row.map((value, j) => value + ((3 * i + 5 * j + 3 * j + 5 * i) % 7) / 2 ** 20),
      ),
    };
    expect(linearRegression(rounded, { remainder: 1e-5 }).notes).toMatchObject([
      { code: 'collinear', names: ['c', 'a', 'b'] },
    ]);
  });

  test('one cluster has no errors', () => {
    const design = withIntercept({ x: [1, 2, 3, 5] });
    const { estimates, notes } = linearRegression(linearSummary(design, [1, 2, 2, 4], ['p', 'p', 'p', 'p']));
    expect(notes).toMatchObject([{ code: 'empty' }]);
    expect(estimates[1]).toMatchObject({ standardError: null, interval: null, test: null });
    expect(estimates[1]!.value).not.toBeNull();
  });

  test('a perfect fit has no errors; a constant outcome no R²', () => {
    const x = [1, 2, 3, 4];
    const line = linearRegression(linearSummary(withIntercept({ x }), [5, 7, 9, 11]));
    expect(line.notes).toMatchObject([{ code: 'perfect-fit' }]);
    expect(line.estimates.map(({ standardError }) => standardError)).toEqual([null, null]);
    expect(line.estimates[1]!.value).toBeCloseTo(2, 10);
    const constant = linearRegression(linearSummary(withIntercept({ x }), [3, 3, 3, 3]));
    expect(constant.rSquared).toBeNull();
  });

  test('refuses sums that do not fit together', () => {
    const summary = linearSummary(withIntercept({ x: [1, 2, 3, 5] }), [1, 2, 2, 4]);
    expect(() => linearRegression({ ...summary, gram: [[1]] })).toThrow('2 × 2');
    expect(() =>
      linearRegression({
        ...summary,
        gram: [
          [4, 11],
          [12, 39],
        ],
      }),
    ).toThrow('symmetric');
    expect(() => linearRegression({ ...summary, moment: [1] })).toThrow('one moment');
    expect(() => linearRegression({ ...summary, square: Number.NaN })).toThrow('finite');
    expect(() => withIntercept({ x: [1, 2], y: [1] })).toThrow('same length');
  });
});

/** Least squares by Householder reflections: G. Golub, Numerische Mathematik 7 (1965) 206. */
function householder(rows: readonly (readonly number[])[], y: readonly number[]) {
  const a = rows.map((row, i) => [...row, y[i]!]);
  const k = rows[0]!.length;
  for (let j = 0; j < k; j++) {
    const norm = Math.hypot(...a.slice(j).map((row) => row[j]!)) * (a[j]![j]! > 0 ? -1 : 1);
    const v = a.map((row, i) => (i < j ? 0 : row[j]! - (i === j ? norm : 0)));
    const square = v.reduce((sum, value) => sum + value * value, 0);
    if (square === 0) continue;
    for (let c = j; c <= k; c++) {
      const projection = (2 * v.reduce((sum, value, i) => sum + value * a[i]![c]!, 0)) / square;
      for (const [i, row] of a.entries()) row[c]! -= projection * v[i]!;
    }
  }
  const beta = new Array<number>(k).fill(0);
  for (let j = k - 1; j >= 0; j--) {
    const known = beta.reduce((sum, value, c) => (c > j ? sum + a[j]![c]! * value : sum), 0);
    beta[j] = (a[j]![k]! - known) / a[j]![j]!;
  }
  const residual = a.slice(k).reduce((sum, row) => sum + row[k]! ** 2, 0);
  return { beta, residual, smallest: Math.min(...beta.map((_, j) => Math.abs(a[j]![j]!))) };
}

describe('columns about constants', () => {
  const about = (columns: Record<string, number[]>, y: number[], by: readonly number[], ofY: number) => {
    const names = Object.keys(columns);
    const shifted = names.map((name, i) => [name, columns[name]!.map((value) => value - by[i]!)] as const);
    const design = withIntercept(Object.fromEntries(shifted));
    return {
      ...linearSummary(
        design,
        y.map((value) => value - ofY),
      ),
      about: { columns: [0, ...by], y: ofY },
    };
  };

  test('the same coefficients and errors', () => {
    const [x, z, y] = [
      [1, 2, 4, 7, 9],
      [3, 1, 0, 2, 8],
      [2, 3, 3, 9, 1],
    ];
    const plain = linearRegression(linearSummary(withIntercept({ x: x!, z: z! }), y!));
    const other = linearRegression(about({ x: x!, z: z! }, y!, [4.5, -3], 11));
    for (const [i, { value, standardError }] of plain.estimates.entries()) {
      expect(close(other.estimates[i]!.value!, value!, 1e-12)).toBe(true);
      expect(close(other.estimates[i]!.standardError!, standardError!, 1e-12)).toBe(true);
    }
    expect(close(other.rSquared!, plain.rSquared!, 1e-12)).toBe(true);
    expect(close(other.tests[0]!.p, plain.tests[0]!.p, 1e-11)).toBe(true);
  });

  test('digits stay where means are far larger than spreads', () => {
    const x = [1, 2, 3, 5];
    const far = linearRegression(about({ x: x.map((value) => value + 1e9) }, [1, 2, 2, 4], [1e9 + 3], 2));
    const near = linearRegression(linearSummary(withIntercept({ x }), [1, 2, 2, 4]));
    expect(far.notes).toEqual([]);
    expect(close(far.estimates[1]!.value!, near.estimates[1]!.value!, 1e-12)).toBe(true);
    expect(close(far.estimates[1]!.standardError!, near.estimates[1]!.standardError!, 1e-12)).toBe(true);
    expect(close(far.estimates[0]!.value!, near.estimates[0]!.value! - 1e9 * near.estimates[1]!.value!, 1e-12)).toBe(
      true,
    );
  });

  test('what is constant is a multiple of the intercept', () => {
    const { notes } = linearRegression(about({ x: [7, 7, 7], z: [1, 2, 4] }, [1, 2, 4], [7, 2], 2));
    expect(notes).toMatchObject([{ code: 'collinear', names: ['x', '(intercept)'] }]);
  });

  test('only with an intercept', () => {
    const summary = linearSummary(withIntercept({ x: [1, 2, 3] }), [1, 2, 4]);
    expect(() => linearRegression({ ...summary, about: { columns: [1, 2], y: 0 } })).toThrow(/intercept/);
  });
});

describe('logistic regression', () => {
  test('of one binary column it is the odds ratio with Woolf’s error', () => {
    const count = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const repeat = (times: number, value: number): number[] => new Array<number>(times).fill(value);
        const exposed = [...repeat(a + b, 1), ...repeat(c + d, 0)];
        const y = [...repeat(a, 1), ...repeat(b, 0), ...repeat(c, 1), ...repeat(d, 0)];
        const { oddsRatios, notes } = logisticRegression(logisticSummary(withIntercept({ exposed }), y));
        const table = { exposedCases: a, exposedOthers: b, unexposedCases: c, unexposedOthers: d };
        const woolf = riskMeasures(table).estimates[0]!;
        expect(notes).toEqual([]);
        expect(close(oddsRatios[0]!.value!, woolf.value!, 1e-8)).toBe(true);
        expect(close(oddsRatios[0]!.standardError!, woolf.standardError!, 1e-8)).toBe(true);
        expect(close(oddsRatios[0]!.interval!.high!, woolf.interval!.high!, 1e-7)).toBe(true);
      }),
      runs(50),
    );
  });

  test('at the fit the score is 0, and every step of the likelihood went up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 0, max: 9 }), fc.boolean()), {
          minLength: 40,
          maxLength: 80,
        }),
        (all) => {
          const design = withIntercept({ x: all.map(([x]) => x / 10), z: all.map(([, z]) => z) });
          const y = all.map(([, , outcome]) => (outcome ? 1 : 0));
          const summary = logisticSummary(design, y);
          const result = logisticRegression(summary);
          fc.pre(result.notes.length === 0);
          // Stopped early, it is not taken for separation.
          for (const iterations of [0, 1, 2, 3, 4]) {
            const codes = logisticRegression(logisticSummary(design, y, iterations)).notes.map(({ code }) => code);
            expect(codes.filter((code) => code !== 'not-converged')).toEqual([]);
          }
          for (const value of summary.score) expect(Math.abs(value)).toBeLessThan(1e-6);
          expect(result.logLikelihood).toBeGreaterThanOrEqual(result.nullLogLikelihood - 1e-9);
          const start = logisticStep(design, y, [0, 0, 0]);
          expect(start.logLikelihood).toBeCloseTo(-y.length * Math.LN2, 9);
        },
      ),
      runs(30),
    );
  });

  test('separation is reported, complete or not', () => {
    const x = Array.from({ length: 40 }, (_, i) => i);
    const complete = logisticSummary(
      withIntercept({ x }),
      x.map((value) => (value > 17 ? 1 : 0)),
    );
    expect(logisticRegression(complete)).toMatchObject({
      notes: [{ code: 'separation' }],
      estimates: [{ value: null }, { value: null }],
      oddsRatios: [{ value: null, interval: null }],
      tests: [],
    });
    // No one with the mark is a case: only the mark's coefficient runs away.
    const mark = x.map((value) => (value % 4 === 0 ? 1 : 0));
    const design = withIntercept({ x, mark });
    const y = x.map((value, i) => (mark[i] === 1 ? 0 : (value * 7) % 5 < 2 ? 1 : 0));
    // As few iterations as a secure computation affords, in fixed point, and as many as anyone makes.
    for (const [iterations, tolerance] of [
      [8, 1e-3],
      [12, 1e-3],
      [20, 1e-3],
      [25, 1e-6],
      [200, 1e-6],
    ] as const) {
      const result = logisticRegression(logisticSummary(design, y, iterations), { tolerance });
      expect(result.notes).toMatchObject([{ code: 'separation', names: ['mark'] }]);
    }
  });

  test('no convergence, collinear columns and equal outcomes are reported', () => {
    const x = Array.from({ length: 60 }, (_, i) => i % 13);
    const y = x.map((value, i) => ((value * value + i) % 20 < value ? 1 : 0));
    const early = logisticRegression(logisticSummary(withIntercept({ x }), y, 1));
    expect(early.notes).toMatchObject([{ code: 'not-converged' }]);
    expect(early.estimates.map(({ value }) => value)).toEqual([null, null]);
    const twice = x.map((value) => 2 * value);
    const collinear = logisticRegression(logisticSummary(withIntercept({ x, twice }), y));
    expect(collinear.notes).toMatchObject([{ code: 'collinear', names: ['twice', 'x'] }]);
    const equal = logisticRegression(
      logisticSummary(
        withIntercept({ x }),
        y.map(() => 1),
      ),
    );
    expect(equal.notes).toMatchObject([{ code: 'no-variation' }]);
    expect(() => logisticSummary(withIntercept({ x }), [...y.slice(1), 2])).toThrow('0 or 1');
  });
});
