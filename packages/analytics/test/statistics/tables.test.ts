import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conditionalOddsRatio,
  crossTable,
  crossTabulation,
  fisherExact,
  freemanHalton,
  histogram,
  histogramSummary,
  hypergeometric,
  type MethodResult,
  riskMeasures,
} from '../../src/index.ts';
import { close, runs } from './runs.ts';

const named = (result: MethodResult, name: string) => result.estimates.find((estimate) => estimate.name === name)!;
const codes = (result: MethodResult) => result.notes.map(({ code }) => code);
const tableOf = (cells: readonly (readonly (number | null)[])[]) => ({
  rows: cells.map((_, i) => `r${i}`),
  columns: cells[0]!.map((_, j) => `c${j}`),
  cells,
});

describe('cross-tabulation', () => {
  test('party by gender: the example of R’s chisq.test', () => {
    const { tests, n } = crossTabulation(
      tableOf([
        [762, 327, 468],
        [484, 239, 477],
      ]),
    );
    expect(n).toBe(2757);
    expect(tests[0]!.statistic!.value).toBeCloseTo(30.0701, 4);
    expect(tests[0]!.df).toEqual([2]);
    expect(tests[0]!.p).toBeCloseTo(2.954e-7, 10);
  });

  test('2 × 2: with and without correction, and exact, as SciPy 1.17', () => {
    const result = crossTabulation(
      tableOf([
        [12, 5],
        [3, 9],
      ]),
    );
    expect(result.tests.map(({ statistic }) => statistic?.value)).toEqual([
      expect.closeTo(5.85483193277311, 12),
      expect.closeTo(4.171457749766574, 12),
      undefined,
    ]);
    expect(result.tests.map(({ p }) => p)).toEqual([
      expect.closeTo(0.015534341414683461, 14),
      expect.closeTo(0.04111041419430694, 14),
      expect.closeTo(0.02532768703367614, 13),
    ]);
    expect(named(result, 'r0: c0').value).toBeCloseTo(12 / 17);
  });

  test('χ² is the square of the z of two proportions', () => {
    const count = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const pooled = (a + c) / (a + b + c + d);
        const z = (a / (a + b) - c / (c + d)) / Math.sqrt(pooled * (1 - pooled) * (1 / (a + b) + 1 / (c + d)));
        const { tests } = crossTabulation(
          tableOf([
            [a, b],
            [c, d],
          ]),
        );
        expect(close(tests[0]!.statistic!.value, z * z)).toBe(true);
        expect(tests[1]!.statistic!.value).toBeLessThanOrEqual(tests[0]!.statistic!.value);
      }),
      runs(100),
    );
  });

  test('counts rows by agreed names, and nothing else', () => {
    const table = crossTable(['x', 'y', 'x', 'z', 'x'], ['1', '2', '2', '1', '3'], ['x', 'y'], ['1', '2']);
    expect(table.cells).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });

  test('says what is suppressed, empty, small or too large', () => {
    const hidden = crossTabulation(
      tableOf([
        [12, null],
        [30, 9],
      ]),
    );
    expect(hidden.tests).toEqual([]);
    expect(hidden.notes).toMatchObject([{ code: 'suppressed', names: ['r0, c1'] }]);
    const empty = crossTabulation(
      tableOf([
        [12, 0, 50],
        [30, 0, 90],
        [0, 0, 0],
      ]),
    );
    expect(empty.notes).toMatchObject([{ code: 'empty', names: ['r2', 'c1'] }]);
    expect(empty.tests[0]!.df).toEqual([1]);
    expect(codes(crossTabulation(tableOf([[3, 4]])))).toEqual([]);
    const large = crossTabulation(tableOf([0, 1, 2, 3].map((i) => [80, 90, 70, 60 + i])));
    expect(codes(large)).toEqual(['too-much-work']);
    expect(large.tests).toHaveLength(1);
    const small = crossTabulation(
      tableOf([
        [1, 2],
        [3, 4],
      ]),
    );
    expect(codes(small)).toEqual(['small-expected']);
    expect(() => crossTabulation(tableOf([[1, -2]]))).toThrow('counts');
    expect(() => crossTabulation({ rows: ['a'], columns: ['b'], cells: [[1, 2]] })).toThrow('one cell');
  });
});

describe('Fisher', () => {
  test('tea and convictions: the examples of R’s fisher.test', () => {
    const tea = [
      [3, 1],
      [1, 3],
    ];
    expect(fisherExact(tea).twoSided).toBeCloseTo(0.4857, 4);
    expect(fisherExact(tea).greater).toBeCloseTo(0.2429, 4);
    expect(conditionalOddsRatio(tea, 0.9).interval!.low).toBeCloseTo(0.3135693, 4);
    expect(conditionalOddsRatio(tea, 0.95).value).toBeCloseTo(6.4083, 4);
    const convictions = [
      [2, 15],
      [10, 3],
    ];
    expect(fisherExact(convictions).less).toBeCloseTo(0.0004652, 7);
    const { value, interval } = conditionalOddsRatio(convictions, 0.95);
    expect(value).toBeCloseTo(0.0469366, 6);
    expect(interval!.low).toBeCloseTo(0.003325764, 4);
    expect(interval!.high).toBeCloseTo(0.363182271, 4);
  });

  test('both ways are one: all tables, and the hypergeometric distribution', () => {
    const count = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const table = [
          [a, b],
          [c, d],
        ];
        const { twoSided, less, greater } = fisherExact(table);
        expect(close(freemanHalton(table)!, twoSided)).toBe(true);
        const { low, probabilities } = hypergeometric(a + c, b + d, a + b);
        expect(close(less + greater - probabilities[a - low]!, 1)).toBe(true);
      }),
      runs(100),
    );
  });

  test('of large counts too, where chances are too small for a number', () => {
    const of = (a: number, b: number) =>
      conditionalOddsRatio(
        [
          [a, b],
          [b, a],
        ],
        0.95,
      );
    const [strong, inverse] = [of(4000, 3), of(3, 4000)];
    expect(close(strong.value! * inverse.value!, 1)).toBe(true);
    expect(close(strong.interval!.low! * inverse.interval!.high!, 1)).toBe(true);
    expect(strong.interval!.low! < strong.value! && strong.value! < strong.interval!.high!).toBe(true);
  });

  test('3 × 3, and turned on its side', () => {
    const table = [
      [3, 1, 0],
      [1, 4, 2],
      [0, 2, 5],
    ];
    const p = freemanHalton(table)!;
    // Every probability of a 3 × 3 table, with binomials.
    expect(p).toBeCloseTo(exhaustive(table), 12);
    expect(freemanHalton(table[0]!.map((_, j) => table.map((row) => row[j]!)))).toBeCloseTo(p, 12);
    expect(freemanHalton(table, 10)).toBeNull();
  });
});

/** Sum over all 3 × 3 tables with these margins that are no more probable: four free cells, tried one after the other. */
function exhaustive(table: readonly (readonly number[])[]): number {
  const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));
  const product = (cells: readonly number[]) => cells.reduce((all, count) => all * factorial(count), 1);
  const rows = table.map((row) => row.reduce((a, b) => a + b));
  const columns = table[0]!.map((_, j) => table.reduce((sum, row) => sum + row[j]!, 0));
  const weights: number[] = [];
  const up = (n: number) => Array.from({ length: n + 1 }, (_, i) => i);
  for (const a of up(rows[0]!)) {
    for (const b of up(rows[0]!)) {
      for (const d of up(rows[1]!)) {
        for (const e of up(rows[1]!)) {
          const c = rows[0]! - a - b;
          const f = rows[1]! - d - e;
          const last = [columns[0]! - a - d, columns[1]! - b - e, columns[2]! - c - f];
          const cells = [a, b, c, d, e, f, ...last];
          if (cells.every((count) => count >= 0)) weights.push(1 / product(cells));
        }
      }
    }
  }
  const observed = 1 / product(table.flat());
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return sum(weights.filter((weight) => weight <= observed * (1 + 1e-7))) / sum(weights);
}

describe('risk', () => {
  test('aspirin and heart attacks: Agresti, Categorical Data Analysis, table 2.3', () => {
    const result = riskMeasures({
      exposedCases: 189,
      exposedOthers: 10_845,
      unexposedCases: 104,
      unexposedOthers: 10_933,
    });
    const rounded = result.estimates
      .slice(0, 3)
      .map(({ value, interval }) => [value, interval!.low, interval!.high].map((x) => x!.toPrecision(3)));
    expect(rounded).toEqual([
      ['1.83', '1.44', '2.33'],
      ['1.82', '1.43', '2.31'],
      ['0.00771', '0.00469', '0.0107'],
    ]);
    expect(result.notes).toEqual([]);
  });

  test('the exact interval contains the conditional estimate; swapping the groups inverts the ratios', () => {
    const count = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const risk = (w: number, x: number, y: number, z: number) =>
          riskMeasures({ exposedCases: w, exposedOthers: x, unexposedCases: y, unexposedOthers: z }).estimates;
        const [odds, ratio, difference, exact] = risk(a, b, c, d);
        const [turnedOdds, turnedRatio, turnedDifference] = risk(c, d, a, b);
        expect(close(odds!.value! * turnedOdds!.value!, 1)).toBe(true);
        expect(close(ratio!.interval!.low! * turnedRatio!.interval!.high!, 1)).toBe(true);
        expect(close(difference!.value!, -turnedDifference!.value!)).toBe(true);
        expect(exact!.interval!.low!).toBeLessThan(exact!.value!);
        expect(exact!.interval!.high!).toBeGreaterThan(exact!.value!);
      }),
      runs(30),
    );
  });

  test('a zero cell is reported, not corrected', () => {
    const result = riskMeasures({ exposedCases: 0, exposedOthers: 20, unexposedCases: 5, unexposedOthers: 15 });
    expect(result.notes).toMatchObject([{ code: 'zero-cell', names: ['exposed cases'] }]);
    const [odds, ratio, difference, exact] = result.estimates;
    expect([odds!.value, odds!.interval, ratio!.value, ratio!.interval]).toEqual([null, null, null, null]);
    expect(difference!.value).toBe(-0.25);
    expect(exact!.value).toBe(0);
    expect(exact!.interval!.low).toBe(0);
    expect(exact!.interval!.high).toBeGreaterThan(0);
    const large = { exposedCases: 30_000, exposedOthers: 30_000, unexposedCases: 25_000, unexposedOthers: 30_000 };
    expect(codes(riskMeasures(large))).toEqual(['too-much-work']);
    expect(riskMeasures(large).estimates).toHaveLength(3);
    const none = riskMeasures({ exposedCases: 0, exposedOthers: 0, unexposedCases: 5, unexposedOthers: 15 });
    expect(codes(none)).toEqual(['zero-cell', 'empty']);
    expect(none.estimates.map(({ value }) => value)).toEqual([null, null, null, null]);
  });
});

describe('histogram', () => {
  test('counts each value once, the last edge included', () => {
    const summary = histogramSummary([0, 0.5, 1, 2, 2.5, 3, 4], [0, 1, 2, 3]);
    expect(summary.counts).toEqual([2, 1, 3]);
    const { n, estimates, bins } = histogram(summary);
    expect(n).toBe(6);
    expect(estimates.map(({ value }) => value)).toEqual([2 / 6, 1 / 6, 3 / 6]);
    expect(bins[2]).toEqual({ from: 2, to: 3, count: 3 });
  });

  test('Wilson’s interval, as SciPy 1.17; suppressed bins are left out and named', () => {
    const result = histogram({ edges: [0, 1, 2, 3], counts: [7, 13, null] });
    expect(result.estimates[0]!.interval!.low).toBeCloseTo(0.1811918241010821, 12);
    expect(result.estimates[0]!.interval!.high).toBeCloseTo(0.5671457233147637, 12);
    expect(result.notes).toMatchObject([{ code: 'suppressed', names: ['2 to 3 incl.'] }]);
    expect(result.estimates).toHaveLength(2);
    expect(() => histogramSummary([1], [1, 1])).toThrow('ascending');
  });
});
