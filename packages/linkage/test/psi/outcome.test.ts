import { SymbolonError } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Outcome, parseLinkProgram } from '../../src/index.ts';
import { intersect, keysOf } from './run.ts';

const numRuns = process.env.SLOW ? 200 : 12;
const cardinalities = ['many-to-many', 'many-to-one', 'one-to-one'] as const;
type Key = string | null;

/** Pairs with equal keys; of rows that share one, the first alone on the sides that are told. */
function clear(a: readonly Key[], b: readonly Key[], firstOfA: boolean, firstOfB: boolean): string[] {
  const counts = (keys: readonly Key[], row: number, first: boolean): boolean =>
    keys[row] !== null && (!first || keys.indexOf(keys[row]!) === row);
  return a.flatMap((x, i) =>
    b.flatMap((y, j) => (x === y && counts(a, i, firstOfA) && counts(b, j, firstOfB) ? [`${i},${j}`] : [])),
  );
}

const key = fc.option(fc.constantFrom('x', 'y', 'z', 'u', 'v'));
const table = fc.array(key, { minLength: 1, maxLength: 25 });

describe.each(cardinalities)('%s', (cardinality) => {
  const [oneA, oneB] = [cardinality === 'one-to-one', cardinality !== 'many-to-many'];

  test('to both', async () => {
    const property = fc.asyncProperty(table, table, async (a, b) => {
      const { results } = await intersect(keysOf(a), keysOf(b), { cardinality });
      for (const pairs of results) expect(pairs.map(String)).toEqual(clear(a, b, oneA, oneB));
    });
    await fc.assert(property, { numRuns });
  });

  test.each([0, 1])('to p%i alone: its own rows that met, each with the first row of the key', async (learner) => {
    const property = fc.asyncProperty(table, table, async (a, b) => {
      const { found, results } = await intersect(keysOf(a), keysOf(b), { cardinality, to: [learner] });
      const expected = clear(a, b, oneA || learner === 1, oneB || learner === 0);
      expect(results[learner]!.map(String).toSorted()).toEqual(expected.toSorted());
      expect(found[1 - learner]).toEqual({ kind: 'nothing' });
    });
    await fc.assert(property, { numRuns });
  });

  test.each([[0, 1], [0], [1]])('frames are those of its cost, whatever is in the tables: to %j', async (...to) => {
    const n = 300;
    const all = Array.from({ length: n }, (_, i) => `k${i}`);
    const others = Array.from({ length: n + 20 }, (_, i) => `o${i}`);
    const tables = [others, [...all, ...all.slice(0, 20)], others.map(() => null), others.map(() => 'k1')];
    for (const b of tables) {
      const { frames, cost, answerKeyBytes } = await intersect(keysOf(all), keysOf(b), { cardinality, to });
      const sent = [0, 1].map((from) =>
        frames.filter((frame) => frame.from === from).reduce((sum, { bytes }) => sum + bytes.length, -32),
      );
      expect(sent).toEqual(cost.sentBytes);
      expect(answerKeyBytes).toBe(cost.answerKeyBytes);
      expect(cost.answerKeyTo).toBe(to.length === 2 ? 0 : to[0]);
      expect(cost.padBytes[1 - cost.answerKeyTo]).toBe(0);
    }
  });
});

test('a party that learns nothing is sent nothing once the answer key is there', async () => {
  for (const learner of [0, 1]) {
    let exchanged = Number.POSITIVE_INFINITY;
    const { frames } = await intersect(keysOf(['x', 'x', 'y']), keysOf(['x', 'y', 'y']), {
      to: [learner],
      exchanged: (count) => {
        exchanged = count;
      },
    });
    expect(frames).toHaveLength(exchanged);
  }
});

test('what a side shares a key with stays its own where the cardinality hides it', async () => {
  // Both tables have duplicates of keys that meet; frames of row numbers are 4 bytes a row.
  const [a, b] = [
    ['x', 'x', 'y', 'z', 'w'],
    ['x', 'y', 'y', 'u', 'v', 't'],
  ];
  const sizes = async (cardinality: Outcome['cardinality']) => {
    const { frames } = await intersect(keysOf(a), keysOf(b), { cardinality });
    return [0, 1].map((party) => frames.filter(({ from }) => from === party).map(({ bytes }) => bytes.length));
  };
  const [hits, ofA, ofB] = [4 * b.length, 4 * a.length, 4 * b.length];
  const [p0, p1] = await sizes('one-to-one');
  expect(p0!.at(-1)).toBe(hits);
  expect(await sizes('many-to-one')).toEqual([[...p0!, ofA], p1]);
  expect(await sizes('many-to-many')).toEqual([
    [...p0!, ofA],
    [...p1!, ofB],
  ]);
});

test('each row of a household or pair of twins is picked in some order of the files, and no other', async () => {
  // The key of these tables is surname and street; 2 and 5 are of other families.
  const [a, b] = [
    ['gray elm', 'gray elm', 'moss oak', 'gray elm'],
    ['gray elm', 'lee fir', 'gray elm', 'moss oak', 'moss oak'],
  ];
  const turned = <T>(rows: readonly T[], by: number): T[] => [...rows.slice(by), ...rows.slice(0, by)];
  const seen = new Set<string>();
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      const keys = [keysOf(turned(a, i)), keysOf(turned(b, j))] as const;
      const { results } = await intersect(...keys, { cardinality: 'one-to-one' });
      expect(results[0]).toHaveLength(2);
      for (const [x, y] of results[0]!) seen.add(`${(x + i) % a.length},${(y + j) % b.length}`);
    }
  }
  const grays = [0, 1, 3].flatMap((x) => [0, 2].map((y) => `${x},${y}`));
  expect([...seen].sort()).toEqual([...grays, '2,3', '2,4'].sort());
});

test('a program says all of it', () => {
  const program = { protocol: 'link-keys/1', rows: [3, 4], cardinality: 'many-to-one', to: [1] };
  expect(parseLinkProgram(program)).toEqual(program);
  for (const change of [
    { cardinality: undefined },
    { cardinality: 'one-to-many' },
    { to: [] },
    { to: [1, 0] },
    { to: ['0'] },
    { to: [0.5] },
    { to: null },
    { reveal: 'count' },
    { prefer: 'first' },
  ])
    expect(() => parseLinkProgram({ ...program, ...change })).toThrow(SymbolonError);
  const { to: _, ...less } = program;
  expect(() => parseLinkProgram(less)).toThrow(/exactly the fields/);
});
