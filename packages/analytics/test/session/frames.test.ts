import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import { expected, type Hub, inputsOf, numbersOf, sums, type Table } from './made.ts';
import { answerKeyFor, dealt, run } from './network.ts';

const size = 300;
const columns = [{ kind: 'word', ring: 64 }, { kind: 'bit' }, { kind: 'word', ring: 16 }] as const;
const hub: Hub = { rows: new Map(Array.from({ length: size }, (_, i) => [i, BigInt(i)])) };
const spoke = (party: number, rows: number, from: number, step = 1): Table => ({
  spoke: party,
  columns,
  rows: new Map(Array.from({ length: rows }, (_, i) => [from + step * i, [BigInt(i), BigInt(i % 2), 9n]])),
  entries: size,
});

const joins: Readonly<Record<string, readonly Table[]>> = {
  'that are disjoint': [spoke(1, size, 10_000), spoke(2, size, 20_000)],
  'with the same keys': [spoke(1, size, 0), spoke(2, size, 0)],
  'that share some': [spoke(1, size, 100), spoke(2, size, 0, 3)],
  'with fewer rows than they say': [spoke(1, 0, 0), spoke(2, 1, 7)],
};

async function shape(tables: readonly Table[]) {
  const program = sums(3, hub, tables);
  const { ends, seen } = await run({ program, inputs: inputsOf(program, hub, tables) });
  for (const end of ends) expect(numbersOf(end as Map<string, Uint8Array>)).toEqual(expected(3, hub, tables));
  const answerKey = answerKeyFor(program, dealt(3, 'shape'), createKernels()).length;
  // By direction: frames of different peers may interleave in any order.
  const lengths = seen.map((frames) =>
    [0, 1, 2].map((from) => frames.filter((frame) => frame.from === from).map(({ frame }) => frame.length)),
  );
  return { lengths, answerKey };
}

describe('frames and answer key have the same number and lengths', () => {
  test.each(Object.keys(joins))('for tables %s', async (name) => {
    expect(await shape(joins[name]!)).toEqual(await shape(joins['that are disjoint']!));
  });
});
