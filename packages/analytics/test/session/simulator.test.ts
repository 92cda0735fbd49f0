import { insecureTestRng } from '@symbolon/crypto';
import { type Channel, inputLabel, type Masks, PlanBuilder } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { planeBits } from '@symbolon/linkage';
import { beforeAll, describe, expect, test } from 'vitest';
import { skew, uniform, xor } from '../../../linkage/test/psi/uniform.ts';
import {
  binsOf,
  type Meet,
  meetInputs,
  meetWires,
  type StudyInput,
  type StudyProgram,
  studyProtocol,
} from '../../src/session/index.ts';
import { hubShare, sharePrefix, spokeShare } from '../../src/session/meet.ts';
import { keysOf, words } from './made.ts';
import { answerKeyFor, answerKeyOf, type Dealt, dealt, last, name, run, saltOf } from './network.ts';

const n = 4096;
const lanes = binsOf(n);
const columns = [{ kind: 'word', ring: 64 }, { kind: 'bit' }, { kind: 'word', ring: 32 }, { kind: 'bit' }] as const;
const meets = [1, 2].map((spoke): Meet => ({ spoke, entries: [n, n], columns }));
const all = [0, 1, 2];

/** Sums of what met: opened at the very end, to everybody. */
function program(): StudyProgram {
  const b = new PlanBuilder(3);
  const shares = meets.map((meet, at) => meetInputs(b, at, meet));
  const weight = b.input('weight', 0, { ring: 64, size: lanes });
  const wires = shares.map((share) => meetWires(b, share));
  const both = b.toRing(b.and(wires[0]!.found, wires[1]!.found, wires[0]!.columns[1]!, wires[1]!.columns[3]!), 64);
  const [values] = wires[0]!.columns;
  const sums = [b.dot(weight, values!), b.dot(b.multiply(weight, both), wires[1]!.columns[0]!), b.sum(both)];
  const result = b.remask(b.concat(sums));
  b.stage();
  b.reveal(result, all, 'sums');
  return studyProtocol.parse({ protocol: 'study/1', parties: 3, meets, plan: b.build() });
}
const study = program();

/** All rows of a table are alike, so that whatever structure there is would show. */
const spokeInput = (at: number, from: number): StudyInput => ({
  spokes: new Map([
    [
      at,
      {
        keys: keysOf(Array.from({ length: n }, (_, i) => from + i)),
        columns: columns.map((column) =>
          column.kind === 'bit' ? new Uint8Array(n / 8).fill(255) : words(Array<bigint>(n).fill(7n), column.ring),
        ),
      },
    ],
  ]),
  inputs: () => ({}),
});
const hubInput: StudyInput = {
  hubKeys: keysOf(Array.from({ length: n }, (_, i) => i)),
  inputs: () => ({ weight: words(Array<bigint>(lanes).fill(1n), 64) }),
};
const identical = [hubInput, spokeInput(0, 0), spokeInput(1, 0)];
const disjoint = [hubInput, spokeInput(0, n), spokeInput(1, 2 * n)];

const base = dealt(3, 'simulator');
async function real(inputs: readonly StudyInput[], masks: Dealt = base) {
  const answerKey = answerKeyFor(study, masks);
  const { ends, seen, hashes } = await run({ program: study, inputs, masks, answerKey, seed: 'simulator' });
  const sums = ends.map((end) => {
    if (end instanceof Error) throw end;
    return end.get('sums')!;
  });
  const frames = (to: number, from: number): Uint8Array[] =>
    seen[to]!.filter((one) => one.from === from).map(({ frame }) => frame);
  return { sums, frames, hashes: await Promise.all(hashes), answerKey };
}
type Real = Awaited<ReturnType<typeof real>>;

let alike: Real;
let apart: Real;
beforeAll(async () => {
  [alike, apart] = [await real(identical), await real(disjoint)];
});

/** A party alone, who is sent these frames and this answer key. */
async function facing(
  index: number,
  inputs: readonly StudyInput[],
  frames: (from: number) => readonly Uint8Array[],
  answerKey: Uint8Array,
): Promise<{ sums: Uint8Array; transcript: readonly unknown[] }> {
  const next = all.map((from) => (from === index ? [][Symbol.iterator]() : frames(from)[Symbol.iterator]()));
  const channel: Channel = {
    send: async () => undefined,
    async receive(from) {
      const { done, value } = next[from]!.next() as IteratorResult<Uint8Array>;
      if (done) throw new Error('the party waits for more frames than there are');
      return value.slice();
    },
  };
  const session = studyProtocol.open({
    program: study,
    index,
    channel,
    masks: { own: base.own[index]!, pairs: all.map((peer) => (peer === index ? undefined : base.pair(index, peer))) },
    kernels: createKernels(),
    rng: insecureTestRng(`party ${index} simulator`),
    name,
    pause: () => Promise.resolve(),
  });
  await session.exchange(inputs[index]!, saltOf(index));
  const yielded = await last(session.evaluate(index === 0 ? answerKeyOf(answerKey) : undefined));
  const transcript = all.map((peer) => (peer === index ? undefined : session.transcript(peer)));
  session.end();
  return { sums: yielded.get('sums')!, transcript };
}

const lengths = (frames: readonly Uint8Array[]): number[] => frames.map(({ length }) => length);
/** Of all that is long enough to be tested, frame by frame, the farthest from uniform. */
const worst = (frames: readonly Uint8Array[]): number =>
  Math.max(skew(Buffer.concat(frames)), ...frames.filter(({ length }) => length > 2560).map(skew));
const numbers = (bytes: Uint8Array): BigUint64Array => new BigUint64Array(bytes.slice().buffer);

/** A spoke is told the hash of the other's meet by both sides of it: noise that is the same twice. Places of the frame of the hub, of the other spoke. */
const toldPlaces = [5, 2] as const;

function noise(index: number, seed: string): Uint8Array[][] {
  const rng = insecureTestRng(seed);
  const made = all.map((from) =>
    from === index ? [] : lengths(apart.frames(index, from)).map((length) => rng(length).slice()),
  );
  if (index !== 0) made[0]![toldPlaces[0]] = made[3 - index]![toldPlaces[1]]!;
  return made;
}

describe('what a party sees is noise of public lengths, and what opens', () => {
  test('both joins are those of plain arithmetic', () => {
    for (const sums of alike.sums) expect([...numbers(sums)]).toEqual([BigInt(7 * n), BigInt(7 * n), BigInt(n)]);
    for (const sums of apart.sums) expect([...numbers(sums)]).toEqual([0n, 0n, 0n]);
  });

  test.each(all)('party %i: noise ends with any result that its last frames lead to', async (index) => {
    const made = noise(index, `to ${index}`);
    const key = insecureTestRng('answer key')(alike.answerKey.length).slice();
    const before = numbers((await facing(index, identical, (from) => made[from]!, key)).sums);
    const peer = index === 0 ? 1 : 0;
    const target = numbers(alike.sums[index]!);
    const end = made[peer]!.length - 1;
    // A share of the mask that one more is taken off for.
    const shifted = numbers(made[peer]![end]!).map((word, i) => word + before[i]! - target[i]!);
    made[peer]![end] = new Uint8Array(shifted.buffer);
    const simulated = await facing(index, identical, (from) => made[from]!, key);
    expect(simulated.sums).toEqual(alike.sums[index]);
    for (const from of all.filter((party) => party !== index)) {
      expect(lengths(alike.frames(index, from))).toEqual(lengths(made[from]!));
      for (const frames of [made[from]!, alike.frames(index, from), apart.frames(index, from)])
        expect(worst(frames)).toBeLessThan(uniform);
    }
    for (const bytes of [key, alike.answerKey, apart.answerKey]) expect(skew(bytes)).toBeLessThan(uniform);
  });
});

/** The number of a source in the plan. */
const nodeOf = (source: string): number => study.plan.nodes.findIndex((node) => 'name' in node && node.name === source);

/** What the hub decodes in each bin, as the plan takes it: the masked input that it sends, less its mask. */
function decoded(view: Real, at: number, field: number): Uint8Array {
  const { plan } = study;
  const node = nodeOf(hubShare(at, field));
  const shares = plan.nodes.flatMap((of, i) => (of.op === 'input' && of.name.startsWith(sharePrefix) ? [i] : []));
  // Behind two starts, an input, seed, vector and the hash of the other meet.
  const delta = view.frames(1, 0)[6 + shares.indexOf(node)]!;
  const mask = new Uint8Array(delta.length);
  base.own[0]!.stream(inputLabel(node)).fill(mask, 0);
  const type = plan.wires[plan.nodes[node]!.out[0]!]!;
  if (type.kind === 'bits') {
    // Behind the last bin of a plane there is nothing.
    const [planes, plane] = [xor(delta, mask), planeBits(lanes) / 8];
    return new Uint8Array([0, 1].flatMap((i) => [...planes.subarray(plane * i, plane * i + Math.floor(lanes / 8))]));
  }
  const less = (Words: typeof Uint32Array | typeof BigUint64Array): Uint8Array => {
    const [x, y] = [new Words(delta.slice().buffer), new Words(mask.buffer)];
    for (let i = 0; i < x.length; i++) x[i] = ((x[i] as never) - (y[i] as never)) as never;
    return new Uint8Array(x.buffer);
  };
  return less(type.bits === 64 ? BigUint64Array : Uint32Array);
}

/** Of all that the hub decodes, and of what two bins have in common, the farthest from uniform. */
function farthest(view: Real): number {
  return Math.max(
    ...[0, 1].flatMap((at) =>
      [0, 1, 2, 3].flatMap((field) => {
        const bytes = decoded(view, at, field);
        // Of bits, bins stand in one another's bytes already.
        const stride = field === 3 ? 1 : bytes.length / lanes;
        return [skew(bytes), skew(xor(bytes.subarray(stride), bytes.subarray(0, bytes.length - stride)))];
      }),
    ),
  );
}

/** Pads of a spoke over its rows, changed. */
function padded(change: (out: Uint8Array) => void): Dealt {
  const own = base.own.map((masks): Masks => {
    const random = study.plan.nodes.flatMap((node, i) => (node.op === 'random' ? [inputLabel(i)] : []));
    return { stream: (label) => (random.includes(label) ? { fill: (out) => change(out) } : masks.stream(label)) };
  });
  return { ...base, own };
}

describe('what the hub decodes is uniform, alone and beside another', () => {
  test('whether entries met or not', () => {
    expect(farthest(alike)).toBeLessThan(uniform);
    expect(farthest(apart)).toBeLessThan(uniform);
  });

  test('for two meets by themselves and together', () => {
    for (const view of [alike, apart])
      expect(skew(xor(decoded(view, 0, 1), decoded(view, 1, 1)))).toBeLessThan(uniform);
  });

  test('controls: the same test sees rows without their pads, and one pad over all bins', async () => {
    expect(
      farthest(
        await real(
          identical,
          padded((out) => void out.fill(0)),
        ),
      ),
    ).toBeGreaterThan(100 * uniform);
    const pad = insecureTestRng('one pad')(8).slice();
    const same = padded((out) => out.set(out.map((_, i) => pad[i % 8]!)));
    expect(farthest(await real(identical, same))).toBeGreaterThan(100 * uniform);
  });

  test('a share that the plan does not have is nowhere', () => {
    expect([hubShare(0, 4), spokeShare(0, 4), hubShare(2, 0)].map(nodeOf)).toEqual([-1, -1, -1]);
  });
});
