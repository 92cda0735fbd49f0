import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  agreeing,
  Blocks,
  type Columns,
  chooseKeys,
  compileRule,
  encodeKeys,
  expectedRecall,
  keyEquality,
  macros,
  mistype,
  proposeKeys,
  seededDraw,
  withErrors,
} from '../../src/index.ts';
import { Duck } from '../duckdb.ts';

const text = new TextEncoder();

/** Keys as `encodeKeys` gives them; null where there is none. */
function keysOf(values: readonly (string | null)[]) {
  const parts = values.map((value) => text.encode(value ?? ''));
  const offsets = new Uint32Array(values.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
  const present = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
  return { data: Uint8Array.from(parts.flatMap((part) => [...part])), offsets, present };
}

const values = fc.array(fc.option(fc.string({ maxLength: 3, unit: fc.constantFrom('a', 'b', 'é') })), {
  maxLength: 60,
});

describe('blocks', () => {
  test('are what counting says', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 5 }), (of, cap) => {
        const counts = new Map<string, number>();
        for (const value of of) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
        const blocks = new Blocks(keysOf(of));
        expect(blocks.sizes).toEqual({
          blocks: counts.size,
          largest: Math.max(0, ...counts.values()),
          without: of.filter((value) => value === null).length,
        });
        expect(blocks.cutBy(cap)).toBe([...counts.values()].reduce((sum, count) => sum + Math.max(0, count - cap), 0));
        const asked = ['a', 'bb', 'x', '', null];
        for (const [i, value] of asked.entries()) {
          expect(blocks.sizeOf(keysOf(asked), i)).toBe(value === null ? 0 : (counts.get(value) ?? 0));
        }
      }),
    );
  });

  test('two records agree on a key that both have', () => {
    const [a, b] = [keysOf(['x', 'x', null, '', 'xy']), keysOf(['x', 'y', null, '', 'x'])];
    expect([...agreeing(a, b)]).toEqual([1, 0, 0, 1, 0]);
  });
});

describe('expected recall', () => {
  // Of pairs 0…3: block sizes, 0 where they do not agree.
  const wide = Uint32Array.of(1, 4, 4, 0);
  const narrow = Uint32Array.of(0, 2, 0, 1);

  test('is the chance that some key takes both records', () => {
    expect(expectedRecall([wide], 4, Number.POSITIVE_INFINITY)).toBe(0.75);
    expect(expectedRecall([wide], 4, 4)).toBe(0.75);
    expect(expectedRecall([wide], 4, 2)).toBe((1 + 0.25 + 0.25) / 4);
    expect(expectedRecall([wide, narrow], 4, 2)).toBe((1 + 1 + 0.25 + 1) / 4);
    expect(expectedRecall([], 4, 2)).toBe(0);
    expect(expectedRecall([wide], 0, 2)).toBe(0);
  });

  test('agrees with drawing ranks', () => {
    const [size, cap, draw] = [6, 2, seededDraw(5)];
    let met = 0;
    for (let i = 0; i < 40_000; i++) if (draw(size) < cap && draw(size) < cap) met++;
    expect(met / 40_000).toBeCloseTo(expectedRecall([Uint32Array.of(size)], 1, cap), 2);
  });

  test('keys are chosen by what they add, while it is enough', () => {
    const options = { pairs: 4, cap: 4, most: 3, leastGain: 0.1 };
    expect(chooseKeys([narrow, wide, wide], options)).toEqual({ keys: [1, 0], recall: 1 });
    expect(chooseKeys([narrow, wide], { ...options, most: 1 })).toEqual({ keys: [1], recall: 0.75 });
    expect(chooseKeys([narrow, wide], { ...options, leastGain: 0.3 }).keys).toEqual([1]);
    expect(chooseKeys([], options)).toEqual({ keys: [], recall: 0 });
  });
});

describe('errors', () => {
  const column = (texts: (string | null)[], address = false) => ({ values: texts, address, allows: () => true });

  test('of typing: one edit, and never to nothing that was there before', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 12 }), fc.nat(), (word, seed) => {
        const [before, after] = [[...word], [...mistype(word, seededDraw(seed))]];
        expect(Math.abs(before.length - after.length)).toBeLessThanOrEqual(1);
        const changed = before.filter((character, i) => character !== after[i]).length;
        if (before.length === after.length) expect(changed).toBeLessThanOrEqual(2);
      }),
    );
  });

  test('come at their rates, repeatably, and only where the text may be', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `person ${i}`);
    const make = (seed: number) =>
      withErrors(
        [column(names), column(names, true), { ...column(names), allows: () => false }],
        { mistyped: 0.1, missing: 0.05, moved: 0.2 },
        seededDraw(seed),
      );
    const [plain, address, strict] = make(1) as [(string | null)[], (string | null)[], (string | null)[]];
    const share = (of: (string | null)[], test: (value: string | null, i: number) => boolean) =>
      of.filter(test).length / of.length;
    expect(share(plain, (value) => value === null)).toBeCloseTo(0.05, 1);
    expect(share(plain, (value, i) => value !== null && value !== names[i])).toBeCloseTo(0.095, 1);
    expect(share(address, (value, i) => value !== null && value !== names[i])).toBeGreaterThan(0.2);
    expect(strict.every((value, i) => value === null || value === names[i])).toBe(true);
    expect(make(1)).toEqual(make(1));
    expect(make(2)).not.toEqual(make(1));
    expect(names[0]).toBe('person 0');
  });

  test('without rates change nothing', () => {
    const rates = { mistyped: 0, missing: 0, moved: 0 };
    expect(withErrors([column(['x', null])], rates, seededDraw(1))).toEqual([['x', null]]);
    expect(withErrors([], rates, seededDraw(1))).toEqual([]);
  });
});

describe('proposals', () => {
  const columns: Columns = {
    id: { type: 'text', maxLength: 10 },
    name: { type: 'text', maxLength: 24 },
    city: { type: 'text', maxLength: 20 },
    born: { type: 'date' },
    weight: { type: 'number', min: '0', max: '400', scale: 1 },
  };
  let duck: Duck;
  beforeAll(async () => {
    duck = await Duck.open();
    for (const macro of macros) await duck.run(macro);
  });
  const compile = (sql: string) => compileRule(sql, { a: columns, b: columns }, duck);
  const proposed = async (sql: string, usual = 8) => proposeKeys(await compile(sql), () => usual);

  test('are equalities of the rule, ends of texts with another field, and nothing twice', async () => {
    const keys = (
      await proposed(
        'a.born = b.born AND agree(a.name, b.name) >= 0.9 AND a.weight BETWEEN b.weight - 1 AND b.weight + 1',
      )
    ).map(({ sql }) => sql);
    expect(keys).toContain('a.born = b.born');
    expect(keys).toContain('left(a.name, 4) = left(b.name, 4) AND a.born = b.born');
    expect(keys).toContain('a.weight = b.weight');
    expect(new Set(keys).size).toBe(keys.length);
    for (const sql of keys) expect(keyEquality(await compile(sql)), sql).toBeDefined();
  });

  test('come from nothing that a rule negates', async () => {
    const keys = (await proposed('a.id = b.id AND NOT (a.born = b.born) AND agree(a.name, b.name) < 0.5')).map(
      ({ sql }) => sql,
    );
    expect(keys).toEqual(['a.id = b.id']);
  });

  const word = fc.string({ minLength: 0, maxLength: 10, unit: fc.constantFrom('a', 'b') });
  test.each([
    ['hamming(a.id, b.id) <= 1', 6],
    ['hamming(a.id, b.id) <= 1', 10],
    ['hamming(a.id, b.id) < 3', 8],
    ['agree(a.id, b.id) >= 0.7', 8],
    ['agree(a.id, b.id) > 0.8', 8],
  ])('the lossless keys of %s (usual length %i) miss no pair that it matches', async (sql, usual) => {
    const rule = await compile(sql);
    const lossless = proposeKeys(rule, () => usual).filter(({ losslessFor }) => losslessFor !== undefined);
    expect(lossless.length).toBeGreaterThan(1);
    // Pieces and tokens are two sets, each lossless by itself.
    const tokens = lossless.filter(
      (key) =>
        key.sql.includes('||') || key.sql.startsWith('substr(a.id, 2)') || key.sql.startsWith(`left(a.id, ${usual})`),
    );
    const pieces = lossless.filter((key) => !tokens.includes(key));
    const words = fc.sample(fc.tuple(word, fc.array(fc.tuple(fc.nat(10), word), { maxLength: 2 })), {
      numRuns: 300,
      seed: 7,
    });
    const rows = words.map(([first, changes]) => {
      const second = [...first];
      for (const [at, by] of changes) second.splice(at, 1, ...by.slice(0, 1));
      return { a: first, b: second.join('') };
    });
    await duck.load(
      'ta',
      columns,
      rows.map(({ a }) => ({ id: a })),
    );
    await duck.load(
      'tb',
      columns,
      rows.map(({ b }) => ({ id: b })),
    );
    const matches = await pairwise(sql);
    expect(matches.filter(Boolean).length).toBeGreaterThan(50);
    for (const set of tokens.length > 0 ? [pieces, tokens] : [pieces]) {
      const agree = await Promise.all(set.map((key) => agreements(key.sql)));
      matches.forEach((match, i) => {
        if (match)
          expect(
            agree.some((key) => key[i] === 1),
            JSON.stringify(rows[i]),
          ).toBe(true);
      });
    }

    async function agreements(key: string): Promise<Uint8Array> {
      const compiled = await compile(key);
      const of = async (side: 'a' | 'b') =>
        encodeKeys(compiled, keyEquality(compiled)!, side, await duck.locals(compiled, side, `t${side}`));
      return agreeing(await of('a'), await of('b'));
    }

    async function pairwise(condition: string): Promise<boolean[]> {
      const all = new Set(await duck.matches(condition, 'ta', 'tb', rows.length));
      return rows.map((_, i) => all.has(i * rows.length + i));
    }
  });
});
