/** A condition over leaves: the number of a leaf, or AND, OR, NOT, or a threshold gate. Two-valued. */
export type Formula =
  | number
  | { readonly and: readonly Formula[] }
  | { readonly or: readonly Formula[] }
  | { readonly not: Formula }
  | Gate;

/** The weights of the parts that hold add up to `atLeast` or more. Whole numbers, as decimals. */
export interface Gate {
  readonly score: readonly (readonly [weight: string, of: Formula])[];
  readonly atLeast: string;
}

export function isGate(formula: Formula): formula is Gate {
  return typeof formula !== 'number' && 'score' in formula;
}

/** How deep and how large a formula may be, how long a list in it; `score`: what the weights of a gate and its bound add up to, without signs. */
export const formulaLimits = { depth: 12, size: 256, parts: 64, score: 2n ** 30n };

/** Sum of the weights and the bound of a gate, without signs. */
export function magnitude(weights: readonly bigint[], bound: bigint): bigint {
  const size = (value: bigint): bigint => (value < 0n ? -value : value);
  return weights.reduce((sum, weight) => sum + size(weight), size(bound));
}

/** The leaves of a formula, ascending. */
export function leavesOf(formula: Formula): number[] {
  const found = new Set<number>();
  const visit = (part: Formula): void => {
    if (typeof part === 'number') found.add(part);
    else partsOf(part).forEach(visit);
  };
  visit(formula);
  return [...found].sort((x, y) => x - y);
}

/** Numbers, ANDs, ORs, NOTs and gates in a formula. */
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
  if ('score' in formula) return formula.score.map(([, part]) => part);
  return 'and' in formula ? formula.and : formula.or;
}

/** The same formula over leaves with other numbers. */
export function renumber(formula: Formula, to: (leaf: number) => number): Formula {
  if (typeof formula === 'number') return to(formula);
  if ('not' in formula) return { not: renumber(formula.not, to) };
  if ('score' in formula)
    return { ...formula, score: formula.score.map(([weight, part]) => [weight, renumber(part, to)]) };
  return 'and' in formula
    ? { and: formula.and.map((part) => renumber(part, to)) }
    : { or: formula.or.map((part) => renumber(part, to)) };
}

export function evaluate(formula: Formula, leaf: (index: number) => boolean): boolean {
  if (typeof formula === 'number') return leaf(formula);
  if ('not' in formula) return !evaluate(formula.not, leaf);
  if ('score' in formula) {
    const weights = formula.score.map(([weight, part]) => (evaluate(part, leaf) ? BigInt(weight) : 0n));
    return weights.reduce((sum, weight) => sum + weight, 0n) >= BigInt(formula.atLeast);
  }
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
