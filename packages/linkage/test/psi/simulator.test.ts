import { insecureTestRng, Prg, toEnd } from '@symbolon/crypto';
import type { Channel, Masks } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import {
  dealVectorOle,
  everyPair,
  type LinkResult,
  type Outcome,
  type PsiKeys,
  PsiSession,
  psiCost,
} from '../../src/index.ts';
import { digestKeys } from '../../src/psi/digests.ts';
import { NONE } from '../../src/psi/keys.ts';
import { runKeys, storeKey, storeRows } from '../../src/psi/oprf.ts';
import { bothLearn, receiverOf, sharing } from '../../src/psi/program.ts';
import { decodeStore } from '../../src/psi/store.ts';
import { expandHash } from '../../src/psi/vole.ts';
import { keysOf, tuples } from './run.ts';
import { answerKeyOf, drive, facing, lastOf, name, wires } from './sides.ts';
import { skew, uniform, xor } from './uniform.ts';

const n = 3000;
const rows = [n, n] as const;
const { vectorBytes, valueBytes } = psiCost(rows);
type Values = (string | null)[];
type Couples = [number, number][];
/** Two thirds in common, some of them twice, some missing. */
const tables: readonly [Values, Values] = [
  Array.from({ length: n }, (_, i) => (i % 50 === 0 ? null : `k${i % 41 === 0 ? i + 1 : i}`)),
  Array.from({ length: n }, (_, i) => (i % 60 === 0 ? null : `k${(i % 37 === 0 ? i + 1 : i) + 1000}`)),
];
const disjoint: readonly [Values, Values] = [tables[0], tables[1].map((key) => key && `other ${key}`)];

const masksOf = (index: number): Masks => new Prg(insecureTestRng(`simulator ${index}`)(32));
/** Without the receiver's pad A: its keys go out bare. */
const bare = (masks: Masks): Masks => ({
  stream: (label) => (label === '0/input' ? { fill: (out) => void out.fill(0) } : masks.stream(label)),
});
const saltOf = (index: number): Uint8Array => insecureTestRng(`salt ${index}`)(32);

type Terms = Pick<Outcome, 'cardinality' | 'to'>;
const { cardinality, to }: Terms = everyPair;

/** A party by its role: 0 the receiver, 1 the sender. */
function session(
  role: number,
  channel: Channel,
  terms: Terms = { cardinality, to },
  masks = masksOf(role),
): PsiSession {
  const index = receiverOf(terms) === 0 ? role : 1 - role;
  // Channels of this file go by role.
  const turned: Channel = {
    send: (_, frame) => channel.send(1 - role, frame),
    receive: () => channel.receive(1 - role),
  };
  const [rng, own] = [insecureTestRng(`own ${role}`), { own: masks, pairs: [] }];
  return new PsiSession({ ...terms, rows, index, channel: turned, kernels: createKernels(), masks: own, rng, name });
}

/** [the receiver's, the sender's] for each pair; none for a party that does not learn. */
function couples(result: LinkResult, terms: Terms): Couples {
  if (result.kind === 'nothing') return [];
  return tuples(result).map(([a, b]) => (receiverOf(terms) === 0 ? [a, b] : [b, a]));
}

/** Both real parties: what each saw, and the pairs. */
async function real(both: readonly [Values, Values], terms: Terms = { cardinality, to }, receiver = masksOf(0)) {
  const { channels, seen } = wires();
  const masks = [receiver, masksOf(1)];
  const parties = channels.map((channel, i) => session(i, channel, terms, masks[i]));
  await Promise.all(parties.map((party, i) => party.exchange(keysOf(both[i]!), saltOf(i))));
  const answerKey = Buffer.concat([...dealVectorOle({ rows, masks, kernels: createKernels() })]);
  const [found, told] = await Promise.all(
    parties.map((party, i) => lastOf(party.evaluate(i === 0 ? answerKeyOf(answerKey) : undefined))),
  );
  const pairs = couples(found!, terms);
  expect(couples(told!, terms)).toEqual(bothLearn(terms) ? pairs : []);
  return { seen, pairs, answerKey };
}

/** For each row of a side the first row that has the same partners; NONE where it has none. */
function headsOf(pairs: Couples, side: 0 | 1): Uint32Array {
  const heads = new Uint32Array(n).fill(NONE);
  const first = new Map<number, number>();
  for (const pair of pairs.toSorted((x, y) => x[side] - y[side])) {
    const partner = Math.min(...pairs.filter((other) => other[side] === pair[side]).map((other) => other[1 - side]!));
    if (!first.has(partner)) first.set(partner, pair[side]);
    heads[pair[side]] = first.get(partner)!;
  }
  return heads;
}

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer);
const sharersOf = (heads: Uint32Array): Uint8Array => bytesOf(heads.map((head, row) => (head === row ? NONE : head)));

/** The F values of the receiver's rows, cut: from its own keys, its store's seed and C. */
function receiverValues(keys: PsiKeys, salts: readonly [Uint8Array, Uint8Array], seed: Uint8Array, c: Uint8Array) {
  const kernels = createKernels();
  const run = runKeys(salts);
  const digests = toEnd(digestKeys(kernels, keys, run.digest, insecureTestRng('unused')));
  const slots = kernels.arena.alloc(c.length);
  kernels.arena.bytes(slots, c.length).set(c);
  const store = { slots, bytes: c.length, stored: n, blocks: 1 };
  const under = toEnd(decodeStore({ kernels, digests, keys: run, seed, ...store }));
  const out = kernels.arena.alloc(32 * n);
  toEnd(expandHash(kernels, digests, under, run.outer, 32, out));
  return (row: number): Uint8Array => kernels.arena.bytes(out + 32 * row, valueBytes).slice();
}

/** Made of the receiver's input, its output and the sizes: the sender's random start, values and repeated keys. */
function* toReceiver(
  keys: PsiKeys,
  pairs: Couples,
  terms: Terms,
  c: Uint8Array,
  sent: readonly Uint8Array[],
): Generator<Uint8Array> {
  const rng = insecureTestRng('noise to the receiver');
  const salt = rng(32);
  yield salt;
  const [own, seed] = sent as [Uint8Array, Uint8Array];
  const hash = receiverValues(keys, [own, salt], seed, c);
  const heads = headsOf(pairs, 1);
  const values = rng(valueBytes * n);
  for (const [row, head] of heads.entries()) {
    if (head !== row) continue;
    const partner = Math.min(...pairs.filter(([, b]) => b === row).map(([a]) => a));
    values.set(hash(partner), valueBytes * row);
  }
  yield values;
  if (bothLearn(terms) && sharing({ ...terms, rows })[1]) yield sharersOf(heads);
}

/** Made of the sender's output and the sizes. */
function* toSender(pairs: Couples, terms: Terms): Generator<Uint8Array> {
  const rng = insecureTestRng('noise to the sender');
  yield rng(32);
  yield rng(32);
  yield rng(vectorBytes);
  if (!bothLearn(terms)) return;
  const heads = headsOf(pairs, 1);
  const first = (row: number): number => Math.min(...pairs.filter(([, b]) => b === row).map(([a]) => a));
  yield bytesOf(heads.map((head, row) => (head === row ? first(row) : NONE)));
  if (sharing({ ...terms, rows })[0]) yield sharersOf(headsOf(pairs, 0));
}

/** What a vector holds at the sender's keys beyond what those alone give: zero at every key in common, were it not under a pad. */
function beneath(seen: readonly Uint8Array[], values: Values, ownSalt: Uint8Array): Uint8Array {
  const kernels = createKernels();
  const [salt, seed, vector] = seen as [Uint8Array, Uint8Array, Uint8Array];
  const run = runKeys([salt, ownSalt]);
  const digests = toEnd(digestKeys(kernels, keysOf(values), run.digest, insecureTestRng('unused')));
  const slots = kernels.arena.alloc(vector.length);
  kernels.arena.bytes(slots, vector.length).set(vector);
  const store = { slots, bytes: vector.length, stored: n, blocks: 1 };
  const decoded = toEnd(decodeStore({ kernels, digests, keys: run, seed, ...store }));
  const [rows, inner] = [kernels.arena.alloc(64 * n), kernels.arena.alloc(16 * n)];
  toEnd(storeRows(kernels, digests, storeKey(run, seed), { rows, inner }));
  return xor(kernels.arena.bytes(decoded, 16 * n).slice(), kernels.arena.bytes(inner, 16 * n).slice());
}

const lengths = (frames: readonly Uint8Array[]): number[] => frames.map(({ length }) => length);

const tellings: readonly Terms[] = (['many-to-many', 'many-to-one', 'one-to-one'] as const).flatMap((cardinality) =>
  [[0, 1], [0], [1]].map((to) => ({ cardinality, to })),
);
const cases = [
  ...tellings.map((terms) => [terms.cardinality, `to ${terms.to.join(' and ')}`, tables, terms] as const),
  ['many-to-many', 'of disjoint tables', disjoint, { cardinality, to }] as const,
];

describe.each(cases)(
  'what a party of an intersection sees follows from its input and output: %s, %s',
  (_, __, both, terms) => {
    test('the receiver', async () => {
      const { seen, pairs, answerKey } = await real(both, terms);
      const c = insecureTestRng('C')(vectorBytes);
      const { channel, seen: simulated } = facing((sent) => toReceiver(keysOf(both[0]), pairs, terms, c, sent));
      const result = await drive(session(0, channel, terms), keysOf(both[0]), saltOf(0), answerKeyOf(c));
      expect(couples(result, terms)).toEqual(pairs);
      expect(lengths(simulated)).toEqual(lengths(seen[0]!));
      for (const [, values] of [simulated, seen[0]!]) expect(skew(values!)).toBeLessThan(uniform);
      expect(simulated.slice(2)).toEqual(seen[0]!.slice(2));
      for (const key of [c, answerKey]) expect(skew(key)).toBeLessThan(uniform);
    });

    test('the sender', async () => {
      const { seen, pairs } = await real(both, terms);
      const { channel, seen: simulated } = facing(() => toSender(pairs, terms));
      const result = await drive(session(1, channel, terms), keysOf(both[1]), saltOf(1));
      expect(couples(result, terms)).toEqual(bothLearn(terms) ? pairs : []);
      expect(lengths(simulated)).toEqual(lengths(seen[1]!));
      for (const frames of [simulated, seen[1]!]) {
        expect(skew(frames[2]!)).toBeLessThan(uniform);
        expect(skew(beneath(frames, both[1], saltOf(1)))).toBeLessThan(uniform);
      }
      // Hits and repeated keys say what the pairs say, to the byte.
      expect(simulated.slice(3)).toEqual(seen[1]!.slice(3));
    });
  },
);

test('a vector without its pad would show (control)', async () => {
  const terms = { cardinality, to };
  const { seen } = await real(tables, terms, bare(masksOf(0)));
  expect(skew(beneath(seen[1]!, tables[1], saltOf(1)))).toBeGreaterThan(100 * uniform);
  const { seen: apart } = await real(disjoint, terms, bare(masksOf(0)));
  expect(skew(beneath(apart[1]!, disjoint[1], saltOf(1)))).toBeLessThan(uniform);
});
