/** A condition over leaves: the number of a leaf, or AND, OR, NOT. Two-valued. */
export type Formula =
  | number
  | { readonly and: readonly Formula[] }
  | { readonly or: readonly Formula[] }
  | { readonly not: Formula };

/** How deep and how large a formula may be. */
export const formulaLimits = { depth: 12, size: 128 };

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
