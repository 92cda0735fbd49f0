import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Columns,
  compileRule,
  everyPair,
  type LinkPlan,
  type LinkRules,
  linkCost,
  planCostOf,
  planHash,
  planLink,
  programHash,
  sessionsOf,
} from '../src/index.ts';
import { Duck } from './duckdb.ts';

const columns: Columns = {
  id: { type: 'text', maxLength: 8 },
  name: { type: 'text', maxLength: 16 },
  born: { type: 'date', min: '1990-01-01', max: '1999-12-31' },
};
const both = { a: columns, b: columns };
const rule = 'levenshtein(a.name, b.name) <= 2 OR a.id = b.id';
const keys = ['a.born = b.born', 'left(a.name, 3) = left(b.name, 3)'];

let duck: Duck;
let rules: LinkRules;
beforeAll(async () => {
  duck = await Duck.open();
  const candidates = await compileRule(`(${rule}) AND (${keys.join(' OR ')})`, both, duck);
  rules = { rule: await compileRule(rule, both, duck), blocking: { keys: 2, cap: 2, candidates } };
});

test('all pairs for few entries, blocking for many, and for too many nothing else', () => {
  const few = planLink(rules, everyPair, [1000, 1000]);
  expect(few).toMatchObject({ blocking: undefined, last: { protocol: 'link-all-pairs/1' }, instead: undefined });
  expect(few.why).toMatch(/4096 entries .* here are 4000/);
  const some = planLink(rules, everyPair, [2000, 2000]);
  expect(some).toMatchObject({ last: { protocol: 'link-resolve/1' }, why: 'it is cheaper than all pairs' });
  expect(some.instead!.seconds).toBeGreaterThan(planCostOf(some).seconds);
  const many = planLink(rules, everyPair, [1_000_000, 900_000]);
  expect(many.why).toMatch(/too many/);
  expect(many.blocking!.sharding.shards).toBeGreaterThan(20);
});

test('too many pairs without keys: the error says what to do', () => {
  expect(() => planLink({ rule: rules.rule }, everyPair, [1_000_000, 900_000])).toThrow(
    expect.objectContaining({ code: 'plan-invalid', hint: expect.stringMatching(/blocking keys/) }),
  );
});

test('the whole rule stands in all pairs, so that no pair outside the blocks becomes known', () => {
  const { last } = planLink(rules, everyPair, [1000, 1000]);
  if (last.protocol !== 'link-all-pairs/1') throw new Error('not all pairs');
  expect(last.leaves).toHaveLength(rules.blocking!.candidates.leaves.length);
  expect(last.leaves.length).toBeGreaterThan(rules.rule.leaves.length);
});

test('one equality is an intersection', async () => {
  const equality = await compileRule('a.id = b.id', both, duck);
  const plan = planLink({ rule: equality }, everyPair, [10, 20]);
  expect(plan.last.protocol).toBe('link-keys/1');
  expect(planHash(plan)).toEqual(programHash(plan.last));
  expect(planCostOf(plan)).toMatchObject({ kind: 'keys', sessions: 1, rounds: linkCost(plan.last).rounds });
});

test('how many keys of a million both have: only blocking can count them, with a bin a key, and no sorting of rows', async () => {
  const equality = await compileRule('a.id = b.id', both, duck);
  const outcome = { ...everyPair, cardinality: 'one-to-one', reveal: 'count' } as const;
  const million = [1_000_000, 1_000_000] as const;
  expect(() => planLink({ rule: equality }, outcome, million)).toThrow(/without blocking keys/);
  const blocking = { keys: 1, cap: 1, candidates: equality };
  const plan = planLink({ rule: equality, blocking }, outcome, million);
  expect(plan.last).toMatchObject({
    protocol: 'link-resolve/1',
    slots: 1,
    reveal: 'count',
    cardinality: 'many-to-many',
  });
});

test('one-to-one by the best is for blocking alone', async () => {
  const cases = ['name', 'born'].map((column) => `CASE WHEN a.${column} = b.${column} THEN 3 ELSE -1 END`);
  const score = await compileRule(`${cases.join(' + ')} >= 2`, both, duck);
  const outcome = { ...everyPair, cardinality: 'one-to-one', prefer: 'best' } as const;
  expect(() => planLink({ rule: score }, outcome, [2000, 2000])).toThrow(/best for the pairs of many-to-one/);
  const blocking = { keys: 1, cap: 4, candidates: score };
  const plan = planLink({ rule: score, blocking }, outcome, [2000, 2000]);
  expect(plan.last).toMatchObject({ protocol: 'link-resolve/1', cardinality: 'one-to-one' });
  const few = planLink({ rule: score, blocking }, outcome, [5, 3]);
  expect(few).toMatchObject({
    last: { cardinality: 'one-to-one' },
    why: expect.stringMatching(/the best for rows of both sides/),
  });
  expect(few.blocking!.sharding).toMatchObject({ shards: 1, capacity: [4096, 4096] });
});

describe('seconds are those of the benches, "CSV to result" of bench/RESULTS.md, within a half', () => {
  const person: Columns = {
    medicaid: { type: 'text', maxLength: 16 },
    name: { type: 'text', maxLength: 32 },
    address: { type: 'text', maxLength: 80 },
  };
  const within = (plan: LinkPlan, measured: number): void => {
    const { seconds } = planCostOf(plan);
    expect(Math.max(seconds / measured, measured / seconds)).toBeLessThan(1.5);
  };

  test.each([
    [10_000, 0.454],
    [100_000, 1.05],
    [2 ** 20, 3.5],
  ])('an intersection of %i rows', async (n, measured) => {
    const equality = await compileRule('a.medicaid = b.medicaid', { a: person, b: person }, duck);
    within(planLink({ rule: equality }, everyPair, [n, n]), measured);
  });

  test.each([
    [10_000, 2.68],
    [100_000, 10.1],
    [1_000_000, 78.9],
  ])('blocking of %i rows by four keys, 9 letters in 10', async (n, measured) => {
    const nine = 'a.medicaid = b.medicaid OR (agree(a.name, b.name) >= 0.9 AND agree(a.address, b.address) >= 0.9)';
    const compiled = await compileRule(nine, { a: person, b: person }, duck);
    const blocking = { keys: 4, cap: 1, candidates: compiled };
    within(planLink({ rule: compiled, blocking }, { ...everyPair, cardinality: 'many-to-one' }, [n, n]), measured);
  });
});

test('what a run costs is what its sessions cost; its hash stands for all of them', () => {
  const plan = planLink(rules, everyPair, [3000, 2000], 4096);
  const [shards, last] = sessionsOf(plan);
  const { times } = shards!;
  expect(times).toBeGreaterThan(1);
  const [shard, resolve] = [linkCost(shards!.program), linkCost(last!.program)];
  expect(planCostOf(plan)).toMatchObject({
    kind: 'blocking',
    sessions: times + 1,
    rounds: times * shard.rounds + resolve.rounds,
    answerKeyBytes: times * shard.answerKeyBytes + resolve.answerKeyBytes,
    sentBytes: [0, 1].map((side) => times * shard.sentBytes[side]! + resolve.sentBytes[side]!),
  });
  expect(planHash(planLink(rules, everyPair, [3000, 2000], 4096))).toEqual(planHash(plan));
  expect(planHash(planLink(rules, everyPair, [3000, 2001], 4096))).not.toEqual(planHash(plan));
  expect(planHash(planLink(rules, { ...everyPair, to: [0] }, [3000, 2000], 4096))).not.toEqual(planHash(plan));
});
