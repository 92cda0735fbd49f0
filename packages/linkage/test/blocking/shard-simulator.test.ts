import { insecureTestRng, toEnd } from '@symbolon/crypto';
import type { Channel, Masks } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { beforeAll, describe, expect, test } from 'vitest';
import { binDigests } from '../../src/blocking/bins.ts';
import { dealShard } from '../../src/blocking/dealer.ts';
import { shardPlan } from '../../src/blocking/plan.ts';
import { parseShard, type ShardProgram, storedLayout } from '../../src/blocking/program.ts';
import { recordsOf } from '../../src/blocking/records.ts';
import { padLabel, type ShardInput, type ShardResult, ShardSession } from '../../src/blocking/shard.ts';
import { type LaneLeaf, lanePartsOf } from '../../src/lanes/program.ts';
import { runKeys, storeKey, storeRows } from '../../src/psi/oprf.ts';
import { decodeStore } from '../../src/psi/store.ts';
import { expandHash } from '../../src/psi/vole.ts';
import { answerKeyOf, drive, facing } from '../psi/sides.ts';
import { neighbours, skew, uniform, xor } from '../psi/uniform.ts';
import { bothSides, type Made, madeRun, madeTable, masksOf, partyOptions, prepare, saltOf } from './made.ts';

const n = 4000;
const run = madeRun({ rows: [n, n], keys: 1, cap: 1 });
const program = run.shard;
const plan = shardPlan(program);
const { rowBytes } = storedLayout(program);
const bins = run.sharding.bins;

const people = (prefix: string): Made[] =>
  Array.from({ length: n }, (_, i) => ({ keys: [`${prefix} ${i}`], code: 77 }));
const order = Uint32Array.from({ length: n }, (_, i) => i);
const a = madeTable(0, people('k'), order);
/** All entries meet, and all records are alike: whatever structure there is would show. */
const identical = [a, madeTable(1, people('k'), order)] as const;
const disjoint = [a, madeTable(1, people('other'), order)] as const;

const open =
  (masks: ReturnType<typeof masksOf>, of = program) =>
  (index: number, channel: Channel) =>
    new ShardSession({ program: of, ...partyOptions(index, channel, masks) });

function real(tables: typeof identical | typeof disjoint, masks = masksOf('shard')) {
  return evaluated(
    program,
    prepare(run, tables, 'shard').map((side) => side.input(0)),
    masks,
  );
}

async function evaluated(program: ShardProgram, inputs: readonly ShardInput[], masks = masksOf('shard')) {
  const answerKey = new Uint8Array(
    Buffer.concat([...dealShard({ program, masks: masks.own, kernels: createKernels() })]),
  );
  return { ...(await bothSides<ShardResult>({ open: open(masks, program), inputs, answerKey })), inputs, answerKey };
}
type Real = Awaited<ReturnType<typeof real>>;

let alike: Real;
let apart: Real;
beforeAll(async () => {
  [alike, apart] = [await real(identical), await real(disjoint)];
});

/** Streams of S's pads over records and tags, changed. */
function padded(change: (out: Uint8Array) => void): ReturnType<typeof masksOf> {
  const masks = masksOf('shard');
  const [hub, spoke] = masks.own;
  const changed: Masks = {
    stream: (label) => (label.endsWith('/input') ? { fill: (out) => change(out) } : spoke.stream(label)),
  };
  return { ...masks, own: [hub, changed] };
}

/** What H decodes at its entries once it has C: its record's partner, or garbage, under the bin's pad. */
function decoded({ seen, inputs, results, answerKey }: Real, { rowBytes } = storedLayout(program)): Uint8Array {
  const kernels = createKernels();
  const { arena } = kernels;
  const [theirs, storeSeed, store] = seen[0] as [Uint8Array, Uint8Array, Uint8Array];
  const [own, seed, vector] = seen[1] as [Uint8Array, Uint8Array, Uint8Array];
  const place = (bytes: Uint8Array): number => {
    const ptr = arena.alloc(bytes.length);
    arena.bytes(ptr, bytes.length).set(bytes);
    return ptr;
  };
  const { digests } = inputs[0]!;
  const thirds = Uint8Array.from(results[0]!.bins!, (bin) => Math.floor((3 * bin) / bins));
  const entries = { ptr: place(digests), rows: digests.length / 32 };
  const at = toEnd(binDigests(kernels, entries, [own, theirs], thirds));
  const keys = runKeys([own, theirs]);
  const read = { kernels, digests: at, keys };
  const c = { seed, slots: place(answerKey.subarray(0, vector.length)), bytes: vector.length };
  const under = toEnd(decodeStore({ ...read, ...c, stored: entries.rows, blocks: 1 }));
  const pad = arena.alloc(rowBytes * entries.rows);
  toEnd(expandHash(kernels, at, under, keys.outer, rowBytes, pad));
  const stored = { seed: storeSeed, slots: place(store), bytes: store.length, stored: 3 * program.entries[1] };
  const value = toEnd(decodeStore({ ...read, ...stored, blocks: rowBytes / 16 }));
  const bytes = (ptr: number): Uint8Array => arena.bytes(ptr, rowBytes * entries.rows).slice();
  return xor(bytes(value), bytes(pad));
}

/** What H's vector holds at S's keys beyond what those alone give: zero where entries met in a bin, were it not under a pad. */
function beneath({ seen, inputs }: Pick<Real, 'seen' | 'inputs'>): Uint8Array {
  const kernels = createKernels();
  const { arena } = kernels;
  const [theirs, seed, vector] = seen[1] as [Uint8Array, Uint8Array, Uint8Array];
  const salts = [theirs, saltOf(1)] as const;
  const { digests } = inputs[1]!;
  const [ptr, slots] = [arena.alloc(digests.length), arena.alloc(vector.length)];
  arena.bytes(ptr, digests.length).set(digests);
  arena.bytes(slots, vector.length).set(vector);
  const at = toEnd(binDigests(kernels, { ptr, rows: digests.length / 32 }, salts));
  const keys = runKeys(salts);
  const store = { seed, slots, bytes: vector.length, stored: program.entries[0], blocks: 1 };
  const value = toEnd(decodeStore({ kernels, digests: at, keys, ...store }));
  const [rows, inner] = [arena.alloc(64 * at.rows), arena.alloc(16 * at.rows)];
  toEnd(storeRows(kernels, at, storeKey(keys, seed), { rows, inner }));
  return xor(arena.bytes(value, 16 * at.rows).slice(), arena.bytes(inner, 16 * at.rows).slice());
}

/** Columns of zeros for the parts of leaves that a side has. */
function zeros(leaves: readonly LaneLeaf[], side: number): Uint8Array[] {
  return leaves
    .flatMap((leaf) => lanePartsOf(leaf))
    .map((part) => {
      const bytes = part.kind === 'word' ? part.ring / 8 : Math.ceil(part.width / 8);
      return new Uint8Array(part.from === (side === 0 ? 'b' : 'a') ? 0 : bytes * n);
    });
}

const lengths = (frames: readonly Uint8Array[]): number[] => frames.map(({ length }) => length);
const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.slice().buffer);
/** Of all that is long enough to be tested, frame by frame, the farthest from uniform. */
const worst = (frames: readonly Uint8Array[]): number =>
  Math.max(skew(Buffer.concat(frames)), ...frames.filter(({ length }) => length > 2560).map(skew));

/** Frames of public lengths, uniformly random; the last is given. */
function* noise(shape: readonly number[], seed: string, last?: Uint8Array): Generator<Uint8Array> {
  const rng = insecureTestRng(seed);
  for (const [i, length] of shape.entries()) yield i === shape.length - 1 && last ? last : rng(length);
}

describe('what a party of a shard sees is noise of public lengths', () => {
  test('H: any share is one that noise ends with', async () => {
    const shape = lengths(apart.seen[0]!);
    const answerKey = insecureTestRng('answer key')(alike.answerKey.length);
    const facingNoise = async (last: Uint8Array) => {
      const { channel, seen } = facing(() => noise(shape, 'to the hub', last));
      const session = open(masksOf('shard'))(0, channel);
      return { ...(await drive(session, alike.inputs[0], saltOf(0), answerKeyOf(answerKey))), seen };
    };
    // The last frame opens, under H's own mask, what its share is made of: H's share and that frame differ by what H has.
    const target = words(alike.results[0]!.share);
    const before = words((await facingNoise(new Uint8Array(4 * bins))).share);
    const last = new Uint8Array(target.map((word, i) => word - before[i]!).buffer);
    const { share, seen } = await facingNoise(last);
    expect(words(share)).toEqual(target);
    expect(lengths(alike.seen[0]!)).toEqual(shape);
    for (const frames of [seen, alike.seen[0]!, apart.seen[0]!]) expect(worst(frames)).toBeLessThan(uniform);
    for (const bytes of [last, target, answerKey, alike.answerKey, apart.answerKey].map(
      (x) => new Uint8Array(x.buffer),
    ))
      expect(skew(bytes)).toBeLessThan(uniform);
  });

  test('S: its share follows from its own masks', async () => {
    const shape = lengths(apart.seen[1]!);
    const { channel, seen } = facing(() => noise(shape, 'to the spoke'));
    const { share } = await drive(open(masksOf('shard'))(1, channel), alike.inputs[1], saltOf(1));
    expect(share).toEqual(alike.results[1]!.share);
    expect(lengths(alike.seen[1]!)).toEqual(shape);
    for (const frames of [seen, alike.seen[1]!, apart.seen[1]!]) expect(worst(frames)).toBeLessThan(uniform);
    for (const view of [alike, apart, { seen: [[], seen], inputs: alike.inputs }])
      expect(skew(beneath(view))).toBeLessThan(uniform);
  });

  test('what H decodes is uniform, alone and beside another, whether entries met or not', () => {
    for (const view of [alike, apart]) {
      const rows = decoded(view);
      expect(skew(rows)).toBeLessThan(uniform);
      expect(skew(neighbours(rows, rowBytes))).toBeLessThan(uniform);
    }
  });

  test.each([
    ['one bit', [{ kind: 'local', from: 'both' }]],
    ['bits', [{ kind: 'equal', width: 61, negated: true }]],
    [
      'negations',
      [
        { kind: 'equal', width: 3, negated: true },
        { kind: 'equal', width: 9, negated: true },
      ],
    ],
    ['words of 16 bits', [{ kind: 'interval', ring: 16, range: ['-9', '9'], most: '3', outside: true }]],
    ['words of 64 bits', [{ kind: 'interval', ring: 64, range: ['-9', '9'], most: null, outside: false }]],
    [
      'characters',
      [{ kind: 'positions', count: 5, planes: 3, weight: '2', ring: 16, range: ['0', '9'], reaches: false }],
    ],
    ['pieces', [{ kind: 'qgrams', counts: [3, 5], planes: 7, weight: '2', ring: 32, range: ['-9', '9'] }]],
    [
      'edits',
      [
        { kind: 'edit', rows: 5, planes: 5, most: 1, above: true },
        { kind: 'local', from: 'b' },
      ],
    ],
  ] as const)('so is each byte of a row of %s, where all records are zeros', async (_, leaves) => {
    const verdict = leaves.length === 1 ? 0 : { and: [0, 1] };
    for (const prefer of ['first', 'best'] as const) {
      const gate = {
        score: [
          ['1', 0],
          ['2', leaves.length - 1],
        ],
        atLeast: '1',
      };
      const other = parseShard({ ...program, leaves, verdict: prefer === 'best' ? gate : verdict, prefer });
      const inputs = alike.inputs.map((input, side) => {
        const records = recordsOf(other, side as 0 | 1, zeros(leaves, side), order);
        return { ...input, records };
      });
      const { rowBytes } = storedLayout(other);
      const view = await evaluated(other, inputs);
      const bytes = decoded(view, storedLayout(other));
      for (let at = 0; at < rowBytes; at++)
        expect(skew(bytes.filter((_, i) => i % rowBytes === at))).toBeLessThan(uniform);
    }
  });

  test('what both open together is uniform', () => {
    for (const { seen } of [alike, apart]) {
      const rounds = seen[0]!.slice(4);
      const own = seen[1]!.slice(-rounds.length);
      expect(rounds.length).toBeGreaterThan(3);
      expect(worst(rounds.map((frame, i) => xor(frame, own[i]!)))).toBeLessThan(uniform);
    }
  });
});

describe('controls: the same tests see', () => {
  test('records without their pads', async () => {
    const view = await real(
      identical,
      padded((out) => out.fill(0)),
    );
    expect(skew(decoded(view))).toBeGreaterThan(100 * uniform);
  });

  test('one pad over all bins', async () => {
    const pad = insecureTestRng('one pad')(8);
    const view = await real(
      identical,
      padded((out) => out.set(out.map((_, i) => pad[i % 8]!))),
    );
    expect(skew(neighbours(decoded(view), rowBytes))).toBeGreaterThan(100 * uniform);
  });

  test('entries without their pad', async () => {
    const masks = masksOf('shard');
    const [hub, spoke] = masks.own;
    const bare: Masks = {
      stream: (label) => (label === padLabel(plan) ? { fill: (out) => void out.fill(0) } : hub.stream(label)),
    };
    const view = await real(identical, { ...masks, own: [bare, spoke] });
    expect(skew(beneath(view))).toBeGreaterThan(100 * uniform);
  });
});
