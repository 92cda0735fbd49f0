import { insecureTestRng, randomOrder } from '@symbolon/crypto';
import { dealCorrections, planCost } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import { parseResolve, parseShard, type ResolveProgram, scoreWidth } from '../../src/blocking/program.ts';
import { resolvePlan, stagesOf } from '../../src/blocking/resolve.ts';
import { ResolveSession } from '../../src/blocking/resolve-session.ts';
import type { BlockingRun } from '../../src/blocking/run.ts';
import type { LinkResult } from '../../src/pairs.ts';
import { bothSides, madeRun, madeTable, masksOf, partyOptions } from './made.ts';
import { rowsOf } from './oracle.ts';
import { runBlocking, type SideTable } from './run.ts';

const base = { protocol: 'link-resolve/1', most: 1, cardinality: 'one-to-one', score: 0, reveal: 'pairs', to: [0, 1] };

function below(seed: string): (n: number) => number {
  const rng = insecureTestRng(seed);
  return (n) => new DataView(rng(4).buffer).getUint32(0, true) % n;
}

/** Words of matching pairs, slot by slot, for each row of a: S's number counted down, score · 2^32 above it. */
type Grid = bigint[][];

const largest = (words: readonly bigint[]): bigint => words.toSorted((x, y) => (x < y ? 1 : -1))[0]!;

function someMatches({ rows: [a, b], slots, score }: ResolveProgram, seed: string): Grid {
  const next = below(seed);
  // A pair has one score, in whichever slots it stands.
  const scoreOf = (row: number, number: number): bigint =>
    score === 0 ? 0n : BigInt((row * 7 + number * 13) % 2 ** Math.min(score, 3)) << 32n;
  return Array.from({ length: a }, (_, row) =>
    Array.from({ length: slots }, () => {
      if (next(2) === 0) return 0n;
      const number = 1 + next(Math.min(b, 1 + Math.ceil(a / 3)));
      return BigInt(number) + scoreOf(row, number);
    }),
  );
}

/** The definition: of each row of a the largest word; of each number the row with the highest score, of these the first. */
function expected(program: ResolveProgram, grid: Grid): [number, number][] {
  const picks = grid.map((words) => largest(words));
  const holders = new Map<number, number>();
  for (const [row, word] of picks.entries()) {
    const number = Number(word & 0xffffffffn);
    const holder = holders.get(number);
    if (number > 0 && (holder === undefined || word > picks[holder]!)) holders.set(number, row);
  }
  const pairs = [...holders].map(([number, row]): [number, number] => [row, program.rows[1] - number]);
  return pairs.sort(([x], [y]) => x - y);
}

async function resolve(program: ResolveProgram, grid: Grid, seed: string) {
  const rng = insecureTestRng(seed);
  const { bins, slots, score } = program;
  const [records] = program.rows;
  const order = randomOrder(bins, rng);
  const met = Array<bigint>(bins).fill(0n);
  for (const [row, words] of grid.entries())
    for (let slot = 0; slot < slots; slot++) met[order[slot * records + row]!] = words[slot]!;
  const bytes = score > 0 ? 8 : 4;
  const own = rng(bytes * bins);
  const theirs = new Uint8Array(bytes * bins);
  for (const [i, word] of met.entries()) {
    const [x, y] = [own, theirs].map(({ buffer, byteOffset }) => new DataView(buffer, byteOffset)) as [
      DataView,
      DataView,
    ];
    if (bytes === 8) y.setBigUint64(8 * i, BigInt.asUintN(64, word - x.getBigUint64(8 * i, true)), true);
    else y.setUint32(4 * i, Number(word) - x.getUint32(4 * i, true), true);
  }
  const masks = masksOf(seed);
  const plan = resolvePlan(program);
  const answerKey = new Uint8Array(
    Buffer.concat([...dealCorrections({ plan, masks: masks.own, kernels: createKernels() })]),
  );
  const run = await bothSides<LinkResult>({
    open: (index, channel) => new ResolveSession({ program, ...partyOptions(index, channel, masks) }),
    inputs: [
      { share: own, order },
      { share: theirs, order: undefined },
    ],
    answerKey,
  });
  expect(answerKey.length).toBe(planCost(plan).answerKeyBytes);
  return run;
}

const pairsOf = (result: LinkResult): [number, number][] => {
  if (result.kind !== 'pairs') throw new Error('no pairs');
  return Array.from(result.a, (a, i): [number, number] => [a, result.b[i]!]).sort(([x], [y]) => x - y);
};

describe('one-to-one', () => {
  const sizes: [number, number, number][] = [
    [1, 1, 1],
    [2, 1, 3],
    [7, 5, 2],
    [40, 300, 3],
    [333, 90, 5],
  ];
  test.each(sizes)('%i rows of a, %i of b, %i slots: the first that picked a row of b', async (a, b, slots) => {
    for (const score of [0, 3, 30]) {
      const program = parseResolve({ ...base, rows: [a, b], slots, bins: a * slots + 5, score });
      const grid = someMatches(program, `grid ${a} ${score}`);
      const { results } = await resolve(program, grid, `run ${a} ${score}`);
      for (const result of results) expect(pairsOf(result)).toEqual(expected(program, grid));
    }
  });

  test('in several stages, and counted, to one party', async () => {
    const rows = [600, 50] as const;
    const program = parseResolve({ ...base, rows: [...rows], slots: 256, bins: 600 * 256, reveal: 'count', to: [1] });
    const grid = someMatches(program, 'count');
    const { results } = await resolve(program, grid, 'count');
    expect(results[1]).toEqual({ kind: 'count', count: expected(program, grid).length });
    expect(results[0]).toEqual({ kind: 'nothing' });
    expect(stagesOf({ ...program, rows: [600_000, 50] }).length).toBeGreaterThan(1);
  });

  test('all frames are as long, whoever picked whom', async () => {
    const program = parseResolve({ ...base, rows: [30, 20], slots: 2, bins: 64 });
    const lengths = async (grid: Grid) =>
      (await resolve(program, grid, 'same')).seen.map((frames) => frames.map(({ length }) => length));
    const same = Array.from({ length: 30 }, () => [5n, 0n]);
    const other = Array.from({ length: 30 }, (_, row) => [BigInt(row % 20) + 1n, 1n]);
    expect(await lengths(same)).toEqual(await lengths(other));
  });

  test('what opens stands in an order that is neither that of a nor that of b', async () => {
    const n = 64;
    const program = parseResolve({ ...base, rows: [n, n], slots: 1, bins: n });
    const grid = Array.from({ length: n }, (_, row) => [BigInt(row + 1)]);
    const { seen, results } = await resolve(program, grid, 'order');
    expect(pairsOf(results[0]!).length).toBe(n);
    // The reveals of both columns are the last frame of each; their sum with the rest is not seen here, so the shuffle shows in the plan.
    expect(seen.every((frames) => frames.at(-1)!.length === 2 * 4 * n)).toBe(true);
    const { nodes } = resolvePlan(program);
    const shuffled = nodes.find(({ op }) => op === 'shuffle')!;
    const opened = nodes.filter(({ op }) => op === 'reveal');
    expect(opened.flatMap((node) => node.in)).toEqual(shuffled.out);
  });
});

describe('best', () => {
  test('many-to-one: the highest score, of equal ones the first; no score opens', async () => {
    const program = parseResolve({
      ...base,
      cardinality: 'many-to-one',
      score: 3,
      rows: [200, 90],
      slots: 4,
      bins: 801,
    });
    const grid = someMatches(program, 'best');
    const { results } = await resolve(program, grid, 'best');
    const picks = grid.map((words) => largest(words) & 0xffffffffn);
    const wanted = picks.flatMap((number, row) => (number === 0n ? [] : [[row, 90 - Number(number)]]));
    expect(pairsOf(results[0]!)).toEqual(wanted);
    for (const node of resolvePlan(program).nodes) {
      if (node.op !== 'reveal') continue;
      expect(resolvePlan(program).wires[node.in[0]!]).toMatchObject({ bits: 32 });
    }
  });
});

describe('a whole run with the best', () => {
  const leaves = [
    { kind: 'equal', width: 20, negated: false },
    { kind: 'local', from: 'b' },
  ];
  // A pair matches where codes are equal; it is better where b's record has its flag.
  const verdict = { score: [['3', 0] as const, ['2', 1] as const], atLeast: '3' };

  test.each(['many-to-one', 'one-to-one'] as const)('%s: what the clear run gives', async (cardinality) => {
    const n = 500;
    const next = below(`people ${cardinality}`);
    const people = [0, 1].map(() => Array.from({ length: n }, () => ({ code: next(200), flag: next(3) === 0 })));
    const [a, b] = people as [(typeof people)[0], (typeof people)[0]];
    const orders = [0, 1].map((side) => randomOrder(n, insecureTestRng(`order ${side}`))) as [Uint32Array, Uint32Array];
    const table = (records: typeof a, side: 0 | 1): SideTable => {
      const keys = records.map(({ code }) => [`${code}`]);
      const made = madeTable(
        side,
        records.map((record, row) => ({ ...record, keys: keys[row]! })),
        orders[side],
      );
      const flags = Uint8Array.from(records, ({ flag }) => Number(flag));
      return { ...made, columns: [made.columns[0]!, side === 1 ? flags : new Uint8Array(0)] };
    };
    const tables = [table(a, 0), table(b, 1)] as const;
    const plain = madeRun({ rows: [n, n], keys: 1, cap: 16 });
    const run: BlockingRun = {
      ...plain,
      shard: parseShard({ ...plain.shard, leaves, verdict, prefer: 'best' }),
      resolve: parseResolve({ ...plain.resolve, cardinality, score: scoreWidth(verdict) }),
    };
    const numbers = orders.map((order) => {
      const number = new Uint32Array(n);
      for (const [i, row] of order.entries()) number[row] = i;
      return number;
    });
    const score = (row: number): number => Number(b[row]!.flag);
    const picks = a.map(({ code }) => {
      const matching = b.flatMap((record, row) => (record.code === code ? [row] : []));
      return matching.sort((x, y) => score(y) - score(x) || numbers[1]![x]! - numbers[1]![y]!)[0];
    });
    // Scores do not differ between rows of a that picked one row of b: the first of a's numbers.
    const first = (row: number): boolean =>
      picks.every((pick, other) => pick !== picks[row] || numbers[0]![other]! >= numbers[0]![row]!);
    const wanted = picks.flatMap((pick, row) =>
      pick === undefined || (cardinality === 'one-to-one' && !first(row)) ? [] : [[row, pick]],
    );
    const { resolved, cut } = await runBlocking(run, tables);
    expect(cut).toEqual([0, 0]);
    expect(rowsOf(resolved[0]!, tables)).toEqual(wanted);
    expect(resolved[1]).toEqual(resolved[0]);
    expect(wanted.length).toBeGreaterThan(100);
  });

  test('is for one weighted sum', () => {
    const { shard } = madeRun({ rows: [500, 500], keys: 1, cap: 16 });
    expect(() => parseShard({ ...shard, prefer: 'best' })).toThrowError(/one gate/);
    expect(() => parseShard({ ...shard, prefer: 'worst' })).toThrowError(/prefer/);
    expect(scoreWidth(verdict)).toBe(2);
  });
});

describe('programs', () => {
  const good = { ...base, rows: [100, 100], slots: 2, bins: 200 };
  test.each([
    ['a cardinality that there is not', { cardinality: 'one-to-many' }, /cardinality/],
    ['no cardinality', { cardinality: undefined }, /cardinality/],
    ['several picks of a row', { most: 2 }, /most is 1/],
    ['several picks of a row, many-to-one', { most: 2, cardinality: 'many-to-one' }, /most is 1/],
    ['a score that does not fit beside a number', { score: 32 }, /score is 0 to 31/],
    ['a negative score', { score: -1 }, /score/],
    ['more rows than are sorted', { rows: [2 ** 22 + 1, 5], slots: 1, bins: 2 ** 23 }, /one-to-one is for/],
    ['an unknown field', { prefer: 'best' }, /exactly the fields/],
  ])('with %s are refused', (_, wrong, message) => {
    expect(parseResolve(good)).toEqual(good);
    expect(() => parseResolve({ ...good, ...wrong })).toThrowError(message);
    expect(() => parseResolve({ ...good, ...wrong })).toThrowError(expect.objectContaining({ code: 'plan-invalid' }));
  });
});
