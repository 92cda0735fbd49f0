import { expect, test } from 'vitest';
import type { LinkTerms } from '../src/link-options.ts';
import { compareOpened, matchesIn, type Opened } from '../src/rehearsal/opened.ts';
import { PairSet } from '../src/rehearsal/pairs.ts';

type Pairs = [number, number][];
const set = (pairs: Pairs): PairSet => new PairSet(pairs, 100);
const clear = (pairs: Pairs, cut: Pairs = []) => ({
  pairs: set(pairs),
  mayBeCut: (i: number, j: number) => set(cut).has(i, j),
});
const holds = (opened: Opened, run: ReturnType<typeof clear>, terms: LinkTerms = {}): boolean => {
  const { equalsClear, cutPairs } = compareOpened(opened, run, terms);
  if (opened.kind !== 'pairs') expect(cutPairs).toBeNull();
  return equalsClear;
};
const count = (n: number): Opened => ({ kind: 'count', count: n });
const rows = (side: 0 | 1, ...own: number[]): Opened => ({ kind: 'rows', side, rows: own });
const blocking = { keys: ['x'], cap: 4 };

// Two rows of a share b's row 2; a's row 1 has two.
const all: Pairs = [
  [1, 1],
  [1, 2],
  [2, 2],
  [7, 7],
];

/** Numbers from 0 to 9 that are taken for right. */
const counts = (run: ReturnType<typeof clear>, terms: LinkTerms): number[] =>
  Array.from({ length: 10 }, (_, n) => n).filter((n) => holds(count(n), run, terms));

test('a number: as many as the clear run gives, or allows where the pick is random or the cap cuts', () => {
  expect(counts(clear(all), {})).toEqual([4]);
  expect(counts(clear(all), { cardinality: 'many-to-one' })).toEqual([3]);
  expect(counts(clear(all), { cardinality: 'one-to-one' })).toEqual([2, 3]);
  expect(counts(clear(all, [[7, 7]]), { blocking })).toEqual([3, 4]);
  expect(counts(clear(all, [[7, 7]]), { blocking, cardinality: 'many-to-one' })).toEqual([2, 3]);
  // Whether the pair that may be cut is there or not: one of the others may be another's pick.
  expect(counts(clear(all, [[1, 2]]), { blocking, cardinality: 'one-to-one' })).toEqual([2, 3]);
  expect(counts(clear([]), {})).toEqual([0]);
  const many: Pairs = Array.from({ length: 9 }, (_, b) => [0, b]);
  expect(counts(clear(many), { blocking })).toEqual([8]);
  expect(counts(clear(many), {})).toEqual([9]);
});

test('rows of the one that learns: those with a match in the clear run, and no others', () => {
  expect(holds(rows(0, 1, 1, 2, 7), clear(all))).toBe(true);
  expect(holds(rows(0, 1, 1, 2), clear(all))).toBe(false);
  expect(holds(rows(0, 1, 1, 2, 7, 8), clear(all))).toBe(false);
  expect(holds(rows(1, 1, 2, 2), clear(all))).toBe(false);
  expect(holds(rows(1, 1, 2, 2), clear(all, [[7, 7]]), { blocking })).toBe(true);
});

test('rows, where one is picked: none twice; those of the other side, and one-to-one, may go without', () => {
  const cardinality = 'many-to-one';
  expect(holds(rows(0, 1, 2, 7), clear(all), { cardinality })).toBe(true);
  expect(holds(rows(0, 1, 1, 2, 7), clear(all), { cardinality })).toBe(false);
  expect(holds(rows(0, 1, 7), clear(all), { cardinality })).toBe(false);
  expect(holds(rows(1, 2, 2, 7), clear(all), { cardinality })).toBe(true);
  expect(holds(rows(1, 7), clear(all), { cardinality: 'one-to-one' })).toBe(true);
  expect(holds(rows(1, 7, 7), clear(all), { cardinality: 'one-to-one' })).toBe(false);
});

test('pairs are compared one by one', () => {
  expect(holds({ kind: 'pairs', pairs: set(all) }, clear(all))).toBe(true);
  expect(holds({ kind: 'pairs', pairs: set(all.slice(1)) }, clear(all))).toBe(false);
  expect([matchesIn({ kind: 'pairs', pairs: set(all) }), matchesIn(rows(0, 1, 2)), matchesIn(count(5))]).toEqual([
    4, 2, 5,
  ]);
});
