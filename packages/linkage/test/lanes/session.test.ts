import { expect, test } from 'vitest';
import { compileRule, linkCost, linkProgram, parseLinkProgram } from '../../src/index.ts';
import { link } from '../all-pairs/run.ts';
import { Duck } from '../duckdb.ts';
import { tuples } from '../psi/run.ts';
import { columns, other, records } from '../tables.ts';

test('a link over all pairs, of comparisons with bilinear form and without', async () => {
  const duck = await Duck.open();
  const sql = 'levenshtein(a.name, b.name) <= 1 AND a.born = b.born OR levenshtein(a.town, b.town) <= 0';
  const rule = await compileRule(sql, { a: columns, b: other }, duck);
  await duck.load('ta', columns, records(1, 40, 8));
  await duck.load('tb', other, records(2, 33, 6));
  const tables = { a: await duck.locals(rule, 'a', 'ta'), b: await duck.locals(rule, 'b', 'tb') };
  const planned = linkProgram(rule, 40, 33);
  const program = parseLinkProgram({ ...planned, tile: 16 });
  if (program.protocol !== 'link-all-pairs/1') throw new Error('not all pairs');
  expect(program).toMatchObject({ leaves: [{ inner: 35 }, { kind: 'edit' }, { kind: 'edit' }] });

  const { results, frames, answerKeyBytes } = await link(rule, tables, program);
  const found = results.map((result) => tuples(result).map(([a, b]) => a * 33 + b));
  const expected = await duck.clear(rule, tables.a, tables.b);
  expect(expected.length).toBeGreaterThan(0);
  for (const pairs of found) expect(pairs.toSorted((x, y) => x - y)).toEqual(expected);
  const sent = (from: number): number =>
    frames.filter((frame) => frame.from === from).reduce((sum, { frame }) => sum + frame.length, -32);
  expect([sent(0), sent(1)]).toEqual(linkCost(program).sentBytes);
  expect(answerKeyBytes).toBe(linkCost(program).answerKeyBytes);
});
