import { insecureTestRng, randomOrder } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Resolved } from '../../src/blocking/resolve-session.ts';
import { type BlockingTerms, blockingRun } from '../../src/blocking/run.ts';
import { type Columns, type CompiledRule, compileRule, encodeKeys, keyEquality, type Side } from '../../src/index.ts';
import { encodeParts } from '../../src/lanes/encode.ts';
import { Duck, type Row } from '../duckdb.ts';
import { runBlocking, type SideTable } from './run.ts';

const columns: Columns = {
  id: { type: 'text', maxLength: 8 },
  name: { type: 'text', maxLength: 10 },
  town: { type: 'text', maxLength: 6 },
  born: { type: 'date', min: '1990-01-01', max: '1999-12-31' },
};
const rule = 'a.id = b.id OR (agree(a.name, b.name) >= 0.8 AND abs(a.born - b.born) <= 3)';
const keys = ['a.id = b.id', 'left(a.name, 3) = left(b.name, 3) AND a.town = b.town', 'a.born = b.born'];

const kernels = createKernels();
let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
});

function dice(seed: string): (below: number) => number {
  const rng = insecureTestRng(seed);
  return (below) => new DataView(rng(4).buffer).getUint32(0, true) % below;
}

/** People of whom some are on both sides, with errors and gaps. */
function people(seed: string, n: number, shared: number): [Row[], Row[]] {
  const next = dice(seed);
  const word = (length: number): string => Array.from({ length }, () => 'abcdefgh'[next(8)]).join('');
  const person = (): Record<string, string | null> => ({
    id: next(6) === 0 ? null : word(6),
    name: word(6 + next(4)),
    town: ['york', 'leeds', 'hull'][next(3)]!,
    born: `199${next(10)}-0${1 + next(9)}-${10 + next(19)}`,
  });
  const a = Array.from({ length: n }, person);
  const b = a.map((one, i) => {
    if (i >= shared) return person();
    const other = { ...one };
    if (next(3) === 0) other.id = word(6);
    if (next(3) === 0) other.name = `${other.name!.slice(0, -1)}z`;
    if (next(8) === 0) other.born = null;
    return other;
  });
  return [a, b.map((_, i) => b[(7 * i + 3) % b.length]!)];
}

async function sideTable(side: Side, rule: CompiledRule, keyRules: readonly CompiledRule[]): Promise<SideTable> {
  const table = await duck.locals(rule, side, `t${side}`);
  const order = randomOrder(table.rows, insecureTestRng(`order ${side}`));
  const keys: SideTable['keys'][number][] = [];
  for (const key of keyRules) {
    keys.push(encodeKeys(key, keyEquality(key)!, side, await duck.locals(key, side, `t${side}`)));
  }
  return { order, keys, columns: rule.leaves.flatMap((_, leaf) => encodeParts(rule, leaf, side, table, kernels)) };
}

async function link(a: Row[], b: Row[], terms: Partial<BlockingTerms> = {}, target?: number) {
  const both = { a: columns, b: columns };
  const compiled = await compileRule(rule, both, duck);
  const keyRules = await Promise.all(keys.map((key) => compileRule(key, both, duck)));
  await duck.load('ta', columns, a);
  await duck.load('tb', columns, b);
  const tables = [await sideTable('a', compiled, keyRules), await sideTable('b', compiled, keyRules)] as const;
  const run = blockingRun(
    compiled,
    { keys: keys.length, cap: 8, reveal: 'pairs', to: [0, 1], ...terms },
    [a.length, b.length],
    target,
  );
  const condition = `(${rule}) AND (${keys.map((key) => `(${key})`).join(' OR ')})`;
  return { ...(await runBlocking(run, tables)), run, tables, clear: async () => pairsOf(condition, b.length) };
}

async function pairsOf(condition: string, rowsB: number): Promise<[number, number][]> {
  for (const macro of (await import('../../src/index.ts')).macros) await duck.run(macro);
  const found = await duck.matches(condition, 'ta', 'tb', rowsB);
  return found.map((pair) => [Math.floor(pair / rowsB), pair % rowsB]);
}

/** Rows of the tables, in order. */
function pairs(resolved: Resolved, [a, b]: readonly [SideTable, SideTable]): [number, number][] {
  if (resolved.kind !== 'pairs') throw new Error('no pairs');
  const rows = Array.from(resolved.a, (x, i): [number, number] => [a.order[x]!, b.order[resolved.b[i]!]!]);
  return rows.sort((x, y) => x[0] - y[0] || x[1] - y[1]);
}

describe('oblivious blocking', () => {
  test('gives the pairs of the clear run among candidates, to both', async () => {
    const [a, b] = people('one', 600, 200);
    const { resolved, clear, cut, run, tables } = await link(a, b);
    expect(run.sharding.shards).toBe(1);
    expect(cut).toEqual([0, 0]);
    expect(pairs(resolved[0]!, tables)).toEqual(await clear());
    expect(resolved[1]).toEqual(resolved[0]);
    expect((await clear()).length).toBeGreaterThan(150);
  });

  test('over several shards', async () => {
    const [a, b] = people('two', 500, 200);
    const { resolved, clear, run, tables } = await link(a, b, {}, 4096);
    expect(run.sharding.shards).toBe(3);
    expect(pairs(resolved[0]!, tables)).toEqual(await clear());
  });
});
