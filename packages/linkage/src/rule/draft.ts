import { SymbolonError } from '@symbolon/crypto';
import { type Formula, formulaLimits, magnitude, sizeOf } from '../verdict/formula.ts';

/** A formula that may have become constant while it was built. */
export type Draft = Formula | boolean;

// Of a formula that is being built: parts may still turn out to be constant.
const maxDraft = 16 * formulaLimits.size;

export function tooLong(): SymbolonError {
  return new SymbolonError('rule-unsupported', 'the rule has too many AND, OR and CASE; write it shorter');
}

export function and(...parts: readonly Draft[]): Draft {
  return connect('and', parts);
}

export function or(...parts: readonly Draft[]): Draft {
  return connect('or', parts);
}

export function not(of: Draft): Draft {
  if (typeof of === 'boolean') return !of;
  return typeof of === 'object' && 'not' in of ? of.not : { not: of };
}

// `and` is true where nothing is left, `or` false; the other value decides at once.
function connect(kind: 'and' | 'or', parts: readonly Draft[]): Draft {
  const empty = kind === 'and';
  const flat = parts.flatMap((part): readonly Draft[] => {
    if (typeof part !== 'object') return [part];
    if (kind === 'and') return 'and' in part ? part.and : [part];
    return 'or' in part ? part.or : [part];
  });
  if (flat.includes(!empty)) return !empty;
  const distinct = new Map(
    flat.filter((part) => typeof part !== 'boolean').map((part) => [JSON.stringify(part), part]),
  );
  const left = [...distinct.values()];
  if (left.length <= 1) return left[0] ?? empty;
  if (left.reduce<number>((sum, part) => sum + sizeOf(part), 0) > maxDraft) throw tooLong();
  return kind === 'and' ? { and: left } : { or: left };
}

/** Whether the weights of the parts that hold add up to `bound` or more. */
export function atLeast(parts: readonly (readonly [weight: bigint, of: Draft])[], bound: bigint): Draft {
  const merged = new Map<string, [weight: bigint, of: Formula]>();
  let least = bound;
  for (const [weight, of] of parts) {
    if (of === true) least -= weight;
    if (typeof of === 'boolean') continue;
    const key = JSON.stringify(of);
    merged.set(key, [(merged.get(key)?.[0] ?? 0n) + weight, of]);
  }
  const left = [...merged.values()].filter(([weight]) => weight !== 0n);
  const total = (sign: 1n | -1n): bigint =>
    left.reduce((sum, [weight]) => sum + (weight * sign > 0n ? weight : 0n), 0n);
  if (total(-1n) >= least) return true;
  if (total(1n) < least) return false;
  const [only] = left;
  if (left.length === 1) return only![0] > 0n ? only![1] : not(only![1]);
  requireBounds(left, least);
  return { score: left.map(([weight, of]) => [String(weight), of]), atLeast: String(least) };
}

function requireBounds(parts: readonly (readonly [weight: bigint, of: Formula])[], bound: bigint): void {
  const { parts: most, score } = formulaLimits;
  if (parts.length > most)
    throw new SymbolonError('rule-unsupported', `a weighted sum depends on at most ${most} conditions`);
  if (
    magnitude(
      parts.map(([weight]) => weight),
      bound,
    ) >= score
  )
    throw new SymbolonError(
      'rule-unsupported',
      `the weights of a sum, as whole numbers, add up to ${score} or more; write fewer digits behind the point`,
    );
  if (parts.reduce((sum, [, part]) => sum + sizeOf(part), 0) > maxDraft) throw tooLong();
}
