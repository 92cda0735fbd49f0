import { PlanBuilder } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MeetColumn, type StudyProgram, studyProtocol } from '../../src/session/index.ts';
import { expected, type Hub, inputsOf, numbersOf, sums, type Table, widthOf, words } from './made.ts';
import { dealt, run, yields } from './network.ts';

const numRuns = process.env.SLOW ? 60 : 6;

const column: fc.Arbitrary<MeetColumn> = fc.oneof(
  fc.constant<MeetColumn>({ kind: 'bit' }),
  fc.constantFrom(16, 32, 64).map((ring): MeetColumn => ({ kind: 'word', ring: ring as 16 | 32 | 64 })),
  fc.integer({ min: 1, max: 40 }).map((width): MeetColumn => ({ kind: 'bits', width })),
);
/** A word of a narrow ring is not negative, as the plan widens it; one of 64 bits is any. */
const valueIn = (of: MeetColumn): fc.Arbitrary<bigint> => {
  if (of.kind !== 'word') return fc.bigInt(0n, (1n << BigInt(widthOf(of))) - 1n);
  return of.ring === 64 ? fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) : fc.bigInt(0n, 2n ** BigInt(of.ring - 1) - 1n);
};
const key = fc.integer({ min: 0, max: 120 });
const table = (parties: number): fc.Arbitrary<Table> =>
  fc.tuple(fc.integer({ min: 1, max: parties - 1 }), fc.array(column, { maxLength: 5 })).chain(([spoke, columns]) =>
    fc
      .tuple(
        fc.uniqueArray(fc.tuple(key, fc.tuple(...columns.map(valueIn))), {
          selector: ([of]) => of,
          minLength: 1,
          maxLength: 90,
        }),
        fc.integer({ min: 0, max: 9 }),
      )
      .map(([rows, spare]) => ({ spoke, columns, rows: new Map(rows), entries: rows.length + spare })),
  );
const weights = fc
  .tuple(
    fc.uniqueArray(fc.tuple(key, fc.bigInt(-1000n, 1000n)), { selector: ([of]) => of, maxLength: 90 }),
    fc.boolean(),
  )
  .map(([rows, adds]): Hub => ({ rows: new Map(rows), adds }));
const joins = fc
  .integer({ min: 2, max: 4 })
  .chain((parties) =>
    fc.tuple(fc.constant(parties), weights, fc.array(table(parties), { minLength: 1, maxLength: 3 })),
  );

async function compared(parties: number, hub: Hub, tables: readonly Table[]): Promise<void> {
  const program = studyProtocol.parse(JSON.parse(JSON.stringify(sums(parties, hub, tables))));
  for (const one of await yields({ program, inputs: inputsOf(program, hub, tables) })) {
    expect(numbersOf(one)).toEqual(expected(parties, hub, tables));
  }
}

describe('a join is that of plain arithmetic', () => {
  test('2 to 4 parties, several spokes and tables of one spoke, words and bits', async () => {
    await fc.assert(
      fc.asyncProperty(joins, ([parties, hub, tables]) => compared(parties, hub, tables)),
      { numRuns },
    );
  });

  const columns = [{ kind: 'word', ring: 64 }, { kind: 'bit' }] as const;
  const spoke = (keys: readonly number[]): Table => ({
    spoke: 1,
    columns,
    rows: new Map(keys.map((of) => [of, [BigInt(of), BigInt(of % 2)]])),
  });
  const hub: Hub = { rows: new Map(Array.from({ length: 40 }, (_, i) => [i, 1n])) };
  test.each([
    ['no key', spoke(Array.from({ length: 40 }, (_, i) => 100 + i))],
    ['every key', spoke(Array.from({ length: 40 }, (_, i) => i))],
    ['the only key', spoke([7])],
  ])('where %s is in both', (_, of) => compared(2, hub, [of]));

  test('of a hub that has nobody', () => compared(2, { rows: new Map() }, [spoke([1, 2, 3])]));

  test('of more entries than the least', () => {
    const rows = Array.from({ length: 5000 }, (_, i) => i);
    const many: Hub = { rows: new Map(rows.map((i) => [2 * i, BigInt(i)])) };
    return compared(3, many, [spoke(rows), { ...spoke(rows.map((i) => 3 * i)), spoke: 2 }]);
  });
});

describe('a program without meets', () => {
  const b = new PlanBuilder(3);
  const inputs = [0, 1, 2].map((i) => b.input(`x${i}`, i, { ring: 64, size: 3 }));
  const sum = b.linear(inputs.map((wire) => [1n, wire]));
  b.reveal(sum, [2], 'sum');
  b.keep(b.multiply(inputs[0]!, inputs[1]!), 'product');
  const program: StudyProgram = studyProtocol.parse({ protocol: 'study/1', parties: 3, meets: [], plan: b.build() });
  const given = [0, 1, 2].map((i) => ({ inputs: () => ({ [`x${i}`]: words([1n, 2n, BigInt(i)], 64) }) }));

  test('opens to whom it says; what is kept adds up', async () => {
    const all = await yields({ program, inputs: given });
    expect(all.map((one) => one.has('sum'))).toEqual([false, false, true]);
    expect(all[2]!.get('sum')).toEqual(words([3n, 6n, 3n], 64));
    const shares = all.map((one) => new BigUint64Array(one.get('product')!.slice().buffer));
    const total = [0, 1, 2].map((i) =>
      BigInt.asUintN(
        64,
        shares.reduce((x, share) => x + share[i]!, 0n),
      ),
    );
    expect(total).toEqual([1n, 4n, 0n]);
  });

  test('the hash that all sign covers everybody’s masked inputs', async () => {
    const first = await run({ program, inputs: given, seed: 'one' });
    const same = await run({ program, inputs: given, seed: 'one' });
    const other = await run({
      program,
      inputs: [...given.slice(0, 2), { inputs: () => ({ x2: words([1n, 2n, 3n], 64) }) }],
      seed: 'one',
    });
    const hashes = await Promise.all([first, same, other].map(({ hashes }) => Promise.all(hashes)));
    for (const of of hashes) expect(new Set(of.map((hash) => Buffer.from(hash).toString('hex'))).size).toBe(1);
    expect(hashes[0]![0]).toEqual(hashes[1]![0]);
    expect(hashes[0]![0]).not.toEqual(hashes[2]![0]);
  });
});

describe('cost', () => {
  const hub: Hub = { rows: new Map([[1, 1n]]) };
  const of = (spoke: number, columns: readonly MeetColumn[]): Table => ({
    spoke,
    columns,
    rows: new Map([[1, columns.map(() => 1n)]]),
    entries: 50 * spoke,
  });
  test.each([
    ['2 parties', 2, [of(1, [{ kind: 'word', ring: 64 }])]],
    ['3 parties, two meets with one', 3, [of(1, [{ kind: 'bit' }]), of(2, []), of(1, [{ kind: 'word', ring: 32 }])]],
    ['4 parties', 4, [of(1, [{ kind: 'word', ring: 16 }]), of(3, [])]],
  ] as const)('what is announced is what is sent: %s', async (_, parties, tables) => {
    const program = sums(parties, hub, tables);
    const masks = dealt(parties, 'cost');
    const cost = studyProtocol.cost(program);
    const { ends, seen, sessions, transcripts } = await run({ program, inputs: inputsOf(program, hub, tables), masks });
    for (const end of ends) expect(end).toBeInstanceOf(Map);
    const sent = sessions.map((_, from) =>
      sessions.map((_, to) =>
        seen[to]!.filter((frame) => frame.from === from).reduce((sum, { frame }) => sum + frame.length, 0),
      ),
    );
    expect(sent).toEqual(cost.sentBytes);
    const totals = sent.map((row) => row.reduce((x, y) => x + y, 0));
    expect(sessions.map(({ sentBytes }) => sentBytes)).toEqual(totals);
    for (const [i, row] of transcripts.entries()) {
      for (const [j, digests] of row.entries()) expect(digests).toEqual(transcripts[j]![i]);
    }
    const key = [...studyProtocol.deal({ program, masks: masks.own, kernels: createKernels() })];
    expect(key.reduce((sum, { length }) => sum + length, 0)).toBe(cost.answerKeyBytes);
    for (let party = 0; party < parties; party++) {
      const pads = studyProtocol.pads(program, party);
      expect(pads.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(cost.padBytes[party]);
    }
  });
});

test('when a session ends nothing of it is left in the kernels’ memory', async () => {
  const of = (i: number): Table => ({ spoke: i, columns: [{ kind: 'word', ring: 64 }], rows: new Map([[1, [7n]]]) });
  const hub: Hub = { rows: new Map([[1, 1n]]) };
  const tables = [1, 2, 3, 4].map(of);
  const program = sums(5, hub, tables);
  const kernels = Array.from({ length: 5 }, () => createKernels());
  const { ends } = await run({ program, inputs: inputsOf(program, hub, tables), kernels });
  for (const end of ends) expect(numbersOf(end as Map<string, Uint8Array>)).toEqual(expected(5, hub, tables));
  // Below the first block are the kernels' own tables.
  const base = createKernels().arena.alloc(1);
  for (const { arena } of kernels) {
    expect(arena.used).toBe(0);
    const words = new BigUint64Array(arena.memory.buffer, base);
    expect(words.every((word) => word === 0n)).toBe(true);
  }
});
