import { insecureTestRng, randomOrder } from '@symbolon/crypto';
import { type Channel, dealCorrections, PartySession } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import { parseResolve, type ResolveProgram } from '../../src/blocking/program.ts';
import { resolvePlan } from '../../src/blocking/resolve.ts';
import { type ResolveInput, ResolveSession } from '../../src/blocking/resolve-session.ts';
import type { LinkResult } from '../../src/pairs.ts';
import { drive, facing } from '../psi/sides.ts';
import { skew, uniform, xor } from '../psi/uniform.ts';
import { bothSides, masksOf, partyOptions, saltOf } from './made.ts';

const rows = [900, 700] as const;
const bins = 4000;
const slots = 4;
type Terms = Pick<ResolveProgram, 'reveal' | 'to'> & Partial<Pick<ResolveProgram, 'score'>>;
const programOf = (terms: Terms): ResolveProgram =>
  parseResolve({
    protocol: 'link-resolve/1',
    rows: [...rows],
    slots,
    bins,
    most: 1,
    cardinality: 'many-to-many',
    score: 0,
    ...terms,
  });

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer);
const wordsOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.slice().buffer);

/** Both sides' input where every third record of a has `partners` partners; with a score above their numbers, if there is one. */
function inputsOf(partners: number, { score }: ResolveProgram): ResolveInput[] {
  const rng = insecureTestRng('shares');
  const order = randomOrder(bins, rng);
  const met = new BigUint64Array(bins);
  for (let slot = 0; slot < partners; slot++) {
    for (let row = 0; row < rows[0]; row += 3) {
      const above = score === 0 ? 0n : BigInt((31 * row + 7 * slot) % 2 ** score) << 32n;
      met[order[slot * rows[0] + row]!] = above + BigInt(1 + ((7 * row + slot) % rows[1]));
    }
  }
  const own = new BigUint64Array(rng(8 * bins).buffer);
  const ring = (words: BigUint64Array): Uint8Array =>
    score === 0 ? bytesOf(Uint32Array.from(words, (word) => Number(word & 0xffffffffn))) : new Uint8Array(words.buffer);
  return [
    { share: ring(own), order },
    { share: ring(met.map((word, i) => word - own[i]!)), order: undefined },
  ];
}

const masks = masksOf('resolve');
const open = (program: ResolveProgram) => (index: number, channel: Channel) =>
  new ResolveSession({ program, ...partyOptions(index, channel, masks) });

async function real(program: ResolveProgram, partners: number) {
  const inputs = inputsOf(partners, program);
  const plan = resolvePlan(program);
  const answerKey = new Uint8Array(
    Buffer.concat([...dealCorrections({ plan, masks: masks.own, kernels: createKernels() })]),
  );
  return { inputs, answerKey, ...(await bothSides<LinkResult>({ open: open(program), inputs, answerKey })) };
}

/** What the last frame opens: S's number for each of H's rows, counted down; or how many pairs there are. */
function openedBy(result: LinkResult): Uint32Array {
  if (result.kind === 'count') return Uint32Array.of(result.count);
  const numbers = new Uint32Array(rows[0]);
  if (result.kind === 'pairs') for (const [i, a] of result.a.entries()) numbers[a] = rows[1] - result.b[i]!;
  return numbers;
}

/** Noise of public lengths; to S the order of H's bins, uniform; at last what opens. */
function* view(index: number, shape: readonly number[], last?: Uint8Array): Generator<Uint8Array> {
  const rng = insecureTestRng(`noise to ${index}`);
  for (const [i, length] of shape.entries()) {
    if (index === 1 && i === ORDER) yield bytesOf(randomOrder(bins, rng));
    else yield i === shape.length - 1 && last ? last : rng(length);
  }
}
/** Before it: H's random start and its shares. */
const ORDER = 2;

/** What a party opens when it faces this view; read from the plan, as it stands there before any check. */
async function opens(program: ResolveProgram, index: number, input: ResolveInput, frames: Iterator<Uint8Array>) {
  const { channel } = facing(() => frames);
  const session = new PartySession({ plan: resolvePlan(program), ...partyOptions(index, channel, masks) });
  const order = input.order === undefined ? {} : { order: bytesOf(input.order) };
  await session.exchange({ [`met/${index}`]: input.share, ...order }, saltOf(index));
  const opened: Uint8Array[] = [];
  for await (const revealed of session.evaluate(noiseKey())) opened.push(...revealed.map(({ bytes }) => bytes));
  return wordsOf(opened[0]!);
}

const noiseKey = () => {
  const rng = insecureTestRng('corrections');
  return { read: async (bytes: number) => rng(bytes) };
};

const lengths = (frames: readonly Uint8Array[]): number[] => frames.map(({ length }) => length);
/** Frame by frame, where they are long enough; without τ at S, which is a permutation, and without what opens. */
const worst = (frames: readonly Uint8Array[], index: number): number => {
  const noise = frames.slice(0, -1).filter((_, i) => index === 0 || i !== ORDER);
  return Math.max(skew(Buffer.concat(noise)), ...noise.filter(({ length }) => length > 2560).map(skew));
};

const both = { reveal: 'pairs', to: [0, 1] } as const;
const cases: readonly [string, Terms, number][] = [
  ['pairs, to both', both, 2],
  ['no pairs, to both', both, 0],
  ['pairs, to the hub', { reveal: 'pairs', to: [0] }, 1],
  ['pairs, to the spoke', { reveal: 'pairs', to: [1] }, 4],
  ['a count, to both', { reveal: 'count', to: [0, 1] }, 3],
  ['the best, to both', { ...both, score: 9 }, 3],
];

describe.each(cases)('what a party of a resolve session sees follows from what opens: %s', (_, terms, partners) => {
  const program = programOf(terms);

  test.each([0, 1])('party %i', async (index) => {
    const { inputs, seen, results } = await real(program, partners);
    const shape = lengths((await real(program, 0)).seen[index]!);
    const result = results[index]!;
    const learns = terms.to.includes(index);
    let last: Uint8Array | undefined;
    if (learns) {
      // What opens and the last frame differ by what the party has.
      const zeros = new Uint8Array(shape.at(-1)!);
      const before = await opens(program, index, inputs[index]!, view(index, shape, zeros));
      last = bytesOf(openedBy(result).map((number, i) => before[i]! - number));
    }
    const { channel, seen: simulated } = facing(() => view(index, shape, last));
    const session = open(program)(index, channel);
    expect(await drive(session, inputs[index], saltOf(index), noiseKey())).toEqual(result);
    expect(lengths(simulated)).toEqual(shape);
    expect(lengths(seen[index]!)).toEqual(shape);
    for (const frames of [simulated, seen[index]!]) expect(worst(frames, index)).toBeLessThan(uniform);
  });
});

test('pairs without partners open like those with: the frames of both have the same lengths, and so the answer key', async () => {
  const [none, all] = [await real(programOf(both), 0), await real(programOf(both), 4)];
  expect(none.seen.map(lengths)).toEqual(all.seen.map(lengths));
  expect(none.answerKey.length).toBe(all.answerKey.length);
  // What H sends is uniform, and what both open together.
  const [shares, order] = [all.seen[1]![1]!, wordsOf(all.seen[1]![ORDER]!)];
  expect(skew(shares)).toBeLessThan(uniform);
  expect([...order].sort((x, y) => x - y)).toEqual(Array.from({ length: bins }, (_, i) => i));
  const rounds = all.seen[0]!.slice(2, -1);
  const own = all.seen[1]!.slice(-rounds.length - 1, -1);
  expect(skew(Buffer.concat(rounds.map((frame, i) => xor(frame, own[i]!))))).toBeLessThan(uniform);
});
