import type { Columns } from '../src/index.ts';
import type { Row } from './duckdb.ts';

/** One column of every kind. */
export const columns: Columns = {
  id: { type: 'text' },
  name: { type: 'text', maxLength: 8 },
  town: { type: 'text', maxLength: 5 },
  n: { type: 'number', min: '-50', max: '50' },
  price: { type: 'number', scale: 2, min: '-5', max: '5.25' },
  big: { type: 'number' },
  wide: { type: 'number', min: '-999999999999', max: '999999999999' },
  born: { type: 'date', min: '2000-01-01', max: '2001-12-31' },
  seen: { type: 'date' },
  flag: { type: 'boolean' },
  code: { type: 'text', maxLength: 6, alphabet: 'ab 1' },
};

/** The same with shorter names. */
export const other: Columns = { ...columns, name: { type: 'text', maxLength: 6 } };

// A small stream of numbers, so that tables are the same in every run.
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Records with every eighth value missing; `letters` are what texts are made of. */
export function records(seed: number, count: number, longest: number, letters = 'ab 1'): Row[] {
  const next = numbers(seed);
  const symbols = [...letters];
  const maybe = <T>(value: T): T | null => (next(8) === 0 ? null : value);
  const text = (most: number): string =>
    Array.from({ length: next(most + 1) }, () => symbols[next(symbols.length)]).join('');
  const date = (): string => `200${next(2)}-0${1 + next(9)}-${10 + next(19)}`;
  return Array.from({ length: count }, () => ({
    id: maybe(text(2)),
    name: maybe(text(longest)),
    town: maybe(text(5)),
    n: maybe(next(101) - 50),
    price: maybe(`${next(5)}.${10 + next(15)}`),
    big: maybe(next(4) * 10 ** 12),
    wide: maybe((next(5) - 2) * 10 ** 11 + next(3)),
    born: maybe(date()),
    seen: maybe(date()),
    flag: maybe(next(2) === 0),
    code: maybe(text(6)),
  }));
}
