import { beforeAll, describe, expect, test } from 'vitest';
import { compileRule, explainRule, macros } from '../src/index.ts';
import { bilinear } from './bilinear.ts';
import { Duck } from './duckdb.ts';
import { runPlan } from './secure.ts';
import { columns, other, records } from './tables.ts';

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
  for (const macro of macros) await duck.run(macro);
});

const rules = [
  'a.id = b.id',
  'a.id <> b.id',
  'NOT (a.id = b.id)',
  'b.id = a.name',
  'a.id || a.name = b.id || b.name AND a.town = b.town',
  'a.n = b.n',
  'a.n <> b.n + 1',
  'a.n = b.price',
  'a.big = b.big',
  'a.born = b.born AND a.flag = b.flag AND a.n = b.n',
  'a.seen = b.seen AND a.id = b.id',
  'agree(a.name, b.name) >= 0.5',
  'agree(a.name, b.town) >= 0.8',
  'agree(a.town, b.name) > 0.34',
  'agree(b.name, a.town) < 0.5',
  'NOT agree(a.name, b.name) >= 0.25',
  'agree(a.name, b.town) <= 0.2',
  'agree(a.name, b.name) >= 1',
  'agree(a.name, b.name) > 0',
  'agree(a.name, b.name) >= 0',
  'agree(a.name, b.name) <= 0',
  '0.5 <= agree(a.name, b.name)',
  "agree(concat_ws(' ', a.name, a.town), concat_ws(' ', b.name, b.town)) >= 0.6",
  // The same weights with two constants.
  'agree(a.name, b.name) > 1 OR hamming(a.name, b.name) <= 1',
  'hamming(a.name, b.name) <= 2',
  'hamming(a.name, b.town) < 3',
  'hamming(a.town, b.name) > 3',
  'hamming(a.name, b.name) >= 0',
  'hamming(a.name, b.name) <= 20',
  'hamming(a.name, b.name) < 0',
  'NOT hamming(a.name, b.name) <= 2.5',
  'abs(a.n - b.n) <= 3',
  'abs(a.n - b.n) < 3',
  'abs(a.n - b.n - 2) > 5',
  'NOT abs(b.n - a.n) <= 3',
  'abs(a.price - b.price) <= 0.05',
  'abs(a.price + b.n) >= 1.5',
  'abs(a.wide - b.wide) <= 1',
  'NOT abs(a.wide - b.wide) <= 1',
  "abs(date_diff('day', a.born, b.born)) <= 30",
  'abs(a.born - b.seen) <= 30',
  'a.born BETWEEN b.born - 7 AND b.born + 30',
  'a.born NOT BETWEEN b.born - 7 AND b.born + 30',
  'a.n BETWEEN b.n + 2 AND b.n - 2',
  'a.n BETWEEN b.price AND b.n',
  'a.n <= b.n + 1',
  'a.n < b.price',
  'a.seen > b.born',
  'a.born + 3 >= b.seen',
  '2 * a.n + 1 > b.n - 3',
  'a.price * a.n >= b.n',
  'year(a.born) = year(b.born) AND month(a.born) = month(b.born)',
  'a.id IS NULL OR b.id IS NULL OR a.id = b.id',
  "a.town = 'ab' AND b.town IS NOT NULL AND a.id = b.id",
  '(a.flag OR b.flag) AND a.id = b.id',
  'NOT (a.flag AND b.flag)',
  'a.flag',
  "a.flag = b.flag OR a.born < '2000-06-15'",
  'a.id IS NOT DISTINCT FROM b.id',
  'a.id IS DISTINCT FROM b.id',
  '(a.id = b.id) IS NULL',
  '(a.id = b.id) IS NOT TRUE',
  '(a.id = b.id OR a.n = b.n) IS FALSE',
  '(a.n < b.n) IS NOT NULL AND a.id = b.id',
  'a.id IN (b.id, b.name)',
  'a.id NOT IN (b.id, b.name)',
  'CASE WHEN a.born IS NULL THEN a.id = b.id ELSE a.born = b.born END',
  'CASE WHEN a.id = b.id THEN a.n > b.n WHEN b.flag THEN a.n < b.n END',
  'a.id = b.id OR (agree(a.name, b.name) >= 0.5 AND agree(a.town, b.town) >= 0.5)',
  '(a.id = b.id OR a.n = b.n) AND (a.name = b.name OR a.town = b.town) AND NOT (a.born = b.born AND a.flag = b.flag) OR abs(a.n - b.n) <= 2 AND a.price < b.price',
  'lower(a.name) = upper(b.name) OR substr(a.name, 1, 2) = left(b.name, 2) AND length(a.town) = length(b.town)',
  "coalesce(a.id, 'x') = coalesce(b.id, 'y') OR a.name LIKE 'a%' AND b.name LIKE '%b'",
  'CAST(a.n AS VARCHAR) = b.id OR TRY_CAST(a.id AS INTEGER) = b.n',
  'a.id = NULL OR a.n = b.n',
  'TRUE AND a.n = b.n',
];

describe('the encodings say what DuckDB says, pair by pair', () => {
  test.each(rules)('%s', async (sql) => {
    const rule = await compileRule(sql, { a: columns, b: other }, duck);
    await duck.load('ta', columns, records(1, 60, 8));
    await duck.load('tb', other, records(2, 50, 6));
    const [a, b] = [await duck.locals(rule, 'a', 'ta'), await duck.locals(rule, 'b', 'tb')];
    const written = await duck.matches(sql, 'ta', 'tb', b.rows);
    expect(await duck.clear(rule, a, b)).toEqual(written);
    expect(bilinear(rule, a, b)).toEqual(written);
    expect(runPlan(rule, a, b, 25)).toEqual(written);
    expect(explainRule(rule).join('\n')).toContain('one bit a pair');
  });
});
