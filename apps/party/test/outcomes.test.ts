import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Match, requestLink } from '../src/index.ts';
import { agree, rule, type Terms, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
beforeEach(async () => {
  network = await testNetwork();
  await network.start();
});
afterEach(() => network.close());

const exact = 'a.city = b.city';
const weighed =
  'CASE WHEN a.city = b.city THEN 2 ELSE 0 END + CASE WHEN agree(a.name, b.name) >= 0.8 THEN 3 ELSE 0 END >= 2';

/** A link under these terms. Keys of the rows that match, as each side has them, and its number of matches. */
async function run(terms: Terms) {
  const agreement = await agree(network, terms);
  const { id } = await requestLink(network.homes.fred.path, { agreement });
  const side = async (who: 'fred' | 'sally', run: number) =>
    network[who](async ({ links, audit }) => {
      const found: Match[] = [];
      for await (const match of links.matches(run)) found.push(match);
      expect(await audit.verify()).toMatchObject({ ok: true, statements: 1 });
      const { details } = await links.show(run);
      return { keys: found.map(({ key }) => key), matches: details!.matches };
    });
  return { fred: await side('fred', id), sally: await side('sally', 1) };
}

const nothing = { keys: [], matches: null };

describe.each(['expanded', 'full'] as const)('with %s pads', (pads) => {
  test.each([
    ['all pairs', rule, ['M-100', 'M-101', 'M-102', 'M-103', 'M-104'], ['P1', 'P2', 'P4', 'P5', 'P6']],
    ['an intersection', exact, ['M-100', 'M-101', 'M-102', 'M-104'], ['P1', 'P2', 'P4', 'P6']],
  ])('%s, to one alone: the other has nothing, not even a number', async (_, sql, fred, sally) => {
    const own = (keys: (string | null)[]) => [...new Set(keys)].sort();
    const first = await run({ rule: sql, pads, link: { learn: 'a' } });
    expect(first.sally).toEqual(nothing);
    expect(own(first.fred.keys)).toEqual(fred);
    await network.close();
    network = await testNetwork();
    await network.start();
    const second = await run({ rule: sql, pads, link: { learn: 'b' } });
    expect(second.fred).toEqual(nothing);
    expect(own(second.sally.keys)).toEqual(sally);
  });
});

test.each([
  ['all pairs', rule, 'many-to-many', 5],
  ['one equality', exact, 'many-to-many', 6],
  ['one equality', exact, 'many-to-one', 4],
  ['one equality', exact, 'one-to-one', 3],
] as const)('%s, their number only: %s, %s', async (_, sql, cardinality, count) => {
  const both = await run({ rule: sql, link: { reveal: 'count', cardinality } });
  expect(both).toEqual({ fred: { keys: [], matches: count }, sally: { keys: [], matches: count } });
});

test.each([
  [exact, 4],
  [weighed, 5],
])('many-to-one, by %s: each own row once', async (sql, count) => {
  const { fred, sally } = await run({ rule: sql, link: { cardinality: 'many-to-one' } });
  expect(new Set(fred.keys).size).toBe(count);
  expect(fred.keys).toHaveLength(count);
  expect(sally.keys).toHaveLength(count);
});

test('many-to-one, best: the row that is the most like', async () => {
  const { fred, sally } = await run({ rule: weighed, link: { cardinality: 'many-to-one', prefer: 'best' } });
  expect(fred.keys.toSorted()).toEqual(['M-100', 'M-101', 'M-102', 'M-103', 'M-104']);
  // Ann Müller is as much like P1 as like P6: both have her city alone.
  expect([
    ['P1', 'P2', 'P4', 'P5', 'P6'],
    ['P2', 'P4', 'P5', 'P6', 'P6'],
  ]).toContainEqual(sally.keys.toSorted());
});

test('one-to-one, best, among the candidates of blocking keys, however few rows there are', async () => {
  const blocking = { keys: ['a.city = b.city', 'a.born = b.born'], cap: 4 };
  const { fred, sally } = await run({
    rule: weighed,
    link: { cardinality: 'one-to-one', prefer: 'best', blocking },
  });
  // Of those in Bonn, P6 is more like Cleo than like Ann; Ann picks P1 or P6, each as likely, and P6 keeps Cleo.
  const without = ['M-101', 'M-102', 'M-103', 'M-104'];
  expect([without, ['M-100', ...without]]).toContainEqual(fred.keys.toSorted());
  const expected = ['P2', 'P4', 'P5', 'P6'];
  expect([expected, ['P1', ...expected]]).toContainEqual(sally.keys.toSorted());
  expect(fred.keys).toHaveLength(sally.keys.length);
});

test('one-to-one: no row twice', async () => {
  const { fred, sally } = await run({ rule: exact, link: { cardinality: 'one-to-one' } });
  for (const { keys } of [fred, sally]) {
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(3);
  }
});

test('the best for rows of both sides, of all pairs, is refused before anything runs', async () => {
  const agreement = await agree(network, { rule: weighed, link: { cardinality: 'one-to-one', prefer: 'best' } });
  await expect(requestLink(network.homes.fred.path, { agreement })).rejects.toMatchObject({
    code: 'agreement-invalid',
    message: expect.stringMatching(/best match of rows of both tables without blocking keys/),
  });
});

test('a run is explained by what it reveals, to whom', async () => {
  const agreement = await agree(network, { link: { learn: 'a', reveal: 'count' } });
  const { learns } = await network.fred(({ links }) => links.explain(agreement));
  expect(learns.map(({ who }) => who)).toEqual(['The fred', 'The sally', 'the key service (The keys)']);
  expect(learns[0]!.what).toMatch(/how many pairs match, not which/);
  expect(learns[1]!.what).toMatch(/nothing of the result, not even how many/);
});
