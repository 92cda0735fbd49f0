import { SymbolonError } from '@symbolon/crypto';

/** A condition over leaves: the number of a leaf, or AND, OR, NOT. Two-valued. */
export type Formula =
  | number
  | { readonly and: readonly Formula[] }
  | { readonly or: readonly Formula[] }
  | { readonly not: Formula };

/** How deep and how large a formula may be. */
export const formulaLimits = { depth: 12, size: 128 };

// Of a formula that is being built: parts may still turn out to be constant.
const maxDraft = 16 * formulaLimits.size;

export function tooLong(): SymbolonError {
  return new SymbolonError('rule-unsupported', 'the rule has too many AND, OR and CASE; write it shorter');
}

/** A formula that may have become constant while it was built. */
export type Draft = Formula | boolean;

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

/** The leaves of a formula, ascending. */
export function leavesOf(formula: Formula): number[] {
  const found = new Set<number>();
  const visit = (part: Formula): void => {
    if (typeof part === 'number') found.add(part);
    else if ('not' in part) visit(part.not);
    else for (const inner of 'and' in part ? part.and : part.or) visit(inner);
  };
  visit(formula);
  return [...found].sort((x, y) => x - y);
}

/** Numbers, ANDs, ORs and NOTs in a formula. */
export function sizeOf(formula: Formula): number {
  return 1 + partsOf(formula).reduce<number>((sum, part) => sum + sizeOf(part), 0);
}

/** Levels of a formula; a leaf has none. */
export function depthOf(formula: Formula): number {
  return typeof formula === 'number' ? 0 : 1 + Math.max(...partsOf(formula).map(depthOf));
}

function partsOf(formula: Formula): readonly Formula[] {
  if (typeof formula === 'number') return [];
  if ('not' in formula) return [formula.not];
  return 'and' in formula ? formula.and : formula.or;
}

/** The same formula over leaves with other numbers. */
export function renumber(formula: Formula, to: (leaf: number) => number): Formula {
  if (typeof formula === 'number') return to(formula);
  if ('not' in formula) return { not: renumber(formula.not, to) };
  return 'and' in formula
    ? { and: formula.and.map((part) => renumber(part, to)) }
    : { or: formula.or.map((part) => renumber(part, to)) };
}

export function evaluate(formula: Formula, leaf: (index: number) => boolean): boolean {
  if (typeof formula === 'number') return leaf(formula);
  if ('not' in formula) return !evaluate(formula.not, leaf);
  return 'and' in formula
    ? formula.and.every((part) => evaluate(part, leaf))
    : formula.or.some((part) => evaluate(part, leaf));
}

/**
 * Algebraic normal form over at most a few leaves: a set of monomials whose XOR is the formula; bit i of a monomial stands for
 * `leaves[i]`, monomial 0 for the constant 1. `inverted` leaves are given as their negation. (Möbius transform of the truth table.)
 */
export function normalForm(formula: Formula, leaves: readonly number[], inverted: (leaf: number) => boolean): number[] {
  const size = 1 << leaves.length;
  const table = Array.from({ length: size }, (_, row) =>
    evaluate(formula, (leaf) => (((row >> leaves.indexOf(leaf)) & 1) === 1) !== inverted(leaf)),
  );
  for (let step = 1; step < size; step <<= 1) {
    for (let row = 0; row < size; row++) if (row & step) table[row] = table[row] !== table[row ^ step];
  }
  return table.flatMap((set, monomial) => (set ? [monomial] : []));
}
