import { printDecimal, trimDecimal } from '@symbolon/sql';
import { keyEquality } from './encode/keys.ts';
import type { CompiledRule } from './rule/compile.ts';
import type { Leaf } from './rule/leaf.ts';
import type { Formula } from './verdict/formula.ts';

/** What an agreement may say beside the rule, in sentences. */
export interface RuleTerms {
  /** Which pairs are compared; all of them, if absent. */
  readonly compared?: readonly string[] | undefined;
  /** What becomes known, to whom. */
  readonly opened?: string | undefined;
}

/** The rule in words for a privacy officer: what is compared, how, and what becomes known. */
export function explainRule(rule: CompiledRule, { compared, opened }: RuleTerms = {}): string[] {
  const how =
    keyEquality(rule) === undefined || compared !== undefined
      ? [
          ...(compared ?? ['Every record of a is compared with every record of b, inside the secure computation:']),
          ...rule.leaves.map((leaf, i) => `  ${letter(i)}. ${leaf.describe} — ${cost(leaf)}`),
        ]
      : [
          'The rule is one equality, so the tables are intersected by key: each key is hashed and encoded under a one-time pad.',
          ...rule.leaves.map((leaf, i) => `  ${letter(i)}. ${leaf.describe}`),
        ];
  return [
    `Rule: ${rule.sql}`,
    ...how,
    `A pair matches where: ${say(rule.verdict, rule.scale)}. A comparison with an empty (NULL) value is neither true nor false.`,
    'Each owner computes from its own records alone:',
    ...(['a', 'b'] as const).flatMap((side) => rule.locals[side].map((local) => `  ${local.name} = ${local.sql}`)),
    opened ??
      'Opened, to both owners: one bit a pair, whether it matches. Not opened: which comparison matched, any score, any near miss, any record.',
  ];
}

function cost({ encoding, shape }: Leaf): string {
  if (shape === undefined) {
    return encoding.kind === 'edit'
      ? `a table of edits, ${2 * encoding.most + 1} cells wide and ${Math.min(encoding.lengths.a, encoding.lengths.b)} long, for each pair`
      : 'every piece of one with every piece of the other, for each pair';
  }
  const [lo, hi] = shape.product.map((bound) => bound + shape.constant) as [bigint, bigint];
  const magnitude = (value: bigint): number => (value < 0n ? -value - 1n : value).toString(2).length;
  return `${shape.inner} numbers a record of ${shape.ring} bits, compared on ${Math.max(magnitude(lo), magnitude(hi)) + 1} bits`;
}

function letter(index: number): string {
  return `C${index + 1}`;
}

function say(formula: Formula, scale: number): string {
  if (typeof formula === 'number') return letter(formula);
  const all = (parts: readonly Formula[], word: string): string =>
    `(${parts.map((part) => say(part, scale)).join(` ${word} `)})`;
  if ('not' in formula) return `not ${say(formula.not, scale)}`;
  if ('score' in formula) {
    const print = (weight: string): string => printDecimal(trimDecimal({ value: BigInt(weight), scale }));
    const parts = formula.score.map(([weight, part]) => `${print(weight)} where ${say(part, scale)}`);
    return `(${print(formula.atLeast)} or more in the sum of ${parts.join(', ')})`;
  }
  return 'and' in formula ? all(formula.and, 'and') : all(formula.or, 'or');
}
