import { insecureTestRng, readU64 } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import type { Fixed, PlanBuilder, Wire } from '../src/index.ts';
import { exp, log, multiply, rescale, runClear, sigmoid } from '../src/index.ts';
import { runSecure } from './network.ts';
import { expectNumeric, numbersOf, numericInputs, numericPlan, spread } from './numeric.ts';

const rng = insecureTestRng(8);
const random = (bits: number): bigint => readU64(rng(8)) >> BigInt(64 - bits);

/** Edges, powers of two, and an even grid between two bounds. */
function between(lo: bigint, hi: bigint) {
  const grid = Array.from({ length: 2001 }, (_, i) => lo + ((hi - lo) * BigInt(i)) / 2000n);
  return { values: [...spread(lo, hi, random), ...grid], range: [lo, hi] as const };
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

describe('sigmoid', () => {
  test.each([
    [-(1n << 30n), 1n << 30n, 20, 30],
    [-(1n << 24n), 1n << 24n, 20, 24],
    [-(1n << 35n), 1n << 35n, 34, 30],
    [-100n, 100n, 0, 30],
    [-40n, 40n, 3, 16],
    [3n, 5n, 0, 30],
    [1n << 20n, 1n << 22n, 10, 30],
    [-(1n << 22n), -(1n << 20n), 10, 30],
  ])('of %s … %s with %i bits of fraction, to %i', (lo, hi, from, fraction) => {
    const rounds = expectNumeric(
      [between(lo, hi)],
      (b, [x]) => sigmoid(b, { wire: x!, fraction: from }, fraction),
      ([x]) => ({ value: logistic(Number(x) / 2 ** from), error: 2 ** -21 + 4 * 2 ** -fraction }),
    );
    expect(rounds).toBeLessThanOrEqual(9);
  });
});

describe('exp', () => {
  test.each([
    [-(16n << 20n), 0n, 20, 30],
    [-(5n << 16n), 5n << 16n, 16, 30],
    [-(1n << 30n), 1n << 22n, 20, 24],
    [-10n, 10n, 0, 40],
    [-(8n << 34n), 8n << 34n, 34, 20],
    [20n << 20n, 30n << 20n, 20, 10],
    [-(1n << 40n), -(1n << 38n), 20, 30],
    [7n, 7n, 3, 30],
    [-(1n << 50n), 5n, 0, 30],
  ])('of %s … %s with %i bits of fraction, to %i', (lo, hi, from, fraction) => {
    const rounds = expectNumeric(
      [between(lo, hi)],
      (b, [x]) => exp(b, { wire: x!, fraction: from }, fraction),
      ([x]) => {
        const value = Math.exp(Number(x) / 2 ** from);
        return { value, error: value * 2 ** -23 + 3 * 2 ** -fraction };
      },
    );
    expect(rounds).toBeLessThanOrEqual(11);
  });

  test('refused where results need more bits', () => {
    const write = (b: PlanBuilder, [x]: Wire[]): Fixed => exp(b, { wire: x!, fraction: 0 }, 40);
    expect(() => numericPlan([{ values: [0n], range: [0n, 20n] }], write)).toThrowError(
      expect.objectContaining({ code: 'plan-range' }),
    );
  });
});

describe('log', () => {
  test.each([
    [1n, 1n << 40n, 0, 30],
    [1n, 1n << 30n, 20, 40],
    [1n << 10n, 1n << 12n, 11, 24],
    [1n, (1n << 61n) - 1n, 30, 30],
    [6n, 6n, 1, 30],
  ])('of %s … %s with %i bits of fraction, to %i', (lo, hi, from, fraction) => {
    const rounds = expectNumeric(
      [between(lo, hi)],
      (b, [y]) => log(b, { wire: y!, fraction: from }, fraction),
      ([y]) => ({ value: Math.log(Number(y) / 2 ** from), error: 2 ** -21 + 5 * 2 ** -fraction }),
    );
    expect(rounds).toBeLessThanOrEqual(10);
  });
});

test('products and scales', () => {
  const [x, y] = [between(-(1n << 30n), 1n << 30n), between(-(1n << 30n), 1n << 30n)];
  const values = x.values.map(() => y.values[Number(random(16)) % y.values.length]!);
  const columns = [x, { ...y, values }];
  const write = (b: PlanBuilder, [a, c]: Wire[]): Fixed =>
    rescale(b, multiply(b, { wire: a!, fraction: 20 }, { wire: c!, fraction: 20 }, 22), 24);
  const rounds = expectNumeric(columns, write, ([a, c]) => ({
    value: (Number(a) / 2 ** 20) * (Number(c) / 2 ** 20),
    error: 2 ** -22,
  }));
  expect(rounds).toBe(2);
});

test('parties get what the clear run gets, but for a few units of rounding', async () => {
  const size = 131;
  const columns = [
    { values: Array.from({ length: size }, () => random(26) - (1n << 25n)), range: [-(1n << 25n), 1n << 25n] as const },
    { values: Array.from({ length: size }, (_, i) => 1n + random(1 + (i % 28))), range: [1n, 1n << 28n] as const },
  ];
  const plan = numericPlan(columns, (b, [x, y]) => {
    b.reveal(exp(b, { wire: x!, fraction: 22 }, 30).wire, [0], 'exp');
    b.reveal(log(b, { wire: y!, fraction: 8 }, 30).wire, [0], 'log');
    return sigmoid(b, { wire: x!, fraction: 20 }, 30);
  });
  const inputs = numericInputs(columns);
  const { outputs } = await runSecure(plan, inputs);
  const clear = runClear(plan, inputs);
  const [xs, ys] = columns.map(({ values }) => values.map(Number)) as [number[], number[]];
  const check = (name: string, real: (i: number) => number, error: (value: number) => number): void => {
    for (const results of [outputs[0]![name]!, clear[name]!].map((bytes) => numbersOf(bytes, 30))) {
      for (let i = 0; i < size; i++) {
        expect(Math.abs(results[i]! - real(i)), name).toBeLessThanOrEqual(error(real(i)));
      }
    }
  };
  check(
    'result',
    (i) => logistic(xs[i]! / 2 ** 20),
    () => 2 ** -21 + 4 * 2 ** -30,
  );
  check(
    'exp',
    (i) => Math.exp(xs[i]! / 2 ** 22),
    (value) => value * 2 ** -23 + 3 * 2 ** -30,
  );
  check(
    'log',
    (i) => Math.log(ys[i]! / 2 ** 8),
    () => 2 ** -21 + 5 * 2 ** -30,
  );
});
