import { SymbolonError } from '@symbolon/crypto';
import { type Formula, formulaLimits, sizeOf } from '../verdict/formula.ts';

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
