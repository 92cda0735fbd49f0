import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { insecureTestRng, randomOrder } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import { beforeAll, describe, expect, test } from 'vitest';
import { groupsFor } from '../src/all-pairs/first.ts';
import { blockingRun } from '../src/blocking/run.ts';
import {
  allPairsProgram,
  compileRule,
  encodeKeys,
  everyPair,
  keyEquality,
  macros,
  type Outcome,
} from '../src/index.ts';
import { encodeParts } from '../src/lanes/encode.ts';
import { manyToOne, oneToOne, placeOf } from './all-pairs/definition.ts';
import { chosen } from './all-pairs/run.ts';
import { candidates, rowsOf, sorted } from './blocking/oracle.ts';
import { runBlocking, type SideTable } from './blocking/run.ts';
import { Duck } from './duckdb.ts';
import { birthday, columns, crowded, type Families, generatedFamilies, household, score, weighed } from './families.ts';

type Pair = readonly [a: number, b: number];
type Picks = Pick<Outcome, 'cardinality' | 'prefer'>;
const both = { a: columns, b: columns };
const slow = process.env.SLOW === '1';

let duck: Duck;
let people: Families;
beforeAll(async () => {
  duck = await Duck.open();
  for (const macro of macros) await duck.run(macro);
  people = generatedFamilies(4000);
});

/** Pairs for which SQL says TRUE, and how far each lies above its bound where the rule is weighed. */
async function clear(sql: string, { a, b }: Families): Promise<{ pairs: Pair[]; value: (pair: Pair) => number }> {
  await duck.load('ta', columns, a);
  await duck.load('tb', columns, b);
  // Each rule here needs one of these; DuckDB joins by them without looking at all pairs.
  const met = ['medicaid', 'dob', 'address'].map(
    (column) => `SELECT a.row AS x, b.row AS y FROM ta a JOIN tb b ON a.${column} = b.${column}`,
  );
  const found = await duck.rows(
    `SELECT x, y, ${sql === weighed ? score : '0'} FROM (${met.join(' UNION ')}) JOIN ta a ON a.row = x JOIN tb b ON b.row = y
     WHERE (${sql}) ORDER BY 1, 2`,
  );
  const values = new Map(found.map(([x, y, value]) => [`${x},${y}`, Number(value)]));
  return {
    pairs: found.map(([x, y]): Pair => [Number(x), Number(y)]),
    value: (pair) => values.get(String(pair))!,
  };
}

/**
 * The definition of docs/matching.md for blocking, where rows of b stand in an order and so do those of a: each row of a picks the first, or the best and of
 * equal ones the first; of the rows of a that picked the same row of b, again.
 */
function defined(
  { pairs, value }: Awaited<ReturnType<typeof clear>>,
  { cardinality, prefer }: Picks,
  place: readonly [a: (row: number) => number, b: (row: number) => number],
): Pair[] {
  if (cardinality === 'many-to-many') return sorted(pairs) as Pair[];
  const pick = (of: readonly Pair[], side: 0 | 1): Pair[] => {
    const other = side === 0 ? 1 : 0;
    const before = (x: Pair, y: Pair): number =>
      (prefer === 'best' ? value(y) - value(x) : 0) || place[other](x[other]) - place[other](y[other]);
    return [...Map.groupBy(of, (pair) => pair[side]).values()].map((group) => group.toSorted(before)[0]!);
  };
  const picks = pick(pairs, 0);
  return sorted(cardinality === 'many-to-one' ? picks : pick(picks, 1)) as Pair[];
}

const cases: readonly (readonly [sql: string, outcome: Picks])[] = [
  ...(['many-to-many', 'many-to-one', 'one-to-one'] as const).flatMap((cardinality) =>
    [household, birthday].map((sql) => [sql, { cardinality, prefer: 'first' }] as const),
  ),
  [weighed, { cardinality: 'many-to-one', prefer: 'best' }],
  [weighed, { cardinality: 'one-to-one', prefer: 'best' }],
];

describe.each(slow ? [60, 90, 150, 240] : [60])('households and twins among %i generated people', (rows) => {
  test.each(cases.filter(([, { cardinality, prefer }]) => prefer === 'first' || cardinality === 'many-to-one'))(
    'all pairs: %s, %o',
    async (sql, outcome) => {
      const families = crowded(people, rows);
      const all = await clear(sql, families);
      const rule = await compileRule(sql, both, duck);
      const tables = { a: await duck.locals(rule, 'a', 'ta'), b: await duck.locals(rule, 'b', 'tb') };
      const program = allPairsProgram(rule, rows, rows, { ...everyPair, ...outcome });
      const found = chosen(rule, tables, program) as Pair[];
      expect(all.pairs.length).toBeGreaterThan(30);
      const places = (row: number): number => placeOf(row, groupsFor(rows));
      if (outcome.prefer === 'best') {
        // Of equally good ones the plan has an order of its own.
        const best = defined(all, outcome, [places, places]);
        expect(found.map((pair) => [pair[0], all.value(pair)])).toEqual(best.map((pair) => [pair[0], all.value(pair)]));
      } else if (outcome.cardinality === 'one-to-one') expect(found).toEqual(oneToOne(all.pairs, rows, places));
      else expect(found).toEqual(outcome.cardinality === 'many-to-one' ? manyToOne(all.pairs, rows) : all.pairs);
    },
  );

  test.each(cases)('blocking: %s, %o', async (sql, outcome) => {
    const families = crowded(people, rows);
    const all = await clear(sql, families);
    const rng = insecureTestRng(`families ${rows}`);
    const rule = await compileRule(sql, both, duck);
    const kernels = createKernels();
    const conditions = ['a.address = b.address', 'a.medicaid = b.medicaid', 'a.dob = b.dob'];
    const keys = await Promise.all(conditions.map((key) => compileRule(key, both, duck)));
    const sides: SideTable[] = [];
    for (const side of ['a', 'b'] as const) {
      const [name, locals] = [`t${side}`, await duck.locals(rule, side, `t${side}`)];
      const blocks: SideTable['keys'][number][] = [];
      for (const key of keys) blocks.push(encodeKeys(key, keyEquality(key)!, side, await duck.locals(key, side, name)));
      const parts = rule.leaves.flatMap((_, leaf) => encodeParts(rule, leaf, side, locals, kernels));
      sides.push({ order: randomOrder(rows, rng), keys: blocks, columns: parts });
    }
    const tables = sides as [SideTable, SideTable];
    const run = blockingRun(rule, { keys: 3, cap: 12, reveal: 'pairs', to: [0, 1], ...outcome }, [rows, rows]);
    const { resolved, cut, sides: made } = await runBlocking(run, tables, { rng });
    expect(cut).toEqual([0, 0]);
    const compared = new Set(candidates(made as never, run.sharding.shards).map(String));
    const met = { ...all, pairs: all.pairs.filter((pair) => compared.has(String(pair))) };
    if (sql !== weighed) expect(met.pairs).toEqual(all.pairs);
    const place = tables.map(
      ({ order }) =>
        (row: number) =>
          order.indexOf(row),
    ) as unknown as Parameters<typeof defined>[2];
    const expected = defined(met, outcome, place);
    for (const result of resolved) expect(rowsOf(result, tables)).toEqual(expected);
  });
});

/** Precision and recall, of all and of rows whose person has a twin, as the page prints them. */
function quality(found: readonly Pair[], { person: [a, b], twins }: Families): string {
  const isTrue = ([x, y]: Pair): boolean => a[x] === b[y];
  const share = (of: number, all: number): string => (of / all).toFixed(3);
  const shares = (pairs: readonly Pair[], inBoth: number): string[] => {
    const hits = pairs.filter(isTrue).length;
    return [share(hits, pairs.length), share(hits, inBoth)];
  };
  const ofB = new Set(b);
  const shared = a.filter((one) => ofB.has(one));
  const ofTwins = found.filter(([x, y]) => twins.has(a[x]!) || twins.has(b[y]!));
  return [...shares(found, shared.length), ...shares(ofTwins, shared.filter((one) => twins.has(one)).length)].join(
    ' | ',
  );
}

test('what the page says of twins and households is what the definitions give', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/matching.md'), 'utf8');
  const orders = [0, 1].map((side) => randomOrder(4000, insecureTestRng(`measured ${side}`)));
  const place = orders.map((order) => (row: number) => order[row]!) as unknown as Parameters<typeof defined>[2];
  for (const [words, sql, of] of [
    ['the same address', household, { prefer: 'first' }],
    ['birthday and address', birthday, { prefer: 'first' }],
    ['weighed', weighed, { prefer: 'first' }],
    ['weighed, `best`', weighed, { prefer: 'best' }],
  ] as const) {
    const all = await clear(sql, people);
    for (const cardinality of ['many-to-many', 'many-to-one', 'one-to-one'] as const) {
      if (of.prefer === 'best' && cardinality === 'many-to-many') continue;
      const found = defined(all, { cardinality, ...of }, place);
      expect.soft(page).toContain(`| ${words} | ${cardinality} | ${quality(found, people)} |`);
    }
  }
});
