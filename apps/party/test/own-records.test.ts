import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOwn, readPairs } from '../src/link/matches.ts';

const pair = fc.record({
  row: fc.option(fc.nat(2 ** 31)),
  a: fc.nat(1000),
  b: fc.nat(1000),
  key: fc.option(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '\\"', '],"key":["', ',', '"key":[', '')),
  ),
});

test('one pair of a page is read as in the whole page, whatever stands in its keys', () => {
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 12 }), (pairs) => {
      const column = <Name extends keyof (typeof pairs)[number]>(name: Name) => pairs.map((one) => one[name]);
      const page = { row: column('row'), a: column('a'), b: column('b'), key: column('key') };
      const text = JSON.stringify(page);
      const whole = [...readPairs(text, 'a')].map(({ row, key }) => ({ row, key }));
      expect(pairs.map((_, place) => readOwn(text, place))).toEqual(whole);
      expect(readOwn(text, pairs.length)).toBeUndefined();
      expect(readOwn(text, pairs.length + 5)).toBeUndefined();
    }),
  );
});
