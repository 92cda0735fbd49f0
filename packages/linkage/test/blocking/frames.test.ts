import { insecureTestRng, randomOrder } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import { type Made, madeRun, madeTable, matches } from './made.ts';
import { type Couple, candidates, first, rowsOf } from './oracle.ts';
import { runBlocking } from './run.ts';

const rows = [520, 510] as const;
type Records = readonly [Made[], Made[]];
const records = (make: (row: number) => Made): Records => {
  const all = Array.from({ length: rows[0] }, (_, row) => make(row));
  return [all, all.slice(0, rows[1])];
};
const distinct = (row: number): Made => ({ keys: [`k${row}`, `l${row}`], code: row });

const tables: Readonly<Record<string, Records>> = {
  identical: records(distinct),
  disjoint: [records(distinct)[0], records((row) => ({ keys: [`m${row}`, `n${row}`], code: 1000 + row }))[1]],
  'without keys': records((row) => ({ keys: [null, null], code: row })),
  'of one block': records((row) => ({ keys: ['k', 'l'], code: row % 7 })),
  'of equal records': records(() => ({ keys: ['k', 'l'], code: 7 })),
  'of repeated records, some without a key': records((row) => ({
    keys: [row % 5 === 0 ? null : `k${row % 100}`, `l${row % 200}`],
    code: row % 200,
  })),
  'that meet and never match': records((row) => ({ ...distinct(row), flag: false })),
};

/** Everything of a run that has a length; both directions by themselves, as their frames may interleave in any order. */
async function linked(name: string, most: number, target?: number) {
  const [a, b] = tables[name]!;
  const run = madeRun({ rows, keys: 2, cap: 4 }, { most }, target);
  const rng = insecureTestRng(`linked ${name}`);
  const sides = [madeTable(0, a, randomOrder(rows[0], rng)), madeTable(1, b, randomOrder(rows[1], rng))] as const;
  const result = await runBlocking(run, sides, { rng });
  const lengths = result.frames.map((frames) =>
    [0, 1].map((party) => frames.filter(({ from }) => from === party).map(({ bytes }) => bytes)),
  );
  const met: Couple[] = candidates(result.sides as never, run.sharding.shards);
  const expected = first(
    met.filter(([x, y]) => matches(a[x]!, b[y]!)),
    most,
    sides[1].order,
  );
  return {
    run,
    shape: { lengths, answerKey: result.answerKeyBytes },
    expected,
    pairs: rowsOf(result.resolved[0]!, sides),
  };
}

describe.each([
  ['one shard', 1, undefined, 1],
  ['several shards', 2, 4096, 2],
] as const)('over %s', (_, most, target, shards) => {
  test('frames and answer key have the same number and lengths, whatever is in tables of one size', async () => {
    const { run, shape } = await linked('disjoint', most, target);
    expect(run.sharding.shards).toBe(shards);
    for (const name of Object.keys(tables)) {
      const other = await linked(name, most, target);
      expect(other.shape, name).toEqual(shape);
      expect(other.pairs, name).toEqual(other.expected);
      if (name === 'identical') expect(other.pairs.length).toBe(rows[1]);
    }
  });
});
