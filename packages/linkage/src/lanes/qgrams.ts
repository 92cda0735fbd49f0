import { SymbolonError } from '@symbolon/crypto';
import type { PlanBuilder, Wire } from '@symbolon/engine';
import { hull } from '@symbolon/sql';
import { placesOf, qgramSets } from '../encode/qgrams.ts';
import type { Local } from '../rule/compile.ts';
import type { Encoding } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import { bitsFor, ringFor } from './bits.ts';
import type { LaneWires } from './circuit.ts';
import { CodeWriter } from './codes.ts';
import { weighCount } from './count.ts';
import { conjunctions } from './logic.ts';
import type { QgramsLeaf } from './program.ts';
import { wordsOf } from './words.ts';

/*
 * The rule is common·|A ∩ B| + each·(|A| + |B|) ≥ strict, and not both sets empty. With [A] = 1 where A has a q-gram: where strict is 1, the
 * inequality without a bound holds for no empty sets; where it is 0, s ≥ 0 and a set is not empty ⇔ 2s + [A] + [B] − 1 ≥ 0. Either way the
 * sides' words add up to all but the common q-grams. A NULL is a word so low that nothing lifts the sum to 0.
 */

type Qgrams = Encoding & { kind: 'qgrams' };

/** Codes of places without a q-gram of the alphabet, one a side. */
const nothing = { a: 0, b: 1 };
const first = 2;

interface Words {
  /** Of a common q-gram. */
  readonly weight: bigint;
  readonly word: Readonly<Record<Side, (size: number) => bigint>>;
  readonly missing: Readonly<Record<Side, bigint>>;
  readonly leaf: QgramsLeaf;
}

function wordsFor({ lengths, alphabet, q, common, each, strict }: Qgrams): Words {
  const counts = { a: Math.max(0, lengths.a - q + 1), b: Math.max(0, lengths.b - q + 1) };
  const factor = strict === 0n ? 2n : 1n;
  const weight = factor * common;
  const own = (size: number): bigint => factor * each * BigInt(size) + (strict === 0n && size > 0 ? 1n : 0n);
  const word = { a: (size: number): bigint => own(size) - 1n, b: own };
  const most = weight * BigInt(Math.min(counts.a, counts.b));
  const lift = most > 0n ? most : 0n;
  const values = { a: hull(0n, ...[0, 1, counts.a].map(word.a)), b: hull(0n, ...[0, 1, counts.b].map(word.b)) };
  // Below 0 with the other side's greatest word and all q-grams in common; and so are two NULLs.
  const missing = { a: -1n - values.b[1] - lift, b: -1n - values.a[1] - lift };
  const [a, b] = [hull(missing.a, ...values.a), hull(missing.b, ...values.b)];
  const range = [a[0] + b[0] + (most < 0n ? most : 0n), a[1] + b[1] + lift] as const;
  const ring = ringFor(most, ...range);
  if (ring === undefined) throw new SymbolonError('plan-range', 'a comparison of the rule does not fit in 64 bits');
  return {
    weight,
    word,
    missing,
    leaf: {
      kind: 'qgrams',
      counts: [Math.max(1, counts.a), Math.max(1, counts.b)],
      planes: bitsFor(BigInt([...alphabet].length) ** BigInt(q) + BigInt(first)),
      weight: String(weight),
      ring,
      range: [String(range[0]), String(range[1])],
    },
  };
}

export function qgramsLeaf(encoding: Qgrams): QgramsLeaf {
  return wordsFor(encoding).leaf;
}

/** The different q-grams of every value, a's turned, and words of how many they are. */
export function encodeQgrams(
  encoding: Qgrams,
  side: Side,
  local: Local,
  values: readonly unknown[],
): { grams: Uint8Array; words: Uint8Array } {
  const { leaf, word, missing } = wordsFor(encoding);
  const count = leaf.counts[side === 'a' ? 0 : 1];
  const writer = new CodeWriter(values.length, count, leaf.planes, side === 'a');
  const place = placesOf(encoding.alphabet);
  const numbers: bigint[] = [];
  for (const grams of qgramSets(local, values, encoding.q)) {
    const row = numbers.length;
    const codes = [...(grams ?? [])].map((gram) => (place(gram) ?? nothing[side] - first) + first);
    for (let i = 0; i < count; i++) writer.put(row, i, codes[i] ?? nothing[side]);
    numbers.push(grams === undefined ? missing[side] : word[side](grams.size));
  }
  return { grams: writer.rows, words: wordsOf(leaf.ring, numbers.length, (row) => numbers[row]!) };
}

/** Every q-gram of a is compared with every one of b; as a set has each once, at most one of a row is equal: ∨ is ⊕. */
export function qgramsCircuit(
  builder: PlanBuilder,
  { counts, planes, weight, ring, range }: QgramsLeaf,
  [a, b, words]: LaneWires,
): Wire {
  const grams = (of: readonly Wire[], count: number): (readonly Wire[])[] =>
    Array.from({ length: count }, (_, i) => of.slice(i * planes, (i + 1) * planes));
  const sides = [grams(a!, counts[0]), grams(b!, counts[1])].sort((x, y) => x.length - y.length);
  const [fewer, more] = sides as [Wire[][], Wire[][]];
  const equal = conjunctions(
    builder,
    fewer.flatMap((x) => more.map((y) => x.map((wire, plane) => builder.xor([wire, y[plane]!])))),
  );
  const common = fewer.map((_, i) => builder.xor(equal.slice(i * more.length, (i + 1) * more.length)));
  const weighed = weighCount(builder, common, BigInt(weight), ring);
  const sum = builder.linear(
    [
      [1n, weighed],
      [1n, words![0]!],
    ],
    0n,
    [BigInt(range[0]), BigInt(range[1])],
  );
  return builder.not(builder.lessThanZero(sum));
}
