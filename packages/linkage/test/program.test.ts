import { canonicalBytes, hex, SymbolonError } from '@symbolon/crypto';
import { PlanBuilder, runClear } from '@symbolon/engine';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { tileRows } from '../src/all-pairs/tiles.ts';
import {
  type AllPairsProgram,
  allPairsPlan,
  allPairsProgram,
  compileRule,
  decodeVerdicts,
  evaluate,
  explainRule,
  type Formula,
  parseLinkProgram,
  programHash,
  tilesOf,
} from '../src/index.ts';
import { combine, combineScored } from '../src/verdict/combine.ts';
import { leavesOf } from '../src/verdict/formula.ts';
import { Duck } from './duckdb.ts';
import { columns, other } from './tables.ts';

const timeout = process.env.SLOW ? 600_000 : 300_000;

let program: AllPairsProgram;
beforeAll(async () => {
  const duck = await Duck.open();
  const sql = 'a.id = b.id OR (agree(a.name, b.name) >= 0.9 AND abs(a.wide - b.wide) <= 2 AND NOT a.n < b.n)';
  program = allPairsProgram(await compileRule(sql, { a: columns, b: other }, duck), 5000, 5000);
});

const refuses = (change: unknown): void => {
  expect(() => parseLinkProgram(change)).toThrow(SymbolonError);
};

describe('a program from elsewhere', () => {
  test('is read as it was written', () => {
    expect(parseLinkProgram(JSON.parse(JSON.stringify(program)))).toEqual(program);
    expect(canonicalBytes(program).length).toBeLessThan(2000);
    expect(hex(programHash(program))).toHaveLength(64);
    expect(JSON.stringify(program)).not.toMatch(/name|agree|id/);
  });

  test('has no field more, less, or of another kind', () => {
    const leaf = program.leaves[0]!;
    const withLeaf = (change: object): object => ({
      ...program,
      leaves: [{ ...leaf, ...change }, ...program.leaves.slice(1)],
    });
    for (const value of [null, 1, 'x', [], {}, [program], { ...program, more: 1 }, { ...program, tile: undefined }])
      refuses(value);
    for (const key of Object.keys(program))
      refuses(Object.fromEntries(Object.entries(program).filter(([name]) => name !== key)));
    refuses({ ...program, protocol: 'link-all-pairs/2' });
    for (const rows of [
      [5000],
      [5000, 5000, 5000],
      [0, 1],
      [1.5, 1],
      ['5000', 5000],
      [2 ** 20 + 1, 1],
      [-0, 1],
      [Number.NaN, 1],
    ])
      refuses({ ...program, rows });
    for (const tile of [0, -1, 5001, 1.5, '416', null, 5000]) refuses({ ...program, tile });
    for (const change of [
      { inner: 0 },
      { inner: 2 ** 17 },
      { ring: 8 },
      { ring: '16' },
      { constant: '0' },
      { constant: '1' },
      { constant: -16 },
      { constant: '-016' },
      { constant: '-0' },
      { constant: '+1' },
      { constant: ' -1' },
      { constant: '-40000' },
      { product: ['16', '0'] },
      { product: ['1', '16'] },
      { product: ['0'] },
      { product: ['0', '16', '17'] },
      { product: ['0', '99999'] },
      { product: ['-32768', '0'] },
      { entries: { a: ['0', '1'] } },
      { entries: { a: ['0', '1'], b: ['0', '1'], c: [] } },
      { entries: { a: ['0', '1'], b: ['0', '65536'] } },
      { extra: 1 },
    ]) {
      refuses(withLeaf(change));
    }
    for (const verdict of [
      -1,
      4,
      0,
      1.5,
      '0',
      null,
      {},
      { and: [] },
      { and: [0] },
      { and: 0 },
      { not: [0] },
      { xor: [0, 1] },
      { and: [0, 1], or: [2, 3] },
      { and: [0, 1, 2] },
    ]) {
      refuses({ ...program, verdict });
    }
    refuses({ ...program, leaves: [] });
    refuses({ ...program, leaves: Array.from({ length: 33 }, () => leaf) });
  });

  test('is bounded in work, size and depth', () => {
    const inner = 2 ** 16;
    const leaves = program.leaves.map((leaf) => ({ ...leaf, inner }));
    refuses({ ...program, leaves, rows: [2 ** 20, 2 ** 20], tile: 2 });
    refuses({ ...program, rows: [2 ** 20, 2 ** 20], tile: 2 });
    let deep: unknown = program.verdict;
    for (let i = 0; i < 100; i++) deep = { not: deep };
    refuses({ ...program, verdict: deep });
    refuses({
      ...program,
      verdict: { and: Array.from({ length: 60 }, () => ({ and: Array.from({ length: 60 }, () => program.verdict) })) },
    });
  });

  test('any other value is refused in words', () => {
    const property = fc.property(
      fc.oneof(
        fc.anything(),
        fc.record({
          protocol: fc.constant('link-all-pairs/1'),
          rows: fc.anything(),
          leaves: fc.anything(),
          verdict: fc.anything(),
          tile: fc.anything(),
        }),
      ),
      refuses,
    );
    fc.assert(property, { numRuns: process.env.SLOW ? 50_000 : 500 });
  });
});

test('tiles cover every row once, in whole words where they can', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 20_000 }), (rowsA, rowsB) => {
      const tiles = tilesOf({ rows: [rowsA, rowsB], tile: tileRows(rowsA, rowsB, 0) });
      let next = 0;
      for (const { from, rows } of tiles) {
        expect(from).toBe(next);
        next += rows;
      }
      expect(next).toBe(rowsA);
      for (const { rows } of tiles.slice(0, -1)) expect((rows * rowsB) % 128).toBe(0);
    }),
  );
});

test('revealed bits become pairs', () => {
  const small: AllPairsProgram = { ...program, rows: [5, 3], tile: 2 };
  expect([...decodeVerdicts(small, 1, Uint8Array.of(0b100001))]).toEqual([
    [2, 0],
    [3, 2],
  ]);
  expect([...decodeVerdicts(small, 2, Uint8Array.of(0b100))]).toEqual([[4, 2]]);
  expect(() => [...decodeVerdicts(small, 2, Uint8Array.of(0b1000))]).toThrow(/no pair/);
  expect(() => [...decodeVerdicts(small, 0, new Uint8Array(2))]).toThrow(/not 2 bytes/);
  expect(() => [...decodeVerdicts(small, 3, new Uint8Array(1))]).toThrow(SymbolonError);
});

test('a plan opens one bit a pair and nothing else', () => {
  const plan = allPairsPlan(program);
  const opened = plan.nodes.filter((node) => node.op === 'reveal');
  expect(opened.map((node) => node.name)).toEqual(tilesOf(program).map((_, i) => `verdict/${i}`));
  for (const node of opened) expect(plan.wires[node.in[0]!]).toMatchObject({ kind: 'bits' });
  expect(plan.stages).toHaveLength(tilesOf(program).length);
  // Five leaves: two levels of products.
  expect(program.leaves).toHaveLength(5);
  expect(plan.nodes.filter((node) => node.op === 'products')).toHaveLength(2 * plan.stages.length);
});

const weight = fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map(String);

test(
  'any formula of leaf bits, in products of four',
  () => {
    const formula = fc.letrec<{ formula: Formula }>((tie) => ({
      formula: fc.oneof(
        { maxDepth: 4 },
        fc.nat(8),
        fc.array(tie('formula'), { minLength: 2, maxLength: 4 }).map((and) => ({ and })),
        fc.array(tie('formula'), { minLength: 2, maxLength: 4 }).map((or) => ({ or })),
        tie('formula').map((not) => ({ not })),
        fc
          .tuple(fc.array(fc.tuple(weight, tie('formula')), { minLength: 2, maxLength: 6 }), weight)
          .map(([score, atLeast]) => ({ score, atLeast })),
      ),
    })).formula;
    fc.assert(
      fc.property(formula, (any) => {
        const builder = new PlanBuilder(2);
        const below = Array.from({ length: 9 }, (_, i) => builder.inputBits(`${i}`, 0, 512));
        builder.reveal(combine(builder, any, below), [0], 'verdict');
        // Bit i of row r of leaf i: every assignment once, negated because inputs say "false".
        const inputs = Object.fromEntries(below.map((_, i) => [`${i}`, packed((row) => ((row >> i) & 1) === 0)]));
        const expected = packed((row) => evaluate(any, (leaf) => ((row >> leaf) & 1) === 1));
        expect(runClear(builder.build(), inputs).verdict, `${leavesOf(any)}`).toEqual(expected);
      }),
      { numRuns: process.env.SLOW ? 5000 : 100 },
    );
  },
  timeout,
);

test(
  'the score of a gate, in the ring that is asked for',
  () => {
    const gates = fc.tuple(fc.array(fc.tuple(weight, fc.nat(8)), { minLength: 2, maxLength: 12 }), weight);
    fc.assert(
      fc.property(gates, fc.constantFrom(32 as const, 64 as const), ([score, atLeast], ring) => {
        const builder = new PlanBuilder(2);
        const below = Array.from({ length: 9 }, (_, i) => builder.inputBits(`${i}`, 0, 512));
        const scored = combineScored(builder, { score, atLeast }, below, ring);
        builder.reveal(scored.verdict, [0], 'verdict');
        builder.reveal(scored.score!, [0], 'score');
        expect(combineScored(builder, { not: { score, atLeast } }, below).score).toBeUndefined();
        const inputs = Object.fromEntries(below.map((_, i) => [`${i}`, packed((row) => ((row >> i) & 1) === 0)]));
        const revealed = runClear(builder.build(), inputs);
        const sum = (row: number): number =>
          score.reduce((total, [w, leaf]) => total + ((row >> leaf) & 1) * Number(w), 0 - Number(atLeast));
        const words = Uint8Array.from(revealed.score!).buffer;
        expect(Array.from(ring === 32 ? new Int32Array(words) : new BigInt64Array(words), Number)).toEqual(
          Array.from({ length: 512 }, (_, row) => sum(row)),
        );
        expect(revealed.verdict).toEqual(packed((row) => sum(row) >= 0));
      }),
      { numRuns: process.env.SLOW ? 1000 : 50 },
    );
  },
  timeout,
);

test('a weighted sum travels as whole numbers', async () => {
  const term = (x: string, w: string) => `CASE WHEN ${x} THEN ${w} ELSE 0 END`;
  const sql = `${term('a.id = b.id', '2.5')} + ${term('a.n = b.n', '-1')} >= 1.25`;
  const rule = await compileRule(sql, { a: columns, b: other }, await Duck.open());
  const scored = allPairsProgram(rule, 10, 10);
  expect(scored.verdict).toEqual({
    score: [
      ['250', 0],
      ['-100', 1],
    ],
    atLeast: '125',
  });
  expect(explainRule(rule).join('\n')).toContain('(1.25 or more in the sum of 2.5 where C1, -1 where C2)');
  expect(parseLinkProgram(JSON.parse(JSON.stringify(scored)))).toEqual(scored);
  const score = [
    ['250', 0],
    ['-100', 1],
  ];
  for (const verdict of [
    { score },
    { score, atLeast: 125 },
    { score, atLeast: '0125' },
    { score, atLeast: '125', more: 1 },
    { score: score.slice(1), atLeast: '125' },
    { score: [...score, ['0', 0]], atLeast: '125' },
    { score: [...score, ['1']], atLeast: '125' },
    { score: [...score, ['1', 0, 0]], atLeast: '125' },
    { score: [...score, [1, 0]], atLeast: '125' },
    { score: [...score, ['1', 2]], atLeast: '125' },
    { score, atLeast: String(2 ** 30) },
    { score: [...score, [String(2 ** 30 - 1), 0]], atLeast: '125' },
    { score: Array.from({ length: 65 }, (_, i) => ['1', i % 2]), atLeast: '1' },
  ])
    refuses({ ...scored, verdict });
});

function packed(bit: (row: number) => boolean): Uint8Array {
  const bytes = new Uint8Array(64);
  for (let row = 0; row < 512; row++) if (bit(row)) bytes[row >> 3]! |= 1 << (row & 7);
  return bytes;
}
