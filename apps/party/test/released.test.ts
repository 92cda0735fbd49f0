import type { LinkPlan, LinkResult } from '@symbolon/linkage';
import { expect, test } from 'vitest';
import { fullRows } from '../src/link/released.ts';

const last = { protocol: 'link-resolve/1', cardinality: 'many-to-many', most: 3, slots: 8 };
const plan = (changes: object = {}) => ({ last: { ...last, ...changes } as LinkPlan['last'] });
const pairs = (...a: number[]): LinkResult => ({ kind: 'pairs', a: Uint32Array.from(a), b: new Uint32Array(a.length) });

test('rows of a that have the most partners are counted, where others could match them', () => {
  expect(fullRows(pairs(0, 0, 0, 4, 7, 7, 7, 9, 9), plan())).toBe(2);
  expect(fullRows(pairs(), plan())).toBe(0);
});

test('no number where every partner is found, each row picks one, or no pairs are known here', () => {
  const found = pairs(0, 0, 0);
  expect(fullRows(found, plan({ slots: 3 }))).toBeNull();
  expect(fullRows(found, plan({ cardinality: 'many-to-one', most: 1 }))).toBeNull();
  expect(fullRows(found, plan({ protocol: 'link-all-pairs/1' }))).toBeNull();
  expect(fullRows({ kind: 'count', count: 3 }, plan())).toBeNull();
  expect(fullRows({ kind: 'nothing' }, plan())).toBeNull();
});
