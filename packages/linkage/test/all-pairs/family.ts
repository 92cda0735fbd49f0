import { insecureTestRng, randomOrder } from '@symbolon/crypto';
import type { Columns } from '../../src/index.ts';
import type { Row } from '../duckdb.ts';

export const people: Columns = {
  first: { type: 'text', maxLength: 6 },
  surname: { type: 'text', maxLength: 6 },
  born: { type: 'date', min: '1950-01-01', max: '2020-12-31' },
  street: { type: 'text', maxLength: 6 },
};

const person = (first: string | null, surname: string, born: string | null, street: string): Row => ({
  first,
  surname,
  born,
  street,
});

/** Households, twins (ann and bob gray), the same person twice in one table (carl moss), and values that are missing. */
export const families: { readonly a: readonly Row[]; readonly b: readonly Row[] } = {
  a: [
    person('ann', 'gray', '2001-05-05', 'elm'),
    person('bob', 'gray', '2001-05-05', 'elm'),
    person('joan', 'gray', '1970-01-02', 'elm'),
    person('carl', 'moss', '1980-03-04', 'oak'),
    person('carl', 'moss', '1980-03-04', 'oak'),
    person('dora', 'moss', '1983-03-04', 'oak'),
    person('eve', 'alone', '1999-09-09', 'fir'),
    person(null, 'moss', null, 'oak'),
    person('zoe', 'new', '2000-01-01', 'ash'),
  ],
  b: [
    person('bob', 'gray', '2001-05-05', 'elm'),
    person('ann', 'gray', '2001-05-05', 'elm'),
    person('john', 'gray', '1968-01-02', 'elm'),
    person('carl', 'moss', '1980-03-04', 'oak'),
    person('dora', 'moss', '1983-03-04', 'oak'),
    person('dora', 'moss', '1983-03-04', 'oak'),
    person('fay', 'other', '1988-08-08', 'fir'),
    person(null, 'gray', null, 'elm'),
  ],
};

/** Everybody of a household matches everybody of it. */
export const household = 'a.surname = b.surname AND a.street = b.street';

/** The same person scores highest, a twin next. */
export const score =
  'CASE WHEN a.surname = b.surname THEN 4 ELSE -5 END + CASE WHEN a.born = b.born THEN 3 ELSE -1 END + CASE WHEN a.first = b.first THEN 2 ELSE 0 END';

/** Rows in a random order; the i-th of them was `order[i]`. */
export function shuffled(rows: readonly Row[], seed: string): { rows: Row[]; order: Uint32Array } {
  const order = randomOrder(rows.length, insecureTestRng(seed));
  return { rows: Array.from(order, (row) => rows[row]!), order };
}
