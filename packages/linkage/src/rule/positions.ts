import { type Decimal, hull, type Interval, lowestTerms, plus } from '@symbolon/sql';
import { type Encoding, fit, type Shape } from './leaf.ts';
import { type Order, wholeBound } from './measure.ts';
import type { Operand } from './operand.ts';
import type { Side } from './value.ts';

/** `agree` or `hamming` against a threshold. Source: eq/len ≥ p/q ⇔ q·eq + p·(W − len) − p·W ≥ 0, where W − len counts the positions at which both have ended. */
export function positions(
  a: Operand,
  b: Operand,
  indices: Readonly<Record<Side, number>>,
  rule: PositionRule,
): { encoding: Encoding & { kind: 'positions' }; shape: Shape } {
  const lengths = { a: a.maxLength!, b: b.maxLength! };
  const [common, width] = [Math.min(lengths.a, lengths.b), BigInt(Math.max(lengths.a, lengths.b))];
  const { same, pad, firstPad, base } = weights(rule, width);
  const lift = base >= 0n ? base + 1n : 0n;
  const constant = base >= 0n ? -1n : base;
  const tail = width - BigInt(common);
  const symbols = [...a.alphabet!].length + 1;
  const ends = hull(0n, ...[same, pad, firstPad]);
  const range: Interval = [
    least(same, firstPad) + least(same, pad) * BigInt(common - 1) + least(pad) * tail,
    -(least(-same, -firstPad) + least(-same, -pad) * BigInt(common - 1) + least(-pad) * tail),
  ];
  const product = hull(0n, ...plus(range, [lift, lift]));
  const ownWeights = hull(...ends, lift, lengths.a > lengths.b ? pad * tail : pad);
  const extra = (tail > 0n ? 1 : 0) + (lift > 0n ? 1 : 0);
  return {
    encoding: {
      kind: 'positions',
      a: indices.a,
      b: indices.b,
      lengths,
      alphabet: a.alphabet!,
      same,
      pad,
      firstPad,
      lift,
    },
    shape: fit({
      inner: common * symbols + extra,
      constant,
      product,
      entries: { a: ownWeights, b: [0n, lengths.b > lengths.a ? tail : 1n] },
      weight: common + extra,
    }),
  };
}

function least(...values: readonly [bigint, ...bigint[]]): bigint {
  return hull(...values, 0n)[0];
}

/** What a text of a and a text of b are held against. */
export interface PositionRule {
  readonly name: 'agree' | 'hamming';
  readonly op: Order;
  readonly threshold: Decimal;
}

// Weights with same·(equal) + pad·(both ended) + base ≥ 0 ⇔ the rule. Where both texts are empty, agree is NULL: the weight of both
// having ended at the first position keeps the sum below 0 there.
function weights({ name, op, threshold }: PositionRule, width: bigint) {
  if (name === 'hamming') {
    // distance = width − same − ended
    const { most, above } = wholeBound(op, threshold);
    return above
      ? { same: -1n, pad: -1n, firstPad: -1n, base: width - most - 1n }
      : { same: 1n, pad: 1n, firstPad: 1n, base: most - width };
  }
  const { p, q } = lowestTerms(threshold);
  switch (op) {
    case '>=':
      return { same: q, pad: p, firstPad: p - 1n, base: -p * width };
    case '>':
      return { same: q, pad: p, firstPad: p, base: -p * width - 1n };
    case '<=':
      return { same: -q, pad: -p, firstPad: -p - 1n, base: p * width };
    case '<':
      return { same: -q, pad: -p, firstPad: -p, base: p * width - 1n };
  }
}
