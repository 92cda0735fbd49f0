import { expect, test } from 'vitest';
import { compare } from '../src/rehearsal/compare.ts';
import { PairSet } from '../src/rehearsal/pairs.ts';

type Pairs = [number, number][];
const set = (pairs: Pairs): PairSet => new PairSet(pairs, 10);
const cut: Pairs = [[5, 5]];
const clear = (pairs: Pairs) => ({ pairs: set(pairs), mayBeCut: (i: number, j: number) => set(cut).has(i, j) });

const all: Pairs = [
  [1, 1],
  [1, 2],
  [2, 2],
];

test.each<[string, Pairs, Pairs, Parameters<typeof compare>[2], { equalsClear: boolean; cutPairs: number }]>([
  ['the same pairs', all, all, {}, { equalsClear: true, cutPairs: 0 }],
  ['one more than the clear run', all, all.slice(1), {}, { equalsClear: false, cutPairs: 0 }],
  ['one less', all.slice(1), all, {}, { equalsClear: false, cutPairs: 0 }],
  ['one less, which the cap may have cut', all, [...all, ...cut], {}, { equalsClear: true, cutPairs: 1 }],
  ['one partner a row of a', all.slice(1), all, { cardinality: 'many-to-one' }, { equalsClear: true, cutPairs: 0 }],
  ['two partners a row of a', all, all, { cardinality: 'many-to-one' }, { equalsClear: false, cutPairs: 0 }],
  ['a row of a that has none', [[1, 2]], all, { cardinality: 'many-to-one' }, { equalsClear: false, cutPairs: 0 }],
  [
    'a row of a whose only partner is taken',
    [[1, 2]],
    all,
    { cardinality: 'one-to-one' },
    { equalsClear: true, cutPairs: 0 },
  ],
  ['a row of b with two', all.slice(1), all, { cardinality: 'one-to-one' }, { equalsClear: false, cutPairs: 0 }],
])('%s', (_, found, whole, terms, result) => {
  expect(compare(set(found), clear(whole), terms)).toEqual(result);
});
