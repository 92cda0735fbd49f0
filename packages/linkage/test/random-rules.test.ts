import { SymbolonError } from '@symbolon/crypto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { compileRule, macros } from '../src/index.ts';
import { byDefinition } from './definition.ts';
import { Duck } from './duckdb.ts';
import { runPlan } from './secure.ts';
import { columns, other, records } from './tables.ts';

const numRuns = process.env.SLOW ? 2000 : 40;
const timeout = process.env.SLOW ? 3_600_000 : 300_000;

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
  for (const macro of macros) await duck.run(macro);
});

const of = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
const joined = (...parts: fc.Arbitrary<string | number>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((words) => words.join(' '));

const text = (side: string): fc.Arbitrary<string> =>
  of('id', 'name', 'town').chain((column) =>
    of(
      `${side}.${column}`,
      `lower(${side}.${column})`,
      `${side}.id || ${side}.${column}`,
      `coalesce(${side}.${column}, '')`,
      `substr(${side}.${column}, 2)`,
    ),
  );
const bounded = (side: string): fc.Arbitrary<string> =>
  of('name', 'town').chain((column) =>
    of(`${side}.${column}`, `left(${side}.${column}, 3)`, `concat_ws(' ', ${side}.${column}, ${side}.town)`),
  );
const pieces = fc.oneof(
  fc.tuple(bounded('a'), bounded('b')).map(([x, y]) => `${x}, ${y}, 2`),
  fc.tuple(bounded('b'), of('a.code', 'left(a.code, 3)', 'a.code || a.code')).map(([x, y]) => `${x}, ${y}, 3`),
);
const number = (side: string): fc.Arbitrary<string> =>
  of(
    `${side}.n`,
    `${side}.price`,
    `${side}.n + 1`,
    `-${side}.n`,
    `2 * ${side}.price`,
    `length(${side}.name)`,
    `month(${side}.born)`,
    `${side}.wide`,
  );
const date = (side: string): fc.Arbitrary<string> => of(`${side}.born`, `${side}.seen`, `${side}.born - 3`);
const order = of('<', '<=', '>', '>=');
const comparison = of('=', '<>', '<', '<=', '>', '>=');
const threshold = of('0', '0.2', '0.34', '0.5', '0.75', '0.9', '1', '1.0');

const edit = fc
  .tuple(bounded('a'), bounded('b'), order, fc.nat(8))
  .filter(([, , op, d]) => d > 0 || op === '<=' || op === '>')
  .map(([x, y, op, d]) => `levenshtein(${x}, ${y}) ${op} ${d}`);

const pair = fc.oneof(
  edit,
  joined(text('a'), of('=', '<>', 'IS DISTINCT FROM'), text('b')),
  joined(of('a.flag'), of('=', '<>'), of('b.flag')),
  joined(number('b'), comparison, number('a')),
  joined(date('a'), comparison, date('b')),
  fc.tuple(number('a'), number('b'), order, of('1', '0.5', '20')).map(([x, y, op, t]) => `abs(${x} - ${y}) ${op} ${t}`),
  fc.tuple(date('a'), date('b'), of('', 'NOT ')).map(([x, y, not]) => `${x} ${not}BETWEEN ${y} - 20 AND ${y} + 100`),
  fc.tuple(bounded('a'), bounded('b'), order, threshold).map(([x, y, op, t]) => `agree(${x}, ${y}) ${op} ${t}`),
  fc.tuple(bounded('a'), bounded('b'), order, fc.nat(6)).map(([x, y, op, d]) => `hamming(${x}, ${y}) ${op} ${d}`),
  fc.tuple(of('jaccard', 'dice'), pieces, order, threshold).map(([name, args, op, t]) => `${name}(${args}) ${op} ${t}`),
);
const single = of('a', 'b').chain((side) =>
  of(
    `${side}.flag`,
    `${side}.id IS NULL`,
    `${side}.name LIKE 'a%'`,
    `${side}.n > 3`,
    `${side}.born < '2000-09-01'`,
    `${side}.town IN ('', 'a', 'b')`,
  ),
);
const weight = of('0', '1', '2', '-1', '2.5', '-0.125', '3.000', '10');
const term = (condition: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(condition, weight, weight)
      .map(([when, then, other]) => `CASE WHEN ${when} THEN ${then} ELSE ${other} END`),
    fc
      .tuple(condition, weight, condition, weight, weight)
      .map(([x, then, y, second, other]) => `CASE WHEN ${x} THEN ${then} WHEN ${y} THEN ${second} ELSE ${other} END`),
    fc.tuple(condition, weight).map(([when, times]) => `${times} * CAST(${when} AS INTEGER)`),
    weight,
  );
const rule = fc.letrec<{ rule: string }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    pair,
    single,
    fc
      .array(tie('rule'), { minLength: 2, maxLength: 4 })
      .chain((parts) => of(' AND ', ' OR ').map((op) => `(${parts.join(op)})`)),
    tie('rule').map((part) => `NOT (${part})`),
    fc.tuple(tie('rule'), of('IS NULL', 'IS NOT TRUE', 'IS FALSE')).map(([part, is]) => `((${part}) ${is})`),
    fc
      .tuple(fc.array(term(tie('rule')), { minLength: 1, maxLength: 4 }), order, weight)
      .map(([terms, op, bound]) => `(${terms.join(' + ')} ${op} ${bound})`),
    fc.tuple(tie('rule'), tie('rule'), tie('rule')).map(([x, y, z]) => `CASE WHEN ${x} THEN ${y} ELSE ${z} END`),
  ),
})).rule;

test(
  'random rules on random tables match what DuckDB matches',
  async () => {
    const property = fc.asyncProperty(rule, fc.nat(1000), async (sql, seed) => {
      const compiled = await compileRule(sql, { a: columns, b: other }, duck).catch((error: unknown) => {
        // The only rules that may be refused here are those that say the same of every pair, or too much.
        if (
          error instanceof SymbolonError &&
          /true for every pair|never true|more than 32|too many/.test(error.message)
        )
          return undefined;
        throw error;
      });
      if (compiled === undefined) return;
      await duck.load('ta', columns, records(seed, 13, 8));
      await duck.load('tb', other, records(seed + 1, 11, 6));
      const [a, b] = [await duck.locals(compiled, 'a', 'ta'), await duck.locals(compiled, 'b', 'tb')];
      const written = await duck.matches(sql, 'ta', 'tb', b.rows);
      expect(await duck.clear(compiled, a, b), sql).toEqual(written);
      expect(byDefinition(compiled, a, b), sql).toEqual(written);
      expect(runPlan(compiled, a, b, 8), sql).toEqual(written);
    });
    await fc.assert(property, { numRuns });
  },
  timeout,
);

test(
  'texts with strangers to the alphabet, and of several bytes a character',
  async () => {
    const property = fc.asyncProperty(
      bounded('a'),
      bounded('b'),
      order,
      threshold,
      edit,
      fc.nat(1000),
      async (x, y, op, t, edited, seed) => {
        const sql = `agree(${x}, ${y}) ${op} ${t} OR hamming(${y}, ${x}) <= 1 OR dice(${x}, ${y}, 2) ${op} ${t} OR NOT ${edited} OR a.id = b.id`;
        const compiled = await compileRule(sql, { a: columns, b: other }, duck);
        await duck.load('ta', columns, records(seed, 13, 8, 'aé😀X'));
        await duck.load('tb', other, records(seed + 1, 11, 6, 'aé😀X'));
        const [a, b] = [await duck.locals(compiled, 'a', 'ta'), await duck.locals(compiled, 'b', 'tb')];
        const clear = await duck.clear(compiled, a, b);
        expect(byDefinition(compiled, a, b), sql).toEqual(clear);
        expect(runPlan(compiled, a, b, 13), sql).toEqual(clear);
      },
    );
    await fc.assert(property, { numRuns });
  },
  timeout,
);
