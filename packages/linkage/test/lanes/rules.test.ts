import { runClear } from '@symbolon/engine';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileRule, macros } from '../../src/index.ts';
import { Duck } from '../duckdb.ts';
import { columns, other, records } from '../tables.ts';
import { lanesOf, matchesByLanes } from './lanes.ts';

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
  for (const macro of macros) await duck.run(macro);
});

const orders = ['<', '<=', '>', '>='];
const thresholds = ['0', '0.2', '0.34', '0.5', '0.75', '0.9', '1'];
const measured = [
  'agree(a.name, b.town)',
  'agree(a.town, b.name)',
  'dice(a.name, b.town, 2)',
  'jaccard(a.town, b.name, 3)',
];
const rules = [
  'a.id = b.id',
  'a.id <> b.id',
  "a.town = 'ab' AND b.town IS NOT NULL",
  'a.flag',
  'NOT b.flag',
  'a.big = b.big',
  'a.born = b.born AND a.flag = b.flag AND a.n = b.n',
  'a.seen = b.seen AND a.id = b.id',
  'NOT (a.n = b.n)',
  'a.n <= b.n + 1',
  'a.n < b.price',
  'NOT a.seen > b.born',
  '2 * a.n + 1 > b.n - 3',
  'abs(a.n - b.n) <= 3',
  'abs(a.n - b.n - 2) > 5',
  'NOT abs(b.n - a.n) <= 3',
  'abs(a.wide - b.wide) <= 1',
  'NOT abs(a.wide - b.wide) <= 1',
  'a.n BETWEEN b.n + 2 AND b.n - 2',
  'a.born NOT BETWEEN b.born - 7 AND b.born + 30',
  'a.id = b.id OR (agree(a.name, b.name) >= 0.5 AND agree(a.town, b.town) >= 0.5)',
  'CASE WHEN a.id = b.id THEN a.n > b.n WHEN b.flag THEN a.n < b.n END',
  '(a.id = b.id OR a.n = b.n) AND (a.name = b.name OR a.town = b.town) AND NOT (a.born = b.born AND a.flag = b.flag) OR abs(a.n - b.n) <= 2 AND a.price < b.price',
  'CASE WHEN a.id = b.id THEN 2.5 WHEN a.n = b.n THEN 1 ELSE -1 END + CASE WHEN levenshtein(a.name, b.name) <= 1 THEN 3 ELSE 0 END + 2 * CAST(a.flag = b.flag AS INTEGER) >= 2',
  ...measured.flatMap((measure) =>
    orders.flatMap((op) => thresholds.map((threshold) => `${measure} ${op} ${threshold}`)),
  ),
  ...orders.flatMap((op) => ['0', '1', '2.5', '5', '20'].map((most) => `hamming(a.name, b.town) ${op} ${most}`)),
  ...['<=', '>'].flatMap((op) =>
    ['0', '1', '2', '3', '8'].flatMap((most) => [
      `levenshtein(a.name, b.town) ${op} ${most}`,
      `levenshtein(a.town, b.name) ${op} ${most}`,
    ]),
  ),
];

describe('lanes say what DuckDB says, pair by pair', () => {
  test.each(rules)('%s', async (sql) => {
    const rule = await compileRule(sql, { a: columns, b: other }, duck);
    await duck.load('ta', columns, records(1, 24, 8));
    await duck.load('tb', other, records(2, 21, 6));
    const [a, b] = [await duck.locals(rule, 'a', 'ta'), await duck.locals(rule, 'b', 'tb')];
    expect(matchesByLanes(rule, a, b)).toEqual(await duck.clear(rule, a, b));
  });
});

test('the score of a rule that is one gate, in units of its weights', async () => {
  const first = 'CASE WHEN agree(a.name, b.name) >= 0.5 THEN 2.5 ELSE -1 END';
  const second = 'CASE WHEN levenshtein(a.town, b.town) <= 1 THEN 3 ELSE 0 END';
  const rule = await compileRule(`${first} + ${second} >= 2`, { a: columns, b: other }, duck);
  await duck.load('ta', columns, records(1, 24, 8));
  await duck.load('tb', other, records(2, 21, 6));
  const [a, b] = [await duck.locals(rule, 'a', 'ta'), await duck.locals(rule, 'b', 'tb')];
  const { plan, inputs } = lanesOf(rule, a, b);
  const { score } = runClear(plan, inputs);
  const sums = await duck.rows(
    `SELECT CAST(10 * (${first} + ${second} - 2) AS INTEGER) FROM ta a, tb b ORDER BY a.row, b.row`,
  );
  expect([...new Int32Array(score!.buffer)]).toEqual(sums.map(([sum]) => sum));
});
