import { createKernels } from '@symbolon/kernels';
import { expect, test } from 'vitest';
import { memoryNetwork, seeds } from '../../../engine/test/network.ts';
import {
  compileRule,
  dealLink,
  encodePairs,
  linkCost,
  linkProgram,
  openLinkSession,
  parseLinkProgram,
} from '../../src/index.ts';
import { Duck } from '../duckdb.ts';
import { columns, other, records } from '../tables.ts';

test('a link over all pairs, of comparisons with bilinear form and without', async () => {
  const duck = await Duck.open();
  const sql = 'levenshtein(a.name, b.name) <= 1 AND a.born = b.born OR levenshtein(a.town, b.town) <= 0';
  const rule = await compileRule(sql, { a: columns, b: other }, duck);
  await duck.load('ta', columns, records(1, 40, 8));
  await duck.load('tb', other, records(2, 33, 6));
  const tables = { a: await duck.locals(rule, 'a', 'ta'), b: await duck.locals(rule, 'b', 'tb') };
  const planned = linkProgram(rule, 40, 33);
  const program = parseLinkProgram({ ...planned, tile: 16 });
  if (program.protocol !== 'link-all-pairs/1') throw new Error('not all pairs');
  expect(program).toMatchObject({ leaves: [{ inner: 35 }, { kind: 'edit' }, { kind: 'edit' }] });

  const masks = seeds(2, 1);
  const answerKey = [...dealLink({ program, masks: masks.own, kernels: createKernels() })];
  const { channels, frames } = memoryNetwork(2);
  const run = async (side: 'a' | 'b', index: number): Promise<number[]> => {
    const session = openLinkSession({
      program,
      index,
      masks: { own: masks.own[index]!, pairs: [0, 1].map((peer) => (peer === index ? undefined : masks.pair(0, 1))) },
      channel: channels[index]!,
      kernels: createKernels(),
      rng: (length) => new Uint8Array(length),
      name: String,
      pause: async () => undefined,
    });
    const vectors = rule.leaves.map((_, leaf) => encodePairs(rule, leaf, side, tables[side], createKernels()));
    await session.exchange(vectors, new Uint8Array(32).fill(index));
    let chunk = 0;
    const steps = session.evaluate({ read: async () => answerKey.filter(({ length }) => length > 0)[chunk++]! });
    for (;;) {
      const step = await steps.next();
      if (!step.done) continue;
      if (step.value.kind !== 'pairs') throw new Error('no pairs');
      const { a, b } = step.value;
      return Array.from(a, (row, i) => row * 33 + b[i]!);
    }
  };
  const found = await Promise.all([run('a', 0), run('b', 1)]);
  const expected = await duck.clear(rule, tables.a, tables.b);
  expect(expected.length).toBeGreaterThan(0);
  for (const pairs of found) expect(pairs.toSorted((x, y) => x - y)).toEqual(expected);
  const sent = (from: number): number =>
    frames.filter((frame) => frame.from === from).reduce((sum, { frame }) => sum + frame.length, -32);
  expect([sent(0), sent(1)]).toEqual(linkCost(program).sentBytes);
  expect(answerKey.reduce((sum, { length }) => sum + length, 0)).toBe(linkCost(program).answerKeyBytes);
});
