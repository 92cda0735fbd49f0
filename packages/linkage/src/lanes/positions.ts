import { SymbolonError } from '@symbolon/crypto';
import type { PlanBuilder, Wire } from '@symbolon/engine';
import { hull, type Interval } from '@symbolon/sql';
import type { Local } from '../rule/compile.ts';
import type { Encoding } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import { bitsFor, ringFor } from './bits.ts';
import type { LaneWires } from './circuit.ts';
import { CodeWriter, presentBits, writeSymbols } from './codes.ts';
import { weighCount } from './count.ts';
import { conjunctions, notAll } from './logic.ts';
import type { PositionsLeaf } from './program.ts';
import { wordsOf } from './words.ts';

/*
 * The rule is same·eq + pad·(W − longer) + base ≥ 0 with eq the positions with equal characters, longer the greater of both lengths, and
 * firstPad in the place of one pad where both are empty (rule/positions.ts). With w(l) = −base − pad·(W − l), which rises with l since
 * pad has the sign of same:
 *   same > 0: same·eq ≥ w(longer) ⇔ same·eq ≥ w(l_a) ∧ same·eq ≥ w(l_b);
 *   same < 0: −w(longer) ≥ |same|·eq ⇔ −w(l_a) ≥ |same|·eq ∨ −w(l_b) ≥ |same|·eq.
 * Each side puts in its own word, w or −w. For the empty text it has firstPad in it: as eq is 0 there, it decides alone where both are empty,
 * and where one is, it says what the other's says or less, but for agree ≥ 0, which holds wherever agree ≤ 1 does: that is taken instead.
 * NULL: for same > 0 a word beyond reach; else bits that say so. Positions that one side lacks count nowhere.
 */

type Positions = Encoding & { kind: 'positions' };

interface Words {
  readonly weight: bigint;
  readonly reaches: boolean;
  readonly word: (length: number) => bigint;
  /** Of a NULL. */
  readonly missing: bigint;
}

function wordsFor(encoding: Positions, base: bigint): Words {
  const width = BigInt(Math.max(encoding.lengths.a, encoding.lengths.b));
  const always = encoding.same > 0n && encoding.firstPad < 0n;
  const { same, pad, firstPad, constant } = always
    ? { same: -1n, pad: -1n, firstPad: -2n, constant: width }
    : { ...encoding, constant: base };
  const reaches = same > 0n;
  const weight = reaches ? same : -same;
  const value = (length: number): bigint =>
    constant + pad * (width - BigInt(length)) + (length === 0 ? firstPad - pad : 0n);
  return {
    weight,
    reaches,
    word: (length) => (reaches ? -value(length) : value(length)),
    missing: reaches ? weight * BigInt(countOf(encoding)) + 1n : 0n,
  };
}

const countOf = ({ lengths }: Positions): number => Math.min(lengths.a, lengths.b);

/** What is none of the alphabet, has ended or is NULL: one code a side. */
const nothing = { a: 0, b: 1 };
const first = 2;

/** @param base of the encoding: its leaf's constant without the lift */
export function positionsLeaf(encoding: Positions, base: bigint): PositionsLeaf {
  const { weight, reaches, word, missing } = wordsFor(encoding, base);
  const range = hull(missing, ...[0, 1, encoding.lengths.a, encoding.lengths.b].map(word));
  const all = weight * BigInt(countOf(encoding));
  const ring = ringFor(all, ...range, all - range[0], -range[1], range[0] - all);
  if (ring === undefined) throw new SymbolonError('plan-range', 'a comparison of the rule does not fit in 64 bits');
  return {
    kind: 'positions',
    count: countOf(encoding),
    planes: planesFor(encoding),
    weight: String(weight),
    ring,
    range: [String(range[0]), String(range[1])],
    reaches,
  };
}

const planesFor = ({ alphabet }: Positions): number => bitsFor(BigInt([...alphabet].length + first));

/** Characters (a's turned, so that bits of the pair are 1 where both are equal), words, and whether values are there. */
export function encodePositions(
  encoding: Positions,
  base: bigint,
  side: Side,
  local: Local,
  values: readonly unknown[],
): { symbols: Uint8Array; words: Uint8Array; present: Uint8Array } {
  const { word, missing } = wordsFor(encoding, base);
  const [places, planes] = [countOf(encoding), planesFor(encoding)];
  const writer = new CodeWriter(values.length, places, planes, side === 'a');
  const codes = { first, stranger: nothing[side], ended: nothing[side] };
  const lengths = writeSymbols(writer, places, codes, local, values);
  const table = Array.from({ length: encoding.lengths[side] + 1 }, (_, length) => word(length));
  return {
    symbols: writer.rows,
    words: wordsOf(positionsLeaf(encoding, base).ring, values.length, (row) => table[lengths[row]!] ?? missing),
    present: presentBits(lengths),
  };
}

export function positionsCircuit(
  builder: PlanBuilder,
  { count, planes, weight, ring, range, reaches }: PositionsLeaf,
  [symbols, a, b, ...present]: LaneWires,
): Wire {
  const equal = conjunctions(
    builder,
    Array.from({ length: count }, (_, position) => symbols!.slice(position * planes, (position + 1) * planes)),
  );
  const scored = weighCount(builder, equal, BigInt(weight), ring);
  const [lo, hi] = range.map(BigInt) as [bigint, bigint];
  const all = BigInt(weight) * BigInt(count);
  const bounds: Interval = reaches ? [-hi, all - lo] : [lo - all, hi];
  const sign = reaches ? 1n : -1n;
  const short = [a!, b!].map(([word]) =>
    builder.lessThanZero(
      builder.linear(
        [
          [sign, scored],
          [-sign, word!],
        ],
        0n,
        bounds,
      ),
    ),
  );
  if (!reaches) return notAll(builder, [present[0]![0]!, present[1]![0]!], ...short);
  return builder.and(...short.map((bit) => builder.not(bit)));
}
