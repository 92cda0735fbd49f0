import { insecureTestRng, randomOrder } from '@symbolon/crypto';
import { type Channel, dealCorrections, type Masks, withInputPads } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import { dealShard } from '../../src/blocking/dealer.ts';
import type { ResolveProgram, ShardProgram } from '../../src/blocking/program.ts';
import { resolveProtocol, shardProtocol } from '../../src/blocking/protocol.ts';
import { resolvePlan } from '../../src/blocking/resolve.ts';
import { ResolveSession } from '../../src/blocking/resolve-session.ts';
import { ShardSession } from '../../src/blocking/shard.ts';
import { at, faults, malformations } from '../psi/meddle.ts';
import { answerKeyOf, type Meddle, name, outcomes, type Side, wires } from '../psi/sides.ts';
import { bothSides, type Made, madeRun, madeTable, masksOf, partyOptions, prepare, saltOf } from './made.ts';

const rows = [4000, 4000] as const;
const made = (row: number): Made => ({ keys: [`k${row}`], code: row });
const records = Array.from({ length: rows[0] }, (_, row) => made(row));
const order = Uint32Array.from({ length: rows[0] }, (_, i) => i);
const tables = [madeTable(0, records, order), madeTable(1, records, order)] as const;
const run = madeRun({ rows, keys: 1, cap: 1 });
const other = madeRun({ rows: [5000, 5000], keys: 1, cap: 1 });
const masks = masksOf('malformed');
const joined = (chunks: Iterable<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat([...chunks]));

/** A session of each kind: its sides, their inputs, its answer key, and how many frames each party sends, up to the first that opens anything. */
interface Kind {
  readonly open: (index: number, channel: Channel, program?: unknown) => Side<unknown>;
  readonly inputs: readonly unknown[];
  readonly answerKey: Uint8Array;
  readonly others: readonly unknown[];
  readonly program: unknown;
}

const shard: Kind = {
  program: run.shard,
  open: (index, channel, program = run.shard) =>
    new ShardSession({ program: program as ShardProgram, ...partyOptions(index, channel, masks) }),
  inputs: prepare(run, tables, 'malformed').map((side) => side.input(0)),
  answerKey: joined(dealShard({ program: run.shard, masks: masks.own, kernels: createKernels() })),
  others: [
    other.shard,
    { ...run.shard, tag: [64, 16], leaves: [{ ...run.shard.leaves[0], width: 60 }, run.shard.leaves[1]] },
  ],
};

const bins = 2000;
const resolveProgram: ResolveProgram = { ...run.resolve, rows: [700, 700], slots: 2, bins };
const resolve: Kind = {
  program: resolveProgram,
  open: (index, channel, program = resolveProgram) =>
    new ResolveSession({ program: program as ResolveProgram, ...partyOptions(index, channel, masks) }),
  inputs: [
    { share: new Uint8Array(4 * bins), order: randomOrder(bins, insecureTestRng('order')) },
    { share: new Uint8Array(4 * bins), order: undefined },
  ],
  answerKey: joined(dealCorrections({ plan: resolvePlan(resolveProgram), masks: masks.own, kernels: createKernels() })),
  others: [
    { ...resolveProgram, bins: bins + 1 },
    { ...resolveProgram, slots: 1 },
  ],
};

async function ended(
  kind: Kind,
  options: { meddle?: Meddle; answerKey?: Uint8Array; programs?: readonly unknown[] } = {},
) {
  const network = wires(options.meddle);
  const sides = network.channels.map((channel, i) => kind.open(i, channel, options.programs?.[i]));
  const { inputs } = kind;
  const salts = [saltOf(0), saltOf(1)];
  return outcomes({ network, sides, inputs, salts, answerKey: answerKeyOf(options.answerKey ?? kind.answerKey) });
}

/** Frames before the last round: of a shard random start, seed, vector or store, the plan's random start, inputs, rounds. */
const kinds = [
  [
    'a shard',
    shard,
    [
      [0, [0, 1, 2, 3, 4, 9]],
      [1, [0, 1, 2, 3, 4, 5]],
    ],
  ],
  [
    'a resolve session',
    resolve,
    [
      [0, [0, 1, 2, 3]],
      [1, [0, 1, 2, 3]],
    ],
  ],
] as const;

describe.each(kinds)('whatever frame of %s is malformed', (_, kind, frames) => {
  test.each(malformations)('%s: both sides end, and each names the other', async (_, change, codes) => {
    for (const [party, places] of frames) {
      for (const place of places) {
        const ends = faults(await ended(kind, { meddle: at(party, place, change) }));
        const victim = ends[1 - party]!;
        expect(codes, `frame ${place} of party ${party}`).toContain(victim[0]);
        expect(ends.map(([, culprit]) => culprit)).toEqual(['party 1', 'party 0']);
      }
    }
  });

  test('its own random start, sent back', async () => {
    for (const party of [0, 1]) {
      const ends = faults(await ended(kind, { meddle: at(party, 0, () => [saltOf(1 - party)]) }));
      expect(ends[1 - party]).toEqual(['frame-order', name(party)]);
    }
  });

  test('other masked data at both: there is no answer key', async () => {
    const flip = (frame: Uint8Array): Uint8Array[] => [frame.with(7, frame[7]! ^ 1)];
    const places =
      kind === shard
        ? [
            [0, 1],
            [0, 2],
            [1, 1],
            [1, 2],
          ]
        : [
            [0, 1],
            [1, 1],
          ];
    for (const [party, place] of places as [number, number][]) {
      const ends = faults(await ended(kind, { meddle: at(party, place, flip) }));
      expect(ends).toEqual([
        ['peer-disagrees', undefined],
        ['peer-gone', 'party 0'],
      ]);
    }
  });

  test('an answer key that ends early names the key service, wherever it ends', async () => {
    const { length } = kind.answerKey;
    for (const bytes of [0, 1, Math.floor(length / 8), Math.floor(length / 2), length - 1]) {
      const ends = faults(await ended(kind, { answerKey: kind.answerKey.subarray(0, bytes) }));
      expect(ends).toEqual([
        ['frame-shape', 'key service'],
        ['peer-gone', 'party 0'],
      ]);
    }
  });

  test('programs that differ', async () => {
    for (const program of kind.others) {
      for (const programs of [
        [kind.program, program],
        [program, kind.program],
      ]) {
        const ends = await ended(kind, { programs });
        // The input of one fits its own program only.
        const codes = faults(ends).map(([code]) => code);
        expect(codes.some((code) => code === 'frame-shape' || code === 'plan-invalid')).toBe(true);
      }
    }
  });
});

describe('hostile content', () => {
  test('of a vector or a store gives garbage and nothing else: no error, no more memory', async () => {
    const { answerKey, inputs, open } = shard;
    const honest = await bothSides({ open, inputs, answerKey });
    for (const fill of [0, 255]) {
      for (const [party, places] of [
        [0, [1, 2]],
        [1, [1, 2]],
      ] as const) {
        const meddle: Meddle = (from, place, frame) =>
          from === party && (places as readonly number[]).includes(place) ? [frame.fill(fill)] : [frame];
        const { results } = await bothSides({ open, inputs, answerKey, meddle });
        expect(results.map((result) => (result as { share: Uint8Array }).share.length)).toEqual([20_808, 20_808]);
        expect(results).not.toEqual(honest.results);
      }
    }
  });

  test('of shares in a resolve session: a row that there is not is a named error at whoever learns', async () => {
    const { answerKey, open, inputs } = resolve;
    const far = new Uint8Array(new Uint32Array(bins).fill(5000).buffer);
    const network = wires();
    const sides = network.channels.map((channel, i) => open(i, channel));
    const hostile = [inputs[0], { share: far, order: undefined }];
    const salts = [saltOf(0), saltOf(1)];
    const ends = await outcomes({ network, sides, inputs: hostile, salts, answerKey: answerKeyOf(answerKey) });
    expect(faults(ends)).toEqual([
      ['frame-shape', 'party 1'],
      ['frame-shape', 'party 0'],
    ]);
  });

  test('of the order of bins: what is no permutation is refused', async () => {
    const meddle = at(0, 2, (frame) => [frame.fill(0)]);
    const ends = faults(await ended(resolve, { meddle }));
    expect(ends[1]).toEqual(['frame-shape', 'party 0']);
    expect(ends[0]).toEqual(['peer-gone', 'party 1']);
  });
});

describe('a session', () => {
  test('that ends while it works writes nothing more', async () => {
    for (const index of [0, 1]) {
      for (const pauses of index === 0 ? [1, 3, 5] : [1, 4, 9, 14]) {
        const network = wires();
        let left = pauses;
        const pause = async (): Promise<void> => {
          if (--left === 0) session.end();
        };
        const options = { ...partyOptions(index, network.channels[index]!, masks), pause };
        const session: ShardSession = new ShardSession({ program: run.shard, ...options });
        const peer = network.channels[1 - index]!;
        const { vectorBytes } = { vectorBytes: shardProtocol.pads(run.shard, 0).at(-1)!.bytes };
        for (const bytes of index === 0 ? [32] : [32, 32, vectorBytes]) await peer.send(index, new Uint8Array(bytes));
        const exchange = session.exchange(shard.inputs[index] as never, saltOf(index));
        await expect(exchange).rejects.toMatchObject({ code: 'session-expired' });
        const { memory } = options.kernels.arena;
        expect(new Uint8Array(memory.buffer).subarray(65536).every((byte) => byte === 0)).toBe(true);
      }
    }
  });

  test('leaves nothing in memory, and does nothing twice', async () => {
    const kernels = [createKernels(), createKernels()];
    const network = wires();
    const sides = network.channels.map(
      (channel, i) =>
        new ShardSession({ program: run.shard, ...partyOptions(i, channel, masks), kernels: kernels[i]! }),
    );
    const salts = [saltOf(0), saltOf(1)];
    const { inputs } = shard;
    const ends = await outcomes({ network, sides, inputs, salts, answerKey: answerKeyOf(shard.answerKey) });
    expect(ends.every((end) => !(end instanceof Error))).toBe(true);
    for (const { arena } of kernels)
      expect(new Uint8Array(arena.memory.buffer).subarray(65536).every((byte) => byte === 0)).toBe(true);
    for (const [i, side] of sides.entries()) {
      await expect(side.exchange(inputs[i] as never, salts[i]!)).rejects.toMatchObject({ code: 'session-expired' });
      await expect(side.evaluate().next()).rejects.toMatchObject({ code: 'session-expired' });
    }
  });

  test('of the result overwrites the shares that it is given, also where it fails', async () => {
    for (const frame of [new Uint8Array(32), new Uint8Array(31)]) {
      const network = wires();
      const [share, salt] = [new Uint8Array(4 * bins).fill(7), saltOf(1)];
      await network.channels[0].send(1, frame);
      await network.channels[0].send(1, new Uint8Array(4 * bins));
      const exchange = resolve.open(1, network.channels[1]).exchange({ share, order: undefined } as never, salt);
      await (frame.length === 32 ? exchange : expect(exchange).rejects.toMatchObject({ culprit: 'party 0' }));
      expect(share.every((byte) => byte === 0)).toBe(true);
    }
  });

  test.each([
    ['a shard', shard, (owner: number) => shardProtocol.pads(run.shard, owner)],
    ['a resolve session', resolve, (owner: number) => resolveProtocol.pads(resolveProgram, owner)],
  ] as const)('with full pads uses them to the last byte, and no other for its inputs: %s', async (_, kind, pads) => {
    const used = [new Map<number, number>(), new Map<number, number>()];
    const padded = masks.own.map((own, owner): Masks => {
      const full = new Map(pads(owner).map(({ node, bytes }) => [node, insecureTestRng(`${owner} ${node}`)(bytes)]));
      const inner = withInputPads(own, (node) => full.get(node)!);
      return {
        stream: (label) => ({
          fill(out, offset) {
            const node = /^(\d+)\/input$/.exec(label)?.[1];
            if (node !== undefined)
              used[owner]!.set(Number(node), Math.max(used[owner]!.get(Number(node)) ?? 0, offset + out.length));
            inner.stream(label).fill(out, offset);
          },
        }),
      };
    }) as [Masks, Masks];
    const all = { ...masks, own: padded };
    const answerKey =
      kind === shard
        ? joined(dealShard({ program: run.shard, masks: padded, kernels: createKernels() }))
        : joined(dealCorrections({ plan: resolvePlan(resolveProgram), masks: padded, kernels: createKernels() }));
    const open = (i: number, channel: Channel): Side<unknown> =>
      kind === shard
        ? new ShardSession({ program: run.shard, ...partyOptions(i, channel, all) })
        : new ResolveSession({ program: resolveProgram, ...partyOptions(i, channel, all) });
    const { results } = await bothSides({ open, inputs: kind.inputs, answerKey });
    for (const owner of [0, 1]) {
      expect([...used[owner]!].sort(([x], [y]) => x - y)).toEqual(pads(owner).map(({ node, bytes }) => [node, bytes]));
    }
    if (kind !== shard) return;
    // All records match their like.
    const [x, y] = results.map((result) => new Uint32Array((result as { share: Uint8Array }).share.slice().buffer));
    const numbers = x!.map((share, bin) => share + y![bin]!).filter((number) => number !== 0);
    expect([...numbers].sort((p, q) => p - q)).toEqual(records.map((_, i) => i + 1));
  });
});
