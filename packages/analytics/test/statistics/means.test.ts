import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  beforeAfter,
  coMoments,
  compareMeans,
  correlation,
  describeMoments,
  differenceInDifferences,
  linearRegression,
  linearSummary,
  type MethodResult,
  mean,
  moments,
  panelDifferenceInDifferences,
  quantile,
  quantileRanks,
  quantileSummary,
  variance,
} from '../../src/index.ts';
import { close, numbers, runs } from './runs.ts';

/** Two passes over the values, as a textbook has it. */
function plain(values: readonly number[]): { mean: number; variance: number } {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return { mean: centre, variance: squares / (values.length - 1) };
}

const pairs = fc
  .array(fc.tuple(fc.integer({ min: -900, max: 900 }), fc.integer({ min: -900, max: 900 })), {
    minLength: 4,
    maxLength: 30,
  })
  .filter((all) => [0, 1].every((i) => new Set(all.map((pair) => pair[i])).size > 2))
  .filter((all) => new Set(all.map(([a, b]) => a! - b!)).size > 2)
  .map((all) => ({ x: all.map(([a]) => a!), y: all.map(([, b]) => b!) }));

describe('moments about a constant', () => {
  const shift = ({ x, y }: { x: number[]; y: number[] }, a: number, b: number) => ({
    ...coMoments(
      x.map((value) => value - a),
      y.map((value) => value - b),
    ),
    aboutX: a,
    aboutY: b,
  });

  test('every method of means gives the same', () => {
    fc.assert(
      fc.property(pairs, pairs, fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 }), (p, q, a, b) => {
        const same = (other: MethodResult, plain: MethodResult) => {
          for (const [i, { name, value, standardError }] of plain.estimates.entries()) {
            expect(other.estimates[i]!.name).toBe(name);
            expect(close(other.estimates[i]!.value!, value!, 1e-9)).toBe(true);
            expect(close(other.estimates[i]!.standardError ?? 0, standardError ?? 0, 1e-7)).toBe(true);
          }
        };
        const [treated, control] = [coMoments(p.x, p.y), coMoments(q.x, q.y)];
        same(beforeAfter(shift(p, a, b)), beforeAfter(treated));
        const panel = { treated: shift(p, a, b), control: shift(q, b, a) };
        const result = panelDifferenceInDifferences(panel);
        const plain = panelDifferenceInDifferences({ treated, control });
        same(result, plain);
        same(result.regression, plain.regression);
        const [m, n] = [
          { ...moments(p.x.map((x) => x - a)), about: a },
          { ...moments(q.x.map((x) => x - b)), about: b },
        ];
        same(compareMeans(m, n), compareMeans(moments(p.x), moments(q.x)));
        same(describeMoments(m), describeMoments(moments(p.x)));
      }),
      runs(100),
    );
  });

  test('digits stay where the mean is far larger than the spread', () => {
    const result = describeMoments({ ...moments([-1, 0, 1]), about: 1e12 });
    expect(result.estimates.map(({ value }) => value)).toEqual([1e12, 1, 1]);
  });
});

describe('moments', () => {
  test('mean and variance are those of two passes', () => {
    fc.assert(
      fc.property(numbers(2), (values) => {
        const expected = plain(values);
        expect(close(mean(moments(values))!, expected.mean)).toBe(true);
        expect(close(variance(moments(values))!, expected.variance)).toBe(true);
      }),
      runs(100),
    );
  });

  test('what is missing, constant or no data at all is said, or refused', () => {
    expect(describeMoments(moments([])).estimates.map(({ value }) => value)).toEqual([null, null, null]);
    expect(describeMoments(moments([3])).notes).toMatchObject([{ code: 'empty' }]);
    const constant = describeMoments(moments([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]));
    expect(constant.notes).toMatchObject([{ code: 'no-variation' }]);
    expect(constant.estimates[0]!.interval).toBeNull();
    expect(() => moments([1, Number.NaN])).toThrow('finite');
    expect(() => describeMoments({ n: 2, sum: 10, sumSquares: 3 })).toThrow('too small');
    expect(() => describeMoments({ n: 2.5, sum: 1, sumSquares: 3 })).toThrow('counts');
    expect(() => describeMoments(moments([1, 2]), { level: 95 })).toThrow('confidence level');
  });
});

describe('two means', () => {
  test('as SciPy 1.17: pooled, and paired', () => {
    const [x, y] = [
      [1, 2, 3, 4, 9],
      [2, 4, 4, 8, 9],
    ];
    const pooled = compareMeans(moments(x!), moments([...y!, 12]), { variances: 'pooled' }).tests[0]!;
    expect(pooled.statistic!.value).toBeCloseTo(-1.2736835723907618, 12);
    expect(pooled.p).toBeCloseTo(0.23468420285077807, 12);
    const paired = beforeAfter(coMoments(x!, y!)).tests[0]!;
    expect(paired.statistic!.value).toBeCloseTo(2.359071298478354, 12);
    expect(paired.p).toBeCloseTo(0.07774164094789986, 12);
  });

  test('a constant difference has no spread, whatever the rounding', () => {
    const x = Array.from({ length: 30 }, (_, i) => 100 + i / 7);
    const result = beforeAfter(
      coMoments(
        x,
        x.map((value) => value + 0.3),
      ),
    );
    expect(result.estimates[0]!.value).toBeCloseTo(0.3, 10);
    expect(result.notes).toMatchObject([{ code: 'no-variation' }]);
    expect(result.tests).toEqual([]);
    expect(beforeAfter(coMoments([], [])).estimates[0]!.value).toBeNull();
  });

  test('pooled t is the slope of a regression on the group', () => {
    fc.assert(
      fc.property(numbers(2), numbers(2), (a, b) => {
        const { estimates } = compareMeans(moments(a), moments(b), { variances: 'pooled' });
        const rows = [...a.map(() => [1, 1]), ...b.map(() => [1, 0])];
        const slope = linearRegression(linearSummary({ columns: ['(intercept)', 'group'], rows }, [...a, ...b]));
        expect(close(slope.estimates[1]!.value!, estimates[0]!.value!, 1e-8)).toBe(true);
        expect(close(slope.estimates[1]!.test!.p, estimates[0]!.test!.p, 1e-8)).toBe(true);
      }),
      runs(30),
    );
  });

  test('of groups of equal size and spread, Welch and Student agree', () => {
    const [a, b] = [moments([1, 2, 3]), moments([5, 6, 7])];
    const [welch, pooled] = (['welch', 'pooled'] as const).map((variances) => compareMeans(a, b, { variances }));
    expect(welch!.tests[0]!.p).toBeCloseTo(pooled!.tests[0]!.p, 14);
    expect(compareMeans(moments([4, 4]), moments([5, 5])).tests).toEqual([]);
    expect(compareMeans(moments([]), moments([5, 5]), { names: ['a', 'b'] }).notes).toMatchObject([
      { code: 'empty', names: ['a'] },
      { code: 'no-variation', names: ['b'] },
    ]);
  });
});

describe('correlation', () => {
  test('as SciPy 1.17, and Anscombe’s', () => {
    const result = correlation(coMoments([1, 2, 3, 4, 5, 6, 7.5], [2, 1, 4, 3, 7, 5, 9]));
    const { value, interval, test: of } = result.estimates[0]!;
    expect(value).toBeCloseTo(0.8884076460898651, 13);
    expect(of!.p).toBeCloseTo(0.007517448773144631, 13);
    expect(interval!.low).toBeCloseTo(0.4089388867333331, 12);
    expect(interval!.high).toBeCloseTo(0.9834892426580071, 12);
  });

  test('its t is that of the slope; a line is 1, a constant nothing', () => {
    fc.assert(
      fc.property(pairs, ({ x, y }) => {
        const { value, test: of } = correlation(coMoments(x, y)).estimates[0]!;
        fc.pre(Math.abs(value!) < 0.999);
        const design = { columns: ['(intercept)', 'x'], rows: x.map((at) => [1, at]) };
        const slope = linearRegression(linearSummary(design, y)).estimates[1]!;
        expect(close(slope.test!.statistic!.value, of!.statistic!.value, 1e-7)).toBe(true);
      }),
      runs(50),
    );
    const line = correlation(coMoments([1, 2, 3, 4], [8, 6, 4, 2])).estimates[0]!;
    expect([line.value, line.interval, line.test]).toEqual([-1, null, null]);
    const constant = correlation(coMoments([1, 2, 3], [5, 5, 5]));
    expect(constant.estimates[0]!.value).toBeNull();
    expect(constant.notes).toMatchObject([{ code: 'no-variation', names: ['y'] }]);
    expect(() => correlation({ n: 3, sumX: 0, sumY: 0, sumXX: 1, sumYY: 1, sumXY: 2 })).toThrow('too large');
  });
});

describe('difference in differences', () => {
  test('of a panel: Welch on the changes, and a regression clustered by patient', () => {
    fc.assert(
      fc.property(pairs, pairs, (treated, control) => {
        const summary = { treated: coMoments(treated.x, treated.y), control: coMoments(control.x, control.y) };
        const { estimates, regression } = panelDifferenceInDifferences(summary);
        const changes = [treated, control].map(({ x, y }) => moments(y.map((value, i) => value - x[i]!)));
        const welch = compareMeans(changes[0]!, changes[1]!).estimates[0]!;
        expect(close(estimates[0]!.value!, welch.value!)).toBe(true);
        expect(close(estimates[0]!.test!.p, welch.test!.p, 1e-8)).toBe(true);

        // The same regression from its rows.
        const rows: number[][] = [];
        const y: number[] = [];
        const patient: string[] = [];
        for (const [group, cases] of [control, treated].entries()) {
          for (const i of cases.x.keys()) {
            rows.push([1, group, 0, 0], [1, group, 1, group]);
            y.push(cases.x[i]!, cases.y[i]!);
            patient.push(`${group} ${i}`, `${group} ${i}`);
          }
        }
        const columns = ['(intercept)', 'group', 'period', 'group × period'];
        const direct = linearRegression(linearSummary({ columns, rows }, y, patient));
        for (const [i, estimate] of regression.estimates.entries()) {
          expect(estimate.name).toBe(direct.estimates[i]!.name);
          expect(close(estimate.value!, direct.estimates[i]!.value!, 1e-7)).toBe(true);
          expect(close(estimate.standardError!, direct.estimates[i]!.standardError!, 1e-7)).toBe(true);
        }
        expect(close(regression.estimates[3]!.value!, estimates[0]!.value!, 1e-7)).toBe(true);
        // Of groups of one size the clustered error is Welch's, but for the factor of small samples.
        if (treated.x.length !== control.x.length) return;
        const n = treated.x.length;
        const factor = ((2 * n) / (2 * n - 1)) * ((4 * n - 1) / (4 * n - 4)) * ((n - 1) / n);
        const ratio = regression.estimates[3]!.standardError! / estimates[0]!.standardError!;
        expect(close(ratio ** 2, factor, 1e-6)).toBe(true);
      }),
      runs(30),
    );
  });

  test('of four samples: the errors add up', () => {
    const cell = (values: readonly number[]) => moments(values);
    const result = differenceInDifferences({
      treatedBefore: cell([1, 2, 3]),
      treatedAfter: cell([7, 8, 9]),
      controlBefore: cell([2, 3, 4]),
      controlAfter: cell([3, 4, 5]),
    });
    const effect = result.estimates[0]!;
    expect(effect.value).toBe(5);
    expect(effect.standardError).toBeCloseTo(Math.sqrt(4 / 3), 14);
    expect(effect.test!.df[0]).toBeCloseTo(8, 12);
    const one = moments([1]);
    const few = differenceInDifferences({
      treatedBefore: one,
      treatedAfter: one,
      controlBefore: one,
      controlAfter: moments([]),
    });
    expect(few.estimates[0]!.value).toBeNull();
    expect(few.notes[0]!.names).toHaveLength(4);
  });
});

describe('quantiles', () => {
  test('type 7: at (n − 1)p between the sorted values', () => {
    fc.assert(
      fc.property(numbers(2), fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
        const sorted = values.toSorted((a, b) => a - b);
        const at = (values.length - 1) * p;
        const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
        const { estimates } = quantile(quantileSummary(values, p));
        expect(close(estimates[0]!.value!, low + (at - Math.floor(at)) * (high - low))).toBe(true);
      }),
      runs(100),
    );
  });

  test('the ranks of an interval are those of the binomial tables', () => {
    // Conover, Practical Nonparametric Statistics, table A3 with n = 16: P(B ≤ 3) = 0.0106, P(B ≤ 4) = 0.0384.
    expect(quantileRanks(16, 0.5)).toMatchObject({ below: 8, above: 9, weight: 0.5, low: 4, high: 13 });
    expect(quantileRanks(5, 0.5)).toMatchObject({ low: null, high: null });
    const { notes } = quantile(quantileSummary([3, 1, 2], 0.5));
    expect(notes).toMatchObject([{ code: 'empty' }]);
    expect(() => quantileRanks(0, 0.5)).toThrow('needs a value');
    expect(() => quantile({ n: 3, p: 0.5, below: 4, above: 3, low: null, high: null })).toThrow('ascend');
  });

  test('every interval holds its level', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (n, p) => {
        const { low, high } = quantileRanks(n, p);
        const chances = [1 - p];
        // P(B = k) for k = 0…n, by recurrence from the first.
        chances[0] = (1 - p) ** n;
        for (let k = 1; k <= n; k++) chances[k] = ((chances[k - 1]! * (n - k + 1)) / k) * (p / (1 - p));
        const sum = (from: number, to: number) => chances.slice(from, to).reduce((all, chance) => all + chance, 0);
        if (low !== null) {
          expect(sum(0, low)).toBeLessThanOrEqual(0.025 + 1e-12);
          expect(sum(0, low + 1)).toBeGreaterThan(0.025 - 1e-12);
        }
        if (high !== null) {
          expect(sum(high, n + 1)).toBeLessThanOrEqual(0.025 + 1e-9);
          expect(sum(high - 1, n + 1)).toBeGreaterThan(0.025 - 1e-9);
        }
      }),
      runs(100),
    );
  });
});
