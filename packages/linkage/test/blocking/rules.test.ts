import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { insecureTestRng, randomOrder } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BlockingTerms, blockingRun } from '../../src/blocking/run.ts';
import {
  type Columns,
  compileRule,
  encodeKeys,
  keyEquality,
  macros,
  normaliseSteps,
  type Side,
} from '../../src/index.ts';
import { encodeParts } from '../../src/lanes/encode.ts';
import { Duck, type Row } from '../duckdb.ts';
import { type Couple, candidates, first, rowsOf, sorted } from './oracle.ts';
import { runBlocking, type SideTable } from './run.ts';

const slow = process.env.SLOW === '1';
const page = readFileSync(join(import.meta.dirname, '../../../../docs/rules.md'), 'utf8');
const rules = [...page.matchAll(/```sql\n([\s\S]*?)```/g)]
  .map((match) => match[1]!.trim())
  .filter((block) => !block.startsWith('CREATE'));
const keyRules = [
  'a.medicaid = b.medicaid',
  'left(a.surname, 2) = left(b.surname, 2) AND a.born = b.born',
  'a.born = b.born',
  'a.city = b.city',
  'a.postcode = b.postcode',
];

const text = (maxLength: number) => ({ type: 'text', maxLength, normalise: [...normaliseSteps] }) as const;
const columns: Columns = {
  medicaid: text(6),
  name: text(12),
  given: text(8),
  surname: text(8),
  address: text(16),
  street: text(12),
  city: text(6),
  postcode: text(6),
  born: { type: 'date', min: '1990-01-01', max: '1999-12-31' },
  weight: { type: 'number', min: '0', max: '500', scale: 1 },
};

const kernels = createKernels();
let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
  for (const macro of macros) await duck.run(macro);
});

/** People, some on both sides with other spellings; some values are missing; cities make blocks that a cap cuts. */
function people(seed: number, n: readonly [number, number]): [Row[], Row[]] {
  const rng = insecureTestRng(`people ${seed}`);
  const next = (below: number): number => new DataView(rng(4).buffer).getUint32(0, true) % below;
  const word = (length: number): string => Array.from({ length }, () => 'abcde'[next(5)]).join('');
  const maybe = <T>(value: T): T | null => (next(9) === 0 ? null : value);
  const person = (): Row => ({
    medicaid: maybe(word(4)),
    name: word(6 + next(6)),
    given: maybe(word(3 + next(4))),
    surname: word(4 + next(4)),
    address: maybe(word(8 + next(8))),
    street: maybe(word(6 + next(6))),
    city: maybe(['york', 'leeds', 'hull', 'derby'][next(4)]!),
    postcode: maybe(word(2)),
    born: maybe(`199${next(10)}-0${1 + next(3)}-${10 + next(5)}`),
    weight: maybe(`${50 + next(40)}.${next(10)}`),
  });
  const alike = (one: Row): Row =>
    Object.fromEntries(
      Object.entries(one).map(([column, value]) => {
        if (next(6) > 0) return [column, value];
        if (column === 'born' || column === 'weight' || value === null || next(2) === 0) return [column, null];
        return [column, `${String(value).slice(0, -1)}e`];
      }),
    );
  const a = Array.from({ length: n[0] }, person);
  const b = Array.from({ length: n[1] }, (_, i) => (i < (2 * n[1]) / 3 ? alike(a[next(n[0])]!) : person()));
  return [a, b];
}

interface Case {
  readonly rule: string;
  readonly keys: readonly string[];
  readonly cap: number;
  readonly seed: number;
  readonly terms?: Partial<BlockingTerms>;
  readonly target?: number;
}

/** The order in which rows are loaded, and the seed of all else that a run draws. */
interface Draw {
  readonly order: readonly [Uint32Array, Uint32Array];
  readonly seed: string;
}

async function link({ rule, keys, cap, terms, target }: Case, tables: readonly [Row[], Row[]], { order, seed }: Draw) {
  const both = { a: columns, b: columns };
  const compiled = await compileRule(rule, both, duck);
  const compiledKeys = await Promise.all(keys.map((key) => compileRule(key, both, duck)));
  const rng = insecureTestRng(seed);
  const sides: SideTable[] = [];
  for (const side of ['a', 'b'] as Side[]) {
    const index = side === 'a' ? 0 : 1;
    const table = `blocking_${side}`;
    await duck.load(
      table,
      columns,
      Array.from(order[index], (row) => tables[index][row]!),
    );
    const locals = await duck.locals(compiled, side, table);
    const blocks: SideTable['keys'][number][] = [];
    for (const key of compiledKeys)
      blocks.push(encodeKeys(key, keyEquality(key)!, side, await duck.locals(key, side, table)));
    const parts = compiled.leaves.flatMap((_, leaf) => encodeParts(compiled, leaf, side, locals, kernels));
    sides.push({ order: randomOrder(locals.rows, rng), keys: blocks, columns: parts });
  }
  const sizes = [tables[0].length, tables[1].length] as const;
  const run = blockingRun(
    compiled,
    { keys: keys.length, cap, reveal: 'pairs', to: [0, 1], ...terms } as BlockingTerms,
    sizes,
    target,
  );
  const result = await runBlocking(run, sides as [SideTable, SideTable], { rng });
  const original = (pairs: readonly Couple[]): Couple[] => sorted(pairs.map(([x, y]) => [order[0][x]!, order[1][y]!]));
  const matching = async (sql: string): Promise<Couple[]> =>
    (await duck.matches(sql, 'blocking_a', 'blocking_b', sizes[1])).map((pair) => [
      Math.floor(pair / sizes[1]),
      pair % sizes[1],
    ]);
  return { run, sides: sides as [SideTable, SideTable], result, original, matching };
}

const same = (pairs: readonly Couple[]): Set<string> => new Set(pairs.map(String));
const inOrder = (n: readonly [number, number]): [Uint32Array, Uint32Array] =>
  n.map((rows) => Uint32Array.from({ length: rows }, (_, i) => i)) as [Uint32Array, Uint32Array];

/** What a run should give, by DuckDB: pairs that match, of those that have an entry in common; of each row of a the first so many. */
async function hold(of: Case, n: readonly [number, number]): Promise<number> {
  const tables = people(of.seed, n);
  const { run, sides, result, matching } = await link(of, tables, { order: inOrder(n), seed: `${of.seed}` });
  const compared = same(candidates(result.sides as never, run.sharding.shards));
  const blocked = await matching(of.keys.map((key) => `(${key})`).join(' OR '));
  // What is compared shares a key; what shares one is compared, but for records that the cap cut.
  const sharing = same(blocked);
  for (const pair of compared) expect(sharing.has(pair)).toBe(true);
  if (result.cut.every((cut) => cut === 0)) expect(compared.size).toBe(sharing.size);
  const expected = (await matching(of.rule)).filter((pair) => compared.has(String(pair)));
  const pairs = rowsOf(result.resolved[0]!, sides);
  expect(pairs).toEqual(first(expected, run.resolve.most, sides[1].order));
  expect(result.resolved[1]).toEqual(result.resolved[0]);
  return pairs.length;
}

describe('blocking, by rules of the docs on random tables', () => {
  test('gives the matching pairs of those that meet, of each record of a the first so many', async () => {
    let found = 0;
    const drawn = fc.record({
      rule: fc
        .array(fc.constantFrom(...rules), { minLength: 1, maxLength: 2 })
        .chain((parts) => fc.constantFrom(' OR ', ' AND NOT ').map((op) => parts.map((part) => `(${part})`).join(op))),
      keys: fc.uniqueArray(fc.constantFrom(...keyRules), { minLength: 2, maxLength: 3 }),
      cap: fc.integer({ min: 3, max: 10 }),
      seed: fc.nat(1000),
      most: fc.integer({ min: 1, max: 4 }),
    });
    const property = fc.asyncProperty(drawn, async ({ rule, keys, cap, seed, most }) => {
      // At least 4096 entries.
      const rows = Math.ceil(4096 / (keys.length * cap)) + 5;
      // Only a rule that says the same of every pair may be refused.
      const compiled = await compileRule(rule, { a: columns, b: columns }, duck).catch(() => undefined);
      if (compiled === undefined) return;
      found += await hold({ rule, keys, cap, seed, terms: { most: Math.min(most, keys.length * cap) } }, [
        rows,
        rows - 4,
      ]);
    });
    await fc.assert(property, { numRuns: slow ? 200 : 8, seed: 3 });
    expect(found).toBeGreaterThan(slow ? 1000 : 50);
  }, 3_600_000);

  const rule = 'agree(a.surname, b.surname) >= 0.7 AND (a.city = b.city OR a.born = b.born OR a.weight = b.weight)';
  const n = [240, 230] as const;

  test.each([1, 2, 3, 4])('with %i partners at most', async (most) => {
    const keys = ['a.born = b.born', 'a.city = b.city'];
    expect(await hold({ rule, keys, cap: 9, seed: 5, terms: { most } }, n)).toBeGreaterThan(20);
  });

  test('tells a count to those who are to learn, and only to them', async () => {
    const of: Case = { rule, keys: ['a.born = b.born', 'a.city = b.city'], cap: 9, seed: 6 };
    const tables = people(of.seed, n);
    const draw = { order: inOrder(n), seed: 'count' };
    const pairs = (await link(of, tables, draw)).result.resolved[0]!;
    const counted = await link({ ...of, terms: { reveal: 'count', to: [1] } }, tables, draw);
    expect(pairs.kind).toBe('pairs');
    expect(counted.result.resolved).toEqual([
      { kind: 'nothing' },
      { kind: 'count', count: pairs.kind === 'pairs' ? pairs.a.length : 0 },
    ]);
    const one = await link({ ...of, terms: { to: [0] } }, tables, draw);
    expect(one.result.resolved).toEqual([pairs, { kind: 'nothing' }]);
  });

  test('does not depend on the order of either file', async () => {
    // No cap cuts and all partners are wanted: the result follows from the tables alone.
    const keys = ['a.medicaid = b.medicaid', 'left(a.surname, 2) = left(b.surname, 2) AND a.born = b.born'];
    const of: Case = { rule, keys, cap: 9, seed: 7, terms: { most: 8 } };
    const tables = people(of.seed, n);
    const drawn: Draw[] = ['one', 'two', 'three'].map((seed) => {
      const rng = insecureTestRng(`files ${seed}`);
      return { order: [randomOrder(n[0], rng), randomOrder(n[1], rng)], seed };
    });
    const results: Couple[][] = [];
    for (const draw of [{ order: inOrder(n), seed: 'zero' }, ...drawn]) {
      const { result, original, sides } = await link(of, tables, draw);
      expect(result.cut).toEqual([0, 0]);
      results.push(original(rowsOf(result.resolved[0]!, sides)));
    }
    expect(results[0]!.length).toBeGreaterThan(20);
    for (const pairs of results) expect(pairs).toEqual(results[0]);
  });
});

describe('what only blocking gives', () => {
  test('how many keys both have, of an equality, and nothing else', async () => {
    const rule = 'a.medicaid = b.medicaid';
    const n = [5000, 4300] as const;
    const tables = people(8, n);
    const keys = tables.map((rows) => new Set(rows.flatMap(({ medicaid }) => (medicaid === null ? [] : [medicaid]))));
    const common = [...keys[0]!].filter((key) => keys[1]!.has(key)).length;
    const terms = { cardinality: 'one-to-one', reveal: 'count' } as const;
    const { result, run } = await link({ rule, keys: [rule], cap: 1, seed: 8, terms }, tables, {
      order: inOrder(n),
      seed: 'count of keys',
    });
    expect(run.resolve).toMatchObject({ slots: 1, reveal: 'count' });
    expect(common).toBeGreaterThan(100);
    // Many rows have a key that another has, of which the cap lets one in.
    expect(Math.min(...result.cut)).toBeGreaterThan(1000);
    expect(result.resolved).toEqual([0, 1].map(() => ({ kind: 'count', count: common })));
  });

  test('one-to-one by the best: of each row of a the highest score, and of those that picked one row of b again', async () => {
    const [n, least] = [[500, 480] as const, 2];
    const weights = [
      ['city', 3, 0],
      ['postcode', 2, -1],
    ] as const;
    const cases = weights.map(([c, is, not]) => `CASE WHEN a.${c} = b.${c} THEN ${is} ELSE ${not} END`);
    const tables = people(9, n);
    const terms = { cardinality: 'one-to-one', prefer: 'best' } as const;
    const of: Case = { rule: `${cases.join(' + ')} >= ${least}`, keys: ['a.born = b.born'], cap: 9, seed: 9, terms };
    const { result, sides, run } = await link(of, tables, { order: inOrder(n), seed: 'best' });
    const scoreOf = ([x, y]: Couple): number =>
      weights.reduce((sum, [column, is, not]) => {
        const [value, other] = [tables[0][x]![column], tables[1][y]![column]];
        return sum + (value !== null && value === other ? is : not);
      }, 0);
    const placeIn = (side: 0 | 1, row: number): number => sides[side].order.indexOf(row);
    const matching = candidates(result.sides as never, run.sharding.shards).filter((pair) => scoreOf(pair) >= least);
    /** The best pairs for each row of a side, of equal ones that of the other side's first. */
    const bestOf = (pairs: readonly Couple[], side: 0 | 1): Couple[] => {
      const other = side === 0 ? 1 : 0;
      const before = (x: Couple, y: Couple): number =>
        scoreOf(y) - scoreOf(x) || placeIn(other, x[other]) - placeIn(other, y[other]);
      return [...Map.groupBy(pairs, (pair) => pair[side]).values()].map((group) => group.toSorted(before)[0]!);
    };
    const picks = bestOf(matching, 0);
    const expected = sorted(bestOf(picks, 1));
    const counts = [matching, picks, expected, expected.slice(0, 50)].map(({ length }) => length);
    expect(new Set(counts).size, 'each step leaves some out').toBe(4);
    for (const resolved of result.resolved) expect(rowsOf(resolved, sides)).toEqual(expected);
  });
});
