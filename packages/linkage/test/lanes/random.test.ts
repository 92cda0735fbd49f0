import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { runSecure } from '../../../engine/test/network.ts';
import { compileRule, macros } from '../../src/index.ts';
import { Duck } from '../duckdb.ts';
import { columns, other, records } from '../tables.ts';
import { lanesOf, matchesByLanes, positions } from './lanes.ts';

const numRuns = process.env.SLOW ? 1000 : 30;
const timeout = process.env.SLOW ? 3_600_000 : 300_000;

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
  for (const macro of macros) await duck.run(macro);
});

const of = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
const order = of('<', '<=', '>', '>=');
const ratio = of('0', '0.2', '0.34', '0.5', '0.9', '1');
const text = (side: string): fc.Arbitrary<string> => of('name', 'town').map((column) => `${side}.${column}`);
const comparison = fc.oneof(
  fc.tuple(text('a'), text('b'), order, ratio).map(([x, y, op, t]) => `agree(${x}, ${y}) ${op} ${t}`),
  fc.tuple(text('a'), text('b'), order, fc.nat(6)).map(([x, y, op, d]) => `hamming(${x}, ${y}) ${op} ${d}`),
  fc.tuple(text('a'), text('b'), of('<=', '>'), fc.nat(4)).map(([x, y, op, d]) => `levenshtein(${x}, ${y}) ${op} ${d}`),
  fc
    .tuple(of('dice', 'jaccard'), text('a'), text('b'), of('2', '3'), order, ratio)
    .map(([name, x, y, q, op, t]) => `${name}(${x}, ${y}, ${q}) ${op} ${t}`),
  of('a.id = b.id', 'a.id <> b.id', 'a.born = b.born', 'a.n <> b.n', 'a.flag', 'NOT b.flag', 'a.flag = b.flag'),
  of('a.n < b.n', 'abs(a.n - b.n) <= 20', 'abs(a.n - b.n) > 20', 'abs(a.wide - b.wide) <= 1', 'a.price >= b.n'),
);
const rule = fc.oneof(
  comparison,
  comparison.map((one) => `NOT (${one})`),
  fc.array(comparison, { minLength: 2, maxLength: 3 }).map((parts) => parts.join(' AND ')),
  fc.array(comparison, { minLength: 2, maxLength: 3 }).map((parts) => parts.join(' OR ')),
);

test(
  'random rules match what DuckDB matches',
  async () => {
    const property = fc.asyncProperty(rule, fc.nat(1000), async (sql, seed) => {
      const compiled = await compileRule(sql, { a: columns, b: other }, duck);
      await duck.load('ta', columns, records(seed, 13, 8, 'ab é'));
      await duck.load('tb', other, records(seed + 1, 11, 6, 'ab é'));
      const [a, b] = [await duck.locals(compiled, 'a', 'ta'), await duck.locals(compiled, 'b', 'tb')];
      expect(matchesByLanes(compiled, a, b), sql).toEqual(await duck.clear(compiled, a, b));
    });
    await fc.assert(property, { numRuns });
  },
  timeout,
);

test(
  'two parties and a dealer say what the clear run says',
  async () => {
    const property = fc.asyncProperty(rule, fc.nat(1000), async (sql, seed) => {
      const compiled = await compileRule(sql, { a: columns, b: other }, duck);
      await duck.load('ta', columns, records(seed, 17, 8));
      await duck.load('tb', other, records(seed + 1, 15, 6));
      const [a, b] = [await duck.locals(compiled, 'a', 'ta'), await duck.locals(compiled, 'b', 'tb')];
      const { plan, inputs } = lanesOf(compiled, a, b);
      const { outputs } = await runSecure(plan, inputs);
      for (const { verdict } of outputs) {
        expect(positions(verdict!), sql).toEqual(await duck.clear(compiled, a, b));
      }
    });
    await fc.assert(property, { numRuns: Math.ceil(numRuns / 3) });
  },
  timeout,
);
