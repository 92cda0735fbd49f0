import { hull, lowestTerms } from '@symbolon/sql';
import { type Encoding, fit, type Shape } from './leaf.ts';
import type { Measure } from './measure.ts';
import type { Side } from './value.ts';

/** Numbers of a vector that all pairs take at most. */
const longest = 2 ** 16;

/**
 * `jaccard` or `dice` against a threshold. Source: with I = |A ∩ B| and n = |A| + |B|, I/(n − I) ≥ p/q ⇔ (q + p)·I − p·n ≥ 0, and
 * 2·I/n ≥ p/q ⇔ 2q·I − p·n ≥ 0. The vectors are A and B over all q-grams, one-hot, then |A| and |B|; where equality counts, a last
 * coordinate takes out the pairs of two empty sets. No shape where all q-grams are too many.
 */
export function qgrams(
  { name, op, threshold, q, a, b }: Measure,
  indices: Readonly<Record<Side, number>>,
): { encoding: Encoding & { kind: 'qgrams' }; shape: Shape | undefined } {
  const terms = lowestTerms(threshold);
  const sign = op === '>=' || op === '>' ? 1n : -1n;
  const common = sign * (name === 'jaccard' ? terms.q + terms.p : 2n * terms.q);
  const each = -sign * terms.p;
  const strict = op === '<' || op === '>' ? 1n : 0n;
  const lengths = { a: a.maxLength!, b: b.maxLength! };
  const encoding = { kind: 'qgrams', ...indices, lengths, alphabet: a.alphabet!, q: q!, common, each, strict } as const;
  const inner = [...a.alphabet!].length ** q! + (strict === 0n ? 3 : 2);
  if (inner > longest) return { encoding, shape: undefined };
  const most = { a: Math.max(0, lengths.a - q! + 1), b: Math.max(0, lengths.b - q! + 1) };
  const fewer = BigInt(Math.min(most.a, most.b));
  const all = each * BigInt(most.a + most.b);
  const lift = 1n - strict;
  const [lo, hi] = hull(0n, all, common * fewer + all, (common + 2n * each) * fewer);
  const shape = fit({
    inner,
    constant: -1n,
    product: [lo, hi + lift],
    entries: {
      a: hull(-1n, 1n, common, lift, each * BigInt(most.a) + lift),
      b: hull(0n, 1n, each * BigInt(most.b)),
    },
    weight: Math.min(inner, Math.max(most.a, most.b) + 3),
  });
  return { encoding, shape };
}
