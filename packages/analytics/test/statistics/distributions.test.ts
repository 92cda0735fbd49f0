import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chiSquared, type Distribution, fisherF, hypergeometric, normal, studentT } from '../../src/index.ts';
import { close, runs } from './runs.ts';

// Upper tails by mpmath 1.3 with 40 digits: erfc, gammainc, betainc.
const tails: [string, Distribution, number, number][] = [
  ['normal', normal, 0.1, 0.460172162722971],
  ['normal', normal, 1, 0.158655253931457],
  ['normal', normal, 1.96, 0.0249978951482204],
  ['normal', normal, 6, 9.86587645037698e-10],
  ['normal', normal, 30, 4.90671392714819e-198],
  ['t(1)', studentT(1), 0.5, 0.352416382349567],
  ['t(2)', studentT(2), 40, 0.00031220733609237],
  ['t(4.5)', studentT(4.5), 2.5, 0.0299528432511003],
  ['t(17.776)', studentT(17.776), 1.8608, 0.0396982890698899],
  ['t(30)', studentT(30), 8, 3.13291123785038e-9],
  ['t(1000)', studentT(1000), 2.5, 0.0062892839005454],
  ['t(10⁶)', studentT(1e6), 1.8608, 0.0313863593938396],
  ['χ²(1)', chiSquared(1), 3.84, 0.0500435212487051],
  ['χ²(1)', chiSquared(1), 10.3267, 0.00131119432558138],
  ['χ²(2)', chiSquared(2), 0.001, 0.999500124979169],
  ['χ²(3)', chiSquared(3), 50, 7.98917924495147e-11],
  ['χ²(10)', chiSquared(10), 1000, 1.87029072091595e-208],
  ['χ²(99.5)', chiSquared(99.5), 50, 0.999991679197002],
  ['χ²(1000)', chiSquared(1000), 1000, 0.49405285382924],
  ['χ²(1000)', chiSquared(1000), 1300, 3.88973649948685e-10],
  ['F(1, 1)', fisherF(1, 1), 20, 0.140048696093102],
  ['F(3, 10)', fisherF(3, 10), 3.3, 0.0660153279003939],
  ['F(10, 3)', fisherF(10, 3), 0.5, 0.821992592624825],
  ['F(5, 200)', fisherF(5, 200), 20, 3.73661936774928e-16],
  ['F(2, 10⁵)', fisherF(2, 1e5), 3.3, 0.0368871840201407],
  ['F(2, 10⁵)', fisherF(2, 1e5), 100, 4.1107724631438e-44],
];

describe('tails', () => {
  test.each(tails)('%s', (_, distribution, x, expected) => {
    expect(Math.abs(distribution.above(x) / expected - 1)).toBeLessThan(2e-13);
    expect(distribution.below(x)).toBeCloseTo(1 - expected, 13);
  });

  test('of the normal, t and F distribution agree where they must', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 20, noNaN: true }), fc.integer({ min: 1, max: 500 }), (x, df) => {
        expect(close(2 * normal.above(x), chiSquared(1).above(x * x))).toBe(true);
        expect(close(2 * studentT(df).above(x), fisherF(1, df).above(x * x))).toBe(true);
        expect(close(fisherF(df, 7).above(x), fisherF(7, df).below(1 / x))).toBe(true);
        expect(close(chiSquared(2).above(x), Math.exp(-x / 2), 1e-13)).toBe(true);
        expect(close(studentT(1).above(x), 0.5 - Math.atan(x) / Math.PI, 1e-13)).toBe(true);
      }),
      runs(50),
    );
  });
});

describe('quantiles', () => {
  // Abramowitz and Stegun, tables 26.1, 26.8 to 26.10, with more digits.
  test.each([
    ['normal', normal, 0.975, 1.959963984540054],
    ['normal', normal, 0.01, -2.3263478740408408],
    ['t(5)', studentT(5), 0.975, 2.570581835636314],
    ['χ²(1)', chiSquared(1), 0.95, 3.841458820694124],
    ['χ²(10)', chiSquared(10), 0.005, 2.1558564813046455],
    ['F(3, 10)', fisherF(3, 10), 0.95, 3.7082648190468435],
  ] as const)('%s', (_, distribution, p, expected) => {
    expect(Math.abs(distribution.quantile(p) / expected - 1)).toBeLessThan(1e-10);
  });

  test('undo the probabilities', () => {
    const distribution = fc.oneof(
      fc.constant(normal),
      fc.integer({ min: 1, max: 300 }).map(studentT),
      fc.integer({ min: 1, max: 300 }).map(chiSquared),
      fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 })).map(([a, b]) => fisherF(a, b)),
    );
    fc.assert(
      fc.property(distribution, fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (at, p) => {
        expect(close(at.below(at.quantile(p)), p, 1e-11)).toBe(true);
      }),
      runs(100),
    );
    expect([0, 0.5, 1].map((p) => normal.quantile(p))).toEqual([-Infinity, 0, Infinity]);
    expect([0, 1].map((p) => chiSquared(3).quantile(p))).toEqual([0, Infinity]);
  });

  test('refuse what is no probability, and no degrees of freedom', () => {
    for (const bad of [-0.1, 1.1, Number.NaN]) expect(() => normal.quantile(bad)).toThrow('between 0 and 1');
    for (const bad of [0, -1, Number.NaN, Infinity]) expect(() => studentT(bad)).toThrow('degrees of freedom');
  });
});

describe('hypergeometric', () => {
  test('is a distribution, with its mean and its ratio of neighbours', () => {
    const count = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(count, count, fc.nat(), (successes, failures, seed) => {
        const draws = seed % (successes + failures + 1);
        const { low, probabilities } = hypergeometric(successes, failures, draws);
        const sum = probabilities.reduce((total, p) => total + p, 0);
        expect(close(sum, 1, 1e-12)).toBe(true);
        const mean = probabilities.reduce((total, p, i) => total + p * (low + i), 0);
        expect(close(mean * (successes + failures), draws * successes, 1e-10)).toBe(true);
        for (const [i, p] of probabilities.entries()) {
          const k = low + i;
          const next = probabilities[i + 1] ?? 0;
          const ratio = ((successes - k) * (draws - k)) / ((k + 1) * (failures - draws + k + 1));
          if (p > 1e-290) expect(Math.abs(next / p - ratio)).toBeLessThanOrEqual(1e-11 * ratio);
        }
      }),
      runs(50),
    );
    expect(() => hypergeometric(3, 4, 8)).toThrow('no more draws');
  });

  test('holds for large counts', () => {
    const { probabilities } = hypergeometric(60_000, 40_000, 50_000);
    expect(probabilities.reduce((total, p) => total + p, 0)).toBeCloseTo(1, 10);
  });
});
