import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  absolute,
  addDecimal,
  dateFunctions,
  dateOf,
  dateParts,
  daysOf,
  floorDecimal,
  hull,
  type Interval,
  lowestTerms,
  multiple,
  parseDecimal,
  partRange,
  plus,
  printDecimal,
  printNumber,
  quotient,
  remainder,
  scaled,
  times,
  timesDecimal,
  trimDecimal,
} from '../src/index.ts';

const small = fc.bigInt({ min: -9n, max: 9n });
const interval = fc.tuple(small, small).map((ends): Interval => hull(...ends));
const decimal = fc.record({ value: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), scale: fc.nat({ max: 18 }) });

function members([lo, hi]: Interval): bigint[] {
  return Array.from({ length: Number(hi - lo) + 1 }, (_, i) => lo + BigInt(i));
}

test('a decimal is printed as it is read', () => {
  fc.assert(
    fc.property(decimal, (x) => {
      expect(parseDecimal(printDecimal(x))).toEqual(x);
    }),
  );
  for (const text of ['', '.5', '1.', '+1', '1e3', '--1', '1.0000000000000000000', ' 1', '１'])
    expect(parseDecimal(text), text).toBeUndefined();
  expect([-5n, 5n].map((value) => printNumber({ value, scale: 2 }))).toEqual(['(-0.05)', '0.05']);
});

test('decimals add, multiply, and fall to whole numbers exactly', () => {
  fc.assert(
    fc.property(decimal, decimal, (x, y) => {
      const [sum, product] = [addDecimal(x, y), timesDecimal(x, y)];
      expect(addDecimal(sum, y, -1)).toEqual({ value: x.value * 10n ** BigInt(sum.scale - x.scale), scale: sum.scale });
      expect(product.value).toBe(x.value * y.value);
      expect(timesDecimal(trimDecimal(x), { value: 10n ** BigInt(x.scale), scale: x.scale }).value).toBe(
        trimDecimal(x).value * 10n ** BigInt(x.scale),
      );
      const floor = floorDecimal(x);
      const unit = 10n ** BigInt(x.scale);
      expect(floor * unit <= x.value && x.value < (floor + 1n) * unit).toBe(true);
    }),
  );
  expect(lowestTerms({ value: 875n, scale: 3 })).toEqual({ p: 7n, q: 8n });
});

test('an interval holds just what its operation can give', () => {
  const range = (values: readonly bigint[]): Interval => hull(values[0]!, ...values.slice(1));
  fc.assert(
    fc.property(interval, interval, small, fc.bigInt({ min: 1n, max: 5n }), (x, y, factor, by) => {
      const pairs = members(x).flatMap((p) => members(y).map((q) => [p, q] as const));
      expect(plus(x, y)).toEqual(range(pairs.map(([p, q]) => p + q)));
      expect(times(x, y)).toEqual(range(pairs.map(([p, q]) => p * q)));
      expect(multiple(x, factor)).toEqual(range(members(x).map((p) => p * factor)));
      expect(scaled(x, 2)).toEqual(range(members(x).map((p) => p * 100n)));
      expect(absolute(x)).toEqual(range(members(x).map((p) => (p < 0n ? -p : p))));
      expect(quotient(x, by)).toEqual(range(members(x).map((p) => p / by)));
      const [lo, hi] = remainder(by);
      expect(members(x).every((p) => lo <= p % by && p % by <= hi)).toBe(true);
    }),
  );
});

test('dates are days since 1970', () => {
  expect(daysOf('1970-01-01')).toBe(0n);
  expect(daysOf('2000-02-29')).toBe(11_016n);
  for (const text of ['2001-02-29', '2000-13-01', '2000-1-1', '20000-01-01', '']) expect(daysOf(text)).toBeUndefined();
  fc.assert(fc.property(fc.bigInt({ min: -719_162n, max: 2_932_896n }), (day) => daysOf(dateOf(day)) === day));
});

test('parts of dates have ranges', () => {
  const dates: Interval = [daysOf('1999-12-31')!, daysOf('2004-03-01')!];
  expect(partRange('year', dates)).toEqual([1999n, 2004n]);
  for (const part of dateParts) expect(partRange(part, dates)[0], part).toBeLessThan(partRange(part, dates)[1]);
  expect(dateParts).toEqual(expect.arrayContaining([...dateFunctions]));
});
