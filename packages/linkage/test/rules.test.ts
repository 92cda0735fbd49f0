import { beforeAll, describe, expect, test } from 'vitest';
import { allPairsProgram, type Columns, compileRule, explainRule, macros } from '../src/index.ts';
import { byDefinition } from './definition.ts';
import { Duck } from './duckdb.ts';
import { runPlan } from './secure.ts';
import { columns, other, records } from './tables.ts';

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
  for (const macro of macros) await duck.run(macro);
});

const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).join('');
const wide: Columns = { name: { type: 'text', maxLength: 8, alphabet: printable } };

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
  'jaccard(a.name, b.name, 2) >= 0.5',
  'jaccard(a.name, b.town, 2) > 0.5',
  'NOT jaccard(a.name, b.name, 2) >= 0.34',
  'jaccard(b.code, a.name, 3) < 0.5',
  'jaccard(a.name, b.name, 2) >= 0',
  'jaccard(a.name, b.name, 2) <= 0',
  'jaccard(a.name, b.name, 2) >= 1',
  'jaccard(a.name, b.name, 2) BETWEEN 0.2 AND 0.6',
  '0.8 <= dice(a.name, b.name, 2)',
  'dice(a.code, b.code, 3) > 0',
  'dice(a.name, b.name, 2) < 0.75',
  'dice(a.name, b.name, 2) <= 0.5',
  "dice(concat_ws(' ', a.name, a.town), concat_ws(' ', b.name, b.town), 2) >= 0.6 OR a.id = b.id",
  '(dice(left(a.code, 2), b.name, 3) >= 0.5) IS NULL',
  'levenshtein(a.name, b.name) <= 2',
  'levenshtein(a.name, b.town) < 3',
  'NOT levenshtein(a.town, b.name) <= 2.5',
  'levenshtein(b.name, a.name) > 0',
  'levenshtein(a.name, b.name) >= 3',
  'levenshtein(a.name, b.name) BETWEEN 1 AND 2',
  'a.id = b.id OR 1 >= levenshtein(a.name, b.name)',
  '(levenshtein(a.name, b.name) <= 2) IS NULL',
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
  'CASE WHEN a.id = b.id THEN 4 ELSE -1.5 END + CASE WHEN agree(a.name, b.name) >= 0.75 THEN 2.25 WHEN agree(a.name, b.name) >= 0.5 THEN 1 ELSE -2 END >= 0.5',
  'CASE WHEN a.id = b.id THEN 4 ELSE -1.5 END + CASE WHEN a.n = b.n THEN 2.25 ELSE 0 END + CASE WHEN a.town = b.town THEN 1 ELSE -1 END + CASE WHEN a.flag = b.flag THEN 0.5 ELSE -0.5 END + CASE WHEN a.born <= b.born THEN 0.125 ELSE 0 END > 0.125',
  '2.5 * CAST(a.id = b.id AS INTEGER) + (a.n <= b.n)::INT * 3 - CAST(a.flag AS INT) >= 2',
  'NOT (CAST(a.id = b.id AS INTEGER) + CAST(a.n <= b.n AS INTEGER) >= 1)',
  '(CAST(a.id = b.id AS INTEGER) + CAST(a.n <= b.n AS INTEGER) >= 1) IS NULL',
  'CAST(a.id = b.id AS INTEGER) >= 1',
  '0.5 * CASE WHEN a.n < b.n THEN 3 WHEN a.flag THEN 2 WHEN b.flag THEN -1 ELSE 0 END <= 0.75 AND a.town = b.town',
  '1 < CASE WHEN a.flag THEN 1 WHEN b.flag THEN 2 ELSE 0 END',
  'CASE WHEN a.flag THEN 1 ELSE 0 END + CASE WHEN b.flag THEN 1 ELSE 0 END >= 2',
  'CASE WHEN a.flag THEN 1 ELSE 0 END + CASE WHEN b.flag THEN 1 ELSE 0 END + CAST(a.n < b.n AS INTEGER) >= 2',
  'CASE WHEN a.n < b.n THEN 2 ELSE 1 END * 2 - 3 BETWEEN 0 AND 1',
  'CASE WHEN a.n < b.n THEN 2 ELSE 1 END > CASE WHEN a.id = b.id THEN 1 ELSE 1.5 END',
  'CASE WHEN CASE WHEN a.n < b.n THEN 2 ELSE 1 END + CAST(a.id = b.id AS INT) >= 2 THEN 1 ELSE 0 END + CAST(a.town = b.town AS INT) >= 1',
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
    expect(byDefinition(rule, a, b)).toEqual(written);
    expect(runPlan(rule, a, b, 32)).toEqual(written);
    expect(explainRule(rule).join('\n')).toContain('one bit a pair');
  });
});

test('an edit distance: a character outside the alphabet equals nothing of the other side', async () => {
  const rule = await compileRule('levenshtein(a.name, b.name) <= 1', { a: columns, b: other }, duck);
  const [a, b] = [
    { rows: 3, columns: [['né', 'né1', 'éé']] },
    { rows: 3, columns: [['né', 'n1', 'éé']] },
  ];
  expect(await duck.clear(rule, a, b)).toEqual([0, 1, 4]);
  expect(byDefinition(rule, a, b)).toEqual([0, 1, 4]);
  expect(runPlan(rule, a, b, 3)).toEqual([0, 1, 4]);
  expect(explainRule(rule).join('\n')).toContain('a table of edits');
});

test('a set of more pieces than all pairs can take is still explained', async () => {
  const rule = await compileRule('jaccard(a.name, b.name, 3) >= 0.5', { a: wide, b: wide }, duck);
  expect(explainRule(rule).join('\n')).toContain('every piece of one with every piece of the other');
  expect(allPairsProgram(rule, 10, 10).leaves).toMatchObject([{ kind: 'qgrams' }]);
});
