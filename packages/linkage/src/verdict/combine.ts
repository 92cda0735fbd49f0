import type { PlanBuilder, Wire } from '@symbolon/engine';
import { type Formula, leavesOf, normalForm } from './formula.ts';

interface Variable {
  readonly wire: Wire;
  /** The wire holds the negation. */
  readonly inverted: boolean;
}

/**
 * Bits of a formula, in as few rounds as products of four factors allow: whatever depends on at most four bits becomes its algebraic
 * normal form, one opening; larger formulas are packed into such parts, level by level.
 * @param below for each leaf the bits that say it is false
 */
export function combine(builder: PlanBuilder, formula: Formula, below: readonly Wire[]): Wire {
  const variables: Variable[] = below.map((wire) => ({ wire, inverted: true }));
  const variable = (wire: Wire): number => variables.push({ wire, inverted: false }) - 1;

  const emit = (part: Formula): Wire => {
    const leaves = leavesOf(part);
    const monomials = normalForm(part, leaves, (leaf) => variables[leaf]!.inverted);
    const factors = (monomial: number): Wire[] =>
      leaves.filter((_, i) => (monomial >> i) & 1).map((leaf) => variables[leaf]!.wire);
    const constant = monomials.includes(0) ? 1 : 0;
    const terms = monomials.filter((monomial) => monomial !== 0).map((monomial) => ({ factors: factors(monomial) }));
    if (terms.length === 0) {
      const any = variables[leaves[0]!]!.wire;
      return builder.xor([any, any], constant);
    }
    if (terms.every((term) => term.factors.length === 1)) {
      return builder.xor(
        terms.map((term) => term.factors[0]!),
        constant,
      );
    }
    const sum = builder.products([terms])[0]!;
    return constant === 1 ? builder.not(sum) : sum;
  };

  const lower = (part: Formula): Wire => {
    if (leavesOf(part).length <= 4) return emit(part);
    if (typeof part === 'number') throw new TypeError('a leaf is one bit');
    if ('not' in part) return emit({ not: variable(lower(part.not)) });
    const connect = (parts: readonly Formula[]): Formula =>
      parts.length === 1 ? parts[0]! : 'and' in part ? { and: parts } : { or: parts };
    let parts: readonly Formula[] = ('and' in part ? part.and : part.or).map((inner) =>
      leavesOf(inner).length <= 4 ? inner : variable(lower(inner)),
    );
    for (;;) {
      const groups = pack(parts);
      if (groups.length === 1) return emit(connect(groups[0]!));
      parts = groups.map((group) =>
        group.length === 1 && typeof group[0] === 'number' ? group[0] : variable(emit(connect(group))),
      );
    }
  };
  return lower(formula);
}

/** Groups of parts that depend on at most four bits together, first fit, most bits first. */
function pack(parts: readonly Formula[]): Formula[][] {
  const groups: Formula[][] = [];
  for (const part of parts.toSorted((x, y) => leavesOf(y).length - leavesOf(x).length)) {
    const group = groups.find((candidate) => leavesOf({ and: [...candidate, part] }).length <= 4);
    if (group === undefined) groups.push([part]);
    else group.push(part);
  }
  return groups;
}
