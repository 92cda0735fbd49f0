import { beforeAll, describe, expect, test } from 'vitest';
import { type Columns, compileRule } from '../../src/index.ts';
import { Duck } from '../duckdb.ts';
import { everyText, levenshtein, orders, positionsOf, within } from './definitions.ts';
import { matchesByLanes } from './lanes.ts';

/** Two characters that can agree, and one that cannot. */
const [alphabet, characters] = ['ab', ['a', 'b', 'é']] as const;

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
});

/** All pairs of texts of up to `a` and `b` characters against a definition of what matches. */
async function expectPairs(
  sql: string,
  [a, b]: readonly [number, number],
  matches: (x: string, y: string) => boolean,
): Promise<void> {
  const columns = (maxLength: number): Columns => ({ t: { type: 'text', maxLength, alphabet } });
  const rule = await compileRule(sql, { a: columns(a), b: columns(b) }, duck);
  const [left, right] = [everyText(characters, a), everyText(characters, b)];
  const expected = left.flatMap((x, i) =>
    right.flatMap((y, j) => (x !== null && y !== null && matches(x, y) ? [i * right.length + j] : [])),
  );
  const tables = [left, right].map((values) => ({ rows: values.length, columns: [values] }));
  expect(matchesByLanes(rule, tables[0]!, tables[1]!), sql).toEqual(expected);
}

const lengths = [
  [3, 3],
  [2, 3],
  [3, 1],
] as const;

describe.each(Object.entries(orders))('all short texts, with strangers and NULL: %s', (op, holds) => {
  test.each(lengths)('agree of %i and %i characters', async (...most) => {
    for (const threshold of [0, 0.25, 0.34, 0.5, 0.75, 1]) {
      await expectPairs(`agree(a.t, b.t) ${op} ${threshold}`, most, (x, y) => {
        const { same, longer } = positionsOf(x, y, within(alphabet));
        return longer > 0 && holds(same / longer, threshold);
      });
    }
  });

  test.each(lengths)('hamming of %i and %i characters', async (...most) => {
    for (const bound of [0, 0.5, 1, 2, 3, 4]) {
      await expectPairs(`hamming(a.t, b.t) ${op} ${bound}`, most, (x, y) => {
        const { same, longer } = positionsOf(x, y, within(alphabet));
        return holds(longer - same, bound);
      });
    }
  });

  test.each(lengths)('levenshtein of %i and %i characters', async (...most) => {
    for (const bound of [0, 1, 1.5, 2, 3, 5]) {
      if (bound === 0 && (op === '<' || op === '>=')) continue;
      await expectPairs(`levenshtein(a.t, b.t) ${op} ${bound}`, most, (x, y) =>
        holds(levenshtein(x, y, within(alphabet)), bound),
      );
    }
  });
});
