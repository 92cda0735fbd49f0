import { insecureTestRng, readU64 } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import type { Fixed, PlanBuilder, Wire } from '../src/index.ts';
import { divide, divideEach, inverseSquareRoot, reciprocal, runClear, squareRoot } from '../src/index.ts';
import { runSecure } from './network.ts';
import { expectNumeric, numbersOf, numericInputs, numericPlan, spread } from './numeric.ts';

const rng = insecureTestRng(7);
const random = (bits: number): bigint => readU64(rng(8)) >> BigInt(64 - bits);
const from = (lo: bigint, hi: bigint) => ({ values: spread(lo, hi, random), range: [lo, hi] as const });

/** 2^−28 of the value, and 2 units of the last place. */
const bound = (value: number, fraction: number) => ({
  value,
  error: Math.abs(value) * 2 ** -28 + 2 * 2 ** -fraction,
});

/** Every pair, as two columns. */
function pairs(x: ReturnType<typeof from>, y: ReturnType<typeof from>) {
  const all = x.values.flatMap((a) => y.values.filter(() => random(3) === 0n).map((b) => [a, b] as const));
  return [
    { values: all.map(([a]) => a), range: x.range },
    { values: all.map(([, b]) => b), range: y.range },
  ];
}

describe('division', () => {
  test.each([
    ['counts', 0n, 1n << 20n, 0, 1n, 1n << 20n, 0, 20],
    ['signed sums of 40 bits by counts', -(1n << 40n), 1n << 40n, 0, 1n, 1n << 20n, 0, 20],
    ['small numbers by numbers of 40 bits', 0n, 1n << 20n, 0, 1n, 1n << 40n, 0, 40],
    ['fixed points', -(1n << 30n), 1n << 30n, 16, 1n << 8n, 1n << 28n, 20, 24],
    ['a divisor that differs little', 0n, 1n << 16n, 0, 40_000n, 70_000n, 0, 30],
    ['one bit', 0n, 5n, 0, 1n, 1n, 0, 30],
    ['small numbers', -3n, 3n, 0, 1n, 7n, 0, 30],
    ['a large divisor', 0n, 1n << 16n, 0, (1n << 40n) + 1n, 1n << 43n, 0, 60],
  ] as const)('of %s', (_, xLo, xHi, xFraction, yLo, yHi, yFraction, fraction) => {
    const columns = pairs(from(xLo, xHi), from(yLo, yHi));
    const write = (b: PlanBuilder, [x, y]: Wire[]): Fixed =>
      divide(b, { wire: x!, fraction: xFraction }, { wire: y!, fraction: yFraction }, { fraction });
    const rounds = expectNumeric(columns, write, ([x, y]) =>
      bound(Number(x) / 2 ** xFraction / (Number(y) / 2 ** yFraction), fraction),
    );
    expect(rounds).toBeLessThanOrEqual(14);
  });

  test('of numbers to 2^40, where the quotient is known to be at most 1000', () => {
    const all = pairs(from(0n, 1n << 40n), from(1n, 1n << 40n));
    const kept = all[0]!.values.map((x, i) => x <= 1000n * all[1]!.values[i]!);
    const columns = all.map(({ values, range }) => ({ values: values.filter((_, i) => kept[i]), range }));
    expectNumeric(
      columns,
      (b, [x, y]) => divide(b, { wire: x!, fraction: 0 }, { wire: y!, fraction: 0 }, { fraction: 30, bound: 1000n }),
      ([x, y]) => bound(Number(x) / Number(y), 30),
    );
  });

  test('of several by one', () => {
    const columns = pairs(from(0n, 1n << 20n), from(1n, 1n << 20n));
    const write = (b: PlanBuilder, [x, y]: Wire[]): Fixed => {
      const one = { x: { wire: b.linear([[0n, x!]], 1n), fraction: 0 } };
      return divideEach(b, [one, { x: { wire: x!, fraction: 0 } }], { wire: y!, fraction: 0 }, 24)[1]!;
    };
    expectNumeric(columns, write, ([x, y]) => bound(Number(x) / Number(y), 24));
  });

  test.each([
    ['a divisor that may be 0', 0n, 9n, undefined],
    ['quotients that need more bits', 1n, 1n << 40n, undefined],
    ['a bound that is too large', 1n, 1n << 40n, 1n << 21n],
  ])('%s is refused', (_, lo, hi, most) => {
    const columns = [
      { values: [1n], range: [0n, 1n << 40n] as const },
      { values: [1n], range: [lo, hi] as const },
    ];
    const write = (b: PlanBuilder, [x, y]: Wire[]): Fixed =>
      divide(
        b,
        { wire: x!, fraction: 0 },
        { wire: y!, fraction: 0 },
        { fraction: 10, ...(most !== undefined && { bound: most }) },
      );
    expect(() => numericPlan(columns, write)).toThrowError(expect.objectContaining({ code: 'plan-range' }));
  });
});

test.each([
  [1n, 1n << 40n, 0, 44],
  [1n << 10n, 1n << 30n, 12, 20],
  [1n, 1n << 59n, 30, 30],
])('reciprocal of %s … %s, with %i bits of fraction', (lo, hi, inFraction, fraction) => {
  const columns = [from(lo, hi)];
  const rounds = expectNumeric(
    columns,
    (b, [y]) => reciprocal(b, { wire: y!, fraction: inFraction }, fraction),
    ([y]) => bound(2 ** inFraction / Number(y), fraction),
  );
  expect(rounds).toBeLessThanOrEqual(14);
});

test.each([
  [1n, 1n << 40n, 0, 30],
  [1n, 1n << 20n, 11, 25],
  [5n, 5n, 0, 28],
  [1n, (1n << 60n) - 1n, 30, 30],
])('roots of %s … %s, with %i bits of fraction', (lo, hi, inFraction, fraction) => {
  const columns = [from(lo, hi)];
  const real = (y: bigint): number => Number(y) / 2 ** inFraction;
  const rounds = expectNumeric(
    columns,
    (b, [y]) => squareRoot(b, { wire: y!, fraction: inFraction }, fraction),
    ([y]) => bound(Math.sqrt(real(y!)), fraction),
  );
  expect(rounds).toBeLessThanOrEqual(14);
  expectNumeric(
    columns,
    (b, [y]) => inverseSquareRoot(b, { wire: y!, fraction: inFraction }, fraction),
    ([y]) => bound(1 / Math.sqrt(real(y!)), fraction),
  );
});

test('parties get what the clear run gets, but for a few units of rounding', async () => {
  const size = 203;
  const columns = [
    { values: Array.from({ length: size }, () => random(30)), range: [0n, 1n << 30n] as const },
    { values: Array.from({ length: size }, (_, i) => 1n + random(1 + (i % 28))), range: [1n, 1n << 28n] as const },
  ];
  const plan = numericPlan(columns, (b, [x, y]) => {
    const quotient = divide(b, { wire: x!, fraction: 0 }, { wire: y!, fraction: 0 }, { fraction: 16 });
    b.reveal(squareRoot(b, { wire: y!, fraction: 0 }, 30).wire, [0], 'root');
    return quotient;
  });
  const inputs = numericInputs(columns);
  const { outputs } = await runSecure(plan, inputs);
  const clear = runClear(plan, inputs);
  const check = (name: string, fraction: number, real: (i: number) => number): void => {
    const [party, exact] = [outputs[0]![name]!, clear[name]!].map((bytes) => numbersOf(bytes, fraction));
    for (let i = 0; i < size; i++) {
      const { value, error } = bound(real(i), fraction);
      for (const result of [party![i]!, exact![i]!]) expect(Math.abs(result - value)).toBeLessThanOrEqual(error);
    }
  };
  const [xs, ys] = columns.map(({ values }) => values.map(Number)) as [number[], number[]];
  check('result', 16, (i) => xs[i]! / ys[i]!);
  check('root', 30, (i) => Math.sqrt(ys[i]!));
});
