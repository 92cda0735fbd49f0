import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { groupsFor } from '../../src/all-pairs/first.ts';
import {
  type AllPairsProgram,
  allPairsProgram,
  type CompiledRule,
  compileRule,
  everyPair,
  type LocalTable,
  linkCost,
  type Outcome,
  parseLinkProgram,
} from '../../src/index.ts';
import { Duck, type Row } from '../duckdb.ts';
import { manyToOne, oneToOne, placeOf } from './definition.ts';
import { families, household, people, score, shuffled } from './family.ts';
import { chosen, link } from './run.ts';

const numRuns = process.env.SLOW ? 200 : 12;

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
});

type Pair = readonly [a: number, b: number];

interface Case {
  readonly rule: CompiledRule;
  readonly tables: { readonly a: LocalTable; readonly b: LocalTable };
}

const compiled = new Map<string, Promise<CompiledRule>>();
function ruleOf(sql: string): Promise<CompiledRule> {
  const rule = compiled.get(sql) ?? compileRule(sql, { a: people, b: people }, duck);
  compiled.set(sql, rule);
  return rule;
}

async function caseOf(sql: string, a: readonly Row[], b: readonly Row[]): Promise<Case> {
  const rule = await ruleOf(sql);
  await duck.load('ta', people, a);
  await duck.load('tb', people, b);
  return { rule, tables: { a: await duck.locals(rule, 'a', 'ta'), b: await duck.locals(rule, 'b', 'tb') } };
}

async function clearPairs({ rule, tables }: Case): Promise<Pair[]> {
  const found = await duck.clear(rule, tables.a, tables.b);
  return found.map((pair) => [Math.floor(pair / tables.b.rows), pair % tables.b.rows] as const);
}

function program({ rule, tables }: Case, outcome: Partial<Outcome>, tile?: number): AllPairsProgram {
  const planned = allPairsProgram(rule, tables.a.rows, tables.b.rows, { ...everyPair, ...outcome });
  return parseLinkProgram({ ...planned, tile: tile ?? planned.tile }) as AllPairsProgram;
}

/** Places of the rows of a, where so many of them are chosen among together. */
function placesOfA(rows: number, together: number): (a: number) => number {
  return (a) => {
    const from = a - (a % together);
    return from + placeOf(a - from, groupsFor(Math.min(together, rows - from))) / 2 ** 20;
  };
}

/** Tables of up to so many people of few families, so that there are many of each household. */
const person = fc.record({
  first: fc.option(fc.constantFrom('ann', 'bob')),
  surname: fc.constantFrom('gray', 'moss', 'lee', 'kim'),
  born: fc.option(fc.constantFrom('2001-05-05', '1980-03-04')),
  street: fc.option(fc.constantFrom('elm', 'oak')),
});
const table = fc.array(person, { minLength: 1, maxLength: 45 });

describe('of any two tables, in tiles and choices of any size', () => {
  test.each([household, `${score} >= 4`, 'levenshtein(a.first, b.first) <= 1 AND a.surname = b.surname'])(
    '%s',
    async (sql) => {
      const property = fc.asyncProperty(table, table, fc.integer({ min: 1, max: 3 }), async (a, b, together) => {
        const one = await caseOf(sql, a, b);
        const pairs = await clearPairs(one);
        const tile = Math.min(a.length, 8);
        const run = (outcome: Partial<Outcome>) => chosen(one.rule, one.tables, program(one, outcome, tile), together);
        const first = manyToOne(pairs, b.length);
        const mutual = oneToOne(pairs, b.length, placesOfA(a.length, tile * together));
        const counted = { reveal: 'count' } as const;
        expect(run({})).toEqual(pairs);
        expect(run(counted)).toBe(pairs.length);
        expect(run({ cardinality: 'many-to-one' })).toEqual(first);
        expect(run({ cardinality: 'many-to-one', ...counted })).toBe(first.length);
        expect(run({ cardinality: 'one-to-one' })).toEqual(mutual);
        expect(run({ cardinality: 'one-to-one', ...counted })).toBe(mutual.length);
      });
      await fc.assert(property, { numRuns });
    },
  );

  test('best: the highest score of each row of a', async () => {
    const property = fc.asyncProperty(table, table, fc.integer({ min: 1, max: 3 }), async (a, b, together) => {
      const one = await caseOf(`${score} >= 4`, a, b);
      const best = { cardinality: 'many-to-one', prefer: 'best' } as const;
      const tile = Math.min(a.length, 8);
      const found = chosen(one.rule, one.tables, program(one, best, tile), together) as Pair[];
      const scores = await duck.rows(`SELECT a.row, b.row, ${score} FROM ta AS a, tb AS b`);
      const value = new Map(scores.map(([x, y, sum]) => [`${x},${y}`, Number(sum)]));
      const highest = new Map<number, number>();
      for (const [x, y] of await clearPairs(one))
        highest.set(x, Math.max(highest.get(x) ?? 0, value.get(`${x},${y}`)!));
      expect(found.map(([x, y]) => [x, value.get(`${x},${y}`)])).toEqual([...highest]);
      expect(chosen(one.rule, one.tables, program(one, { ...best, reveal: 'count' }, tile))).toBe(highest.size);
    });
    await fc.assert(property, { numRuns });
  });
});

describe('whatever the order of the files', () => {
  const runs = process.env.SLOW ? 600 : 160;

  /** By their places in `families`: the rows of b that rows of a were given in many runs, each with its own order. */
  async function given(sql: string, outcome: Partial<Outcome>): Promise<Record<number, number[]>> {
    const seen = families.a.map(() => new Set<number>());
    for (let run = 0; run < runs; run++) {
      const [a, b] = [shuffled(families.a, `a ${run}`), shuffled(families.b, `b ${run}`)];
      const one = await caseOf(sql, a.rows, b.rows);
      for (const [x, y] of chosen(one.rule, one.tables, program(one, outcome)) as Pair[])
        seen[a.order[x]!]!.add(b.order[y]!);
    }
    const rows = seen.map((b, a) => [a, [...b].sort((x, y) => x - y)] as const);
    return Object.fromEntries(rows.filter(([, b]) => b.length > 0));
  }

  const grays = [0, 1, 2, 7];
  const mosses = [3, 4, 5];

  test('each row of a household is picked, and no other row', async () => {
    const all = { 0: grays, 1: grays, 2: grays, 3: mosses, 4: mosses, 5: mosses, 7: mosses };
    expect(await given(household, { cardinality: 'many-to-one' })).toEqual(all);
    expect(await given(household, { cardinality: 'one-to-one' })).toEqual(all);
  });

  test('best tells twins and members of a household apart, not the same person twice', async () => {
    const best = { cardinality: 'many-to-one', prefer: 'best' } as const;
    expect(await given(`${score} >= 6`, best)).toEqual({ 0: [1], 1: [0], 3: [3], 4: [3], 5: [4, 5] });
  });

  test('one-to-one gives no row twice', async () => {
    for (let run = 0; run < 10; run++) {
      const [a, b] = [shuffled(families.a, `a ${run}`), shuffled(families.b, `b ${run}`)];
      const one = await caseOf(household, a.rows, b.rows);
      const pairs = chosen(one.rule, one.tables, program(one, { cardinality: 'one-to-one' })) as Pair[];
      for (const side of [0, 1] as const) expect(new Set(pairs.map((pair) => pair[side])).size).toBe(pairs.length);
      // Grays and mosses: the first of each with the first of the others.
      expect(pairs).toHaveLength(2);
    }
  });
});

describe('two parties and the key service', () => {
  const outcomes: Partial<Outcome>[] = (['many-to-many', 'many-to-one', 'one-to-one'] as const).flatMap((cardinality) =>
    (['pairs', 'count'] as const).map((reveal) => ({ cardinality, reveal })),
  );
  const best = { cardinality: 'many-to-one', prefer: 'best' } as const;

  test.each([...outcomes, best])('%o: what the plan says, at its cost', async (outcome) => {
    const one = await caseOf(`${score} >= 4`, families.a, families.b);
    const planned = program(one, outcome, 8);
    const { results, frames, answerKeyBytes } = await link(one.rule, one.tables, planned);
    const expected = chosen(one.rule, one.tables, planned);
    const pairs = (list: readonly Pair[]) => ({
      kind: 'pairs',
      a: Uint32Array.from(list, ([a]) => a),
      b: Uint32Array.from(list, ([, b]) => b),
    });
    const result = typeof expected === 'number' ? { kind: 'count', count: expected } : pairs(expected);
    expect(results).toEqual([result, result]);
    const cost = linkCost(planned);
    const sent = [0, 1].map((from) =>
      frames.filter((frame) => frame.from === from).reduce((sum, { frame }) => sum + frame.length, -32),
    );
    expect(sent).toEqual(cost.sentBytes);
    expect(answerKeyBytes).toBe(cost.answerKeyBytes);
  });

  test.each([...outcomes, best])('%o: frames are the same for disjoint and identical tables', async (outcome) => {
    const strangers = families.a.map((row, i) => ({ ...row, surname: `x${i}`, street: `y${i}`, born: null }));
    const shapes: string[][] = [];
    for (const b of [strangers, families.a]) {
      const one = await caseOf(`${score} >= 4`, families.a, b);
      const { frames } = await link(one.rule, one.tables, program(one, outcome));
      shapes.push(frames.map(({ from, frame }) => `${from}:${frame.length}`).sort());
    }
    expect(shapes[0]).toEqual(shapes[1]);
  });

  test.each([0, 1].flatMap((learner) => [...outcomes, best].map((outcome) => ({ ...outcome, to: [learner] }))))(
    '%o: the other side has nothing, and is sent nothing at the end',
    async (outcome) => {
      const one = await caseOf(`${score} >= 4`, families.a, families.b);
      const both = await link(one.rule, one.tables, program(one, { ...outcome, to: [0, 1] }));
      const { results, frames } = await link(one.rule, one.tables, program(one, outcome));
      const [learner] = outcome.to as [number];
      expect(results[learner]).toEqual(both.results[learner]);
      expect(results[1 - learner]).toEqual({ kind: 'nothing' });
      expect(frames.at(-1)!.from).toBe(1 - learner);
    },
  );
});

test('what no plan can do is refused', async () => {
  const scored = await caseOf(`${score} >= 4`, families.a, families.b);
  const plain = await caseOf(household, families.a, families.b);
  const best = { prefer: 'best' } as const;
  for (const [one, outcome] of [
    [scored, { ...best }],
    [scored, { ...best, cardinality: 'one-to-one' }],
    [scored, { ...best, cardinality: 'one-to-one', reveal: 'count' }],
    [plain, { ...best, cardinality: 'many-to-one' }],
    [plain, { to: [] }],
    [plain, { to: [1, 0] }],
    [plain, { to: [2] }],
  ] as [Case, Partial<Outcome>][])
    expect(() => program(one, outcome)).toThrow(/link program: (prefer|to) is/);
  const planned = allPairsProgram(plain.rule, 100, 100, { ...everyPair, cardinality: 'many-to-one' });
  expect(() => parseLinkProgram({ ...planned, tile: 12 })).toThrow(/multiple of 8/);
});
