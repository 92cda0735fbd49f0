import { addDecimal, atScale, type Decimal, type Node, timesDecimal, trimDecimal, zero } from '@symbolon/sql';
import { and, atLeast, type Draft, not, or } from './draft.ts';
import { isOrder, type Order } from './measure.ts';
import type { Predicate } from './predicate.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/** A part of a weighted sum (Fellegi and Sunter 1969): a number that conditions on a pair decide. */
export type ScoreTerm =
  | {
      readonly kind: 'case';
      readonly arms: readonly (readonly [when: Predicate, weight: Decimal])[];
      readonly otherwise: Decimal;
    }
  /** weight · CAST(of AS INTEGER): NULL where `of` is. */
  | { readonly kind: 'truth'; readonly of: Predicate; readonly weight: Decimal };

/** Σ terms + constant. */
export interface Score {
  readonly terms: readonly ScoreTerm[];
  readonly constant: Decimal;
}

/** A weighted sum held against a constant. */
export interface Scored {
  readonly kind: 'score';
  readonly terms: readonly ScoreTerm[];
  readonly op: Order;
  readonly threshold: Decimal;
}

const maxDecimals = 6;

/** A value as a weighted sum, where it is one. */
export function scoreOf(value: Value | undefined): Score | undefined {
  if (value?.kind === 'score' || value?.kind === 'sum') return value.score;
  if (value?.kind !== 'local') return undefined;
  return typeof value.literal === 'object' ? { terms: [], constant: value.literal } : value.score;
}

/** The constant that a value is. */
export function constantOf(value: Value | undefined): Decimal | undefined {
  const score = scoreOf(value);
  return score?.terms.length === 0 ? score.constant : undefined;
}

/** The sum of all; undefined where one is none. */
export function addScores(scores: readonly (Score | undefined)[]): Score | undefined {
  const known = scores.filter((score) => score !== undefined);
  if (known.length < scores.length) return undefined;
  return {
    terms: known.flatMap((score) => score.terms),
    constant: known.reduce((sum, score) => addDecimal(sum, score.constant), zero),
  };
}

export function scaleScore(score: Score, factor: Decimal): Score {
  const scaled = (weight: Decimal): Decimal => timesDecimal(weight, factor);
  return {
    terms: score.terms.map((term) =>
      term.kind === 'truth'
        ? { ...term, weight: scaled(term.weight) }
        : {
            ...term,
            arms: term.arms.map(([when, weight]) => [when, scaled(weight)]),
            otherwise: scaled(term.otherwise),
          },
    ),
    constant: scaled(score.constant),
  };
}

/** x · y, where one of them is a constant. */
export function multiplyScores(x: Score | undefined, y: Score | undefined): Score | undefined {
  if (x === undefined || y === undefined) return undefined;
  if (x.terms.length === 0) return scaleScore(y, x.constant);
  return y.terms.length === 0 ? scaleScore(x, y.constant) : undefined;
}

/** A weighted sum op another, or a constant. */
export function scored(op: string, left: Value, right: Value, at: Node, scope: Scope): Scored {
  const [x, y] = [scoreOf(left), scoreOf(right)];
  const difference = addScores([x, y && scaleScore(y, { value: -1n, scale: 0 })]);
  if (difference === undefined)
    throw scope.refuse(at, 'a weighted sum is compared with a constant: CASE … END + CASE … END >= 6.5');
  if (!isOrder(op)) throw scope.refuse(at, `a weighted sum is compared with <, <=, > or >=, not with ${op}`);
  const threshold = timesDecimal(difference.constant, { value: -1n, scale: 0 });
  const result: Scored = { kind: 'score', terms: difference.terms, op, threshold };
  if (scaleOfScore(result) > maxDecimals)
    throw scope.refuse(at, `weights have at most ${maxDecimals} digits behind the point`);
  return result;
}

/** Digits behind the point that the weights and the bound need. */
export function scaleOfScore({ terms, threshold }: Scored): number {
  const weights = terms.flatMap((term) =>
    term.kind === 'truth' ? [term.weight] : [term.otherwise, ...term.arms.map(([, weight]) => weight)],
  );
  return Math.max(...[threshold, ...weights].map((weight) => trimDecimal(weight).scale));
}

/**
 * Whether a weighted sum lies where it is wanted, as a threshold gate over weights times 10^scale. An arm of a CASE holds where none
 * before it does; what it adds to ELSE is its weight in the gate. `holds` says where a condition is TRUE, or FALSE.
 */
export function gate(
  { terms, op, threshold }: Scored,
  wanted: boolean,
  scale: number,
  holds: (of: Predicate, value: boolean) => Draft,
): Draft {
  const whole = (weight: Decimal): bigint => atScale(trimDecimal(weight), scale);
  let bound = whole(threshold) + (op === '>' || op === '<=' ? 1n : 0n);
  const parts: [weight: bigint, of: Draft][] = [];
  const known: Draft[] = [];
  for (const term of terms) {
    if (term.kind === 'truth') {
      const is = holds(term.of, true);
      parts.push([whole(term.weight), is]);
      known.push(or(is, holds(term.of, false)));
      continue;
    }
    const otherwise = whole(term.otherwise);
    const before: Draft[] = [];
    for (const [when, weight] of term.arms) {
      const is = holds(when, true);
      parts.push([whole(weight) - otherwise, and(...before, is)]);
      before.push(not(is));
    }
    bound -= otherwise;
  }
  const reached = atLeast(parts, bound);
  return and(...known, (op === '>=' || op === '>') === wanted ? reached : not(reached));
}
