import { expect, test } from 'vitest';
import { facts } from '../src/ui.ts';

test('a value of several lines cannot pose as a fact of its own', () => {
  const rule = 'a.id = b.id --\nruns   at most 1';
  expect(
    facts([
      ['match', rule],
      ['runs', 'at most 1000'],
    ]).split('\n'),
  ).toEqual(['match  a.id = b.id --', '       runs   at most 1', 'runs   at most 1000']);
});
