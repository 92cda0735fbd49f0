import { planCost } from '@symbolon/engine';
import { describe, expect, test } from 'vitest';
import { shardPlan } from '../../src/blocking/plan.ts';
import { parseResolve, parseShard } from '../../src/blocking/program.ts';
import { resolvePlan } from '../../src/blocking/resolve.ts';
import type { LaneLeaf } from '../../src/lanes/program.ts';
import { madeRun } from './made.ts';

const { shard, resolve } = madeRun({ rows: [5000, 4000], keys: 2, cap: 2 });
const edit = (rows: number, most: number, planes = 1): LaneLeaf => ({ kind: 'edit', rows, planes, most, above: false });
const grams = (a: number, b: number): LaneLeaf => ({
  kind: 'qgrams',
  counts: [a, b],
  planes: 8,
  weight: '1',
  ring: 16,
  range: ['-1000', '1000'],
});

describe('a program that came from elsewhere', () => {
  test('is taken as it is where it is one', () => {
    expect(parseShard(structuredClone(shard))).toEqual(shard);
    expect(parseResolve(structuredClone(resolve))).toEqual(resolve);
  });

  test.each([
    ['another protocol', { protocol: 'link-shard/2' }],
    ['one field more', { more: 1 }],
    ['few entries', { entries: [4095, 5000] }],
    ['many entries', { entries: [2 ** 19 + 1, 5000] }],
    ['entries that are no numbers', { entries: ['5000', 5000] }],
    ['three sides', { entries: [5000, 5000, 5000] }],
    ['no rows', { rows: 0 }],
    ['a tag that only looks like one', { tag: ['64'] }],
    ['a tag inside a list', { tag: [[64]] }],
    ['two parts of a tag in one', { tag: [[64, 16]] }],
    ['a short tag', { tag: [16] }],
    ['no leaves', { leaves: [] }],
    ['a leaf that the verdict does not use', { verdict: 0 }],
    [
      'a rule that takes too long for so many lanes',
      { entries: [2 ** 19, 2 ** 19], leaves: [edit(100, 4)], verdict: 0 },
    ],
    ['a plan that is too long', { leaves: [edit(1000, 8)], verdict: 0 }],
    ['records that are too long', { leaves: [grams(4, 256)], verdict: 0 }],
  ])('is refused with %s: a shard', (_, change) => {
    expect(() => parseShard({ ...shard, ...change })).toThrow(expect.objectContaining({ code: 'plan-invalid' }));
  });

  test.each([
    ['no rows', { rows: [0, 5] }],
    ['few bins', { bins: 4 * 5000 - 1 }],
    ['many bins', { bins: 2 ** 25 + 1 }],
    ['more partners than slots', { most: 5 }],
    ['another thing to reveal', { reveal: 'scores' }],
    ['readers that only look like them', { to: ['0', '1'] }],
    ['readers inside a list', { to: [[0, 1]] }],
    ['readers twice', { to: [0, 0] }],
    ['nobody who learns', { to: [] }],
    ['a third party', { to: [2] }],
    ['much to take', { rows: [2 ** 17, 5], slots: 256, bins: 2 ** 25, most: 8 }],
  ])('is refused with %s: a resolve session', (_, change) => {
    expect(() => parseResolve({ ...resolve, ...change })).toThrow(expect.objectContaining({ code: 'plan-invalid' }));
  });
});

describe('the most that a program can ask of the key service', () => {
  test.each([
    ['an edit distance', [edit(300, 5)], [2 ** 14, 4096]],
    ['edit distances of a name', [edit(20, 2, 6), edit(20, 2, 6), edit(20, 2, 6)], [2 ** 18, 4096]],
    ['pieces of texts', [grams(60, 60), grams(60, 60)], [13_000, 4096]],
    [
      'equalities',
      [
        { kind: 'equal', width: 128, negated: false },
        { kind: 'local', from: 'a' },
      ],
      [2 ** 19, 2 ** 19],
    ],
  ] as const)('of %s is a gigabyte of answer key at most', (_, leaves, entries) => {
    const verdict = leaves.length === 1 ? 0 : { and: leaves.map((_, i) => i) };
    const program = parseShard({ ...shard, entries, leaves, verdict });
    const { answerKeyBytes } = planCost(shardPlan(program));
    expect(answerKeyBytes).toBeLessThan(2 ** 30);
  });

  test('of a resolve session are stages of some hundred megabytes', () => {
    const program = parseResolve({ ...resolve, rows: [2 ** 17, 5], slots: 64, bins: 2 ** 23, most: 16 });
    const plan = resolvePlan(program);
    const { answerKeyBytes } = planCost(plan);
    expect(plan.nodes.length).toBeLessThan(2 ** 18);
    expect(answerKeyBytes).toBeLessThan(12 * 2 ** 30);
    expect(answerKeyBytes / plan.stages.length).toBeLessThan(200 * 2 ** 20);
  });
});
