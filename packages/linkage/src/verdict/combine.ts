import type { PlanBuilder, Ring, Wire } from '@symbolon/engine';
import { type Formula, type Gate, leavesOf, magnitude, normalForm } from './formula.ts';

interface Variable {
  readonly wire: Wire;
  /** The wire holds the negation. */
  readonly inverted: boolean;
}

/**
 * Bits of a formula, in as few rounds as products of four factors allow: whatever depends on at most four bits becomes its algebraic
 * normal form, one opening; larger formulas are packed into such parts, level by level; a gate over more bits is a sum and its sign.
 * @param below for each leaf the bits that say it is false
 */
export function combine(builder: PlanBuilder, formula: Formula, below: readonly Wire[]): Wire {
  const verdict = new Verdict(builder, below);
  return verdict.wire(verdict.lower(formula));
}

/**
 * The same; and where the whole formula is one gate, its score: how far the sum lies above `atLeast`, negative where the verdict is false.
 * @param ring of the score; the narrowest that holds it by default
 */
export function combineScored(
  builder: PlanBuilder,
  formula: Formula,
  below: readonly Wire[],
  ring?: Ring,
): { verdict: Wire; score: Wire | undefined } {
  if (typeof formula === 'number' || !('score' in formula))
    return { verdict: combine(builder, formula, below), score: undefined };
  const score = scoreOf(builder, formula, below, ring);
  return { verdict: builder.not(builder.lessThanZero(score)), score };
}

/** The score of a gate alone, as `combineScored` gives it. */
export function scoreOf(builder: PlanBuilder, gate: Gate, below: readonly Wire[], ring?: Ring): Wire {
  return new Verdict(builder, below).score(gate, ring);
}

/** Bits of parts of a formula, numbered from the leaves on. */
class Verdict {
  readonly #builder: PlanBuilder;
  readonly #variables: Variable[];

  constructor(builder: PlanBuilder, below: readonly Wire[]) {
    this.#builder = builder;
    this.#variables = below.map((wire) => ({ wire, inverted: true }));
  }

  /** Where a variable is true. */
  wire(variable: number): Wire {
    const { wire, inverted } = this.#variables[variable]!;
    return inverted ? this.#builder.not(wire) : wire;
  }

  /** The variable that holds a formula. */
  lower(part: Formula): number {
    if (typeof part === 'number') return part;
    if (leavesOf(part).length <= 4) return this.#emit(part);
    if ('not' in part) {
      const { wire, inverted } = this.#variables[this.lower(part.not)]!;
      return this.#add(wire, !inverted);
    }
    if ('score' in part) return this.#add(this.#builder.lessThanZero(this.score(part)), true);
    const connect = (parts: readonly Formula[]): Formula =>
      parts.length === 1 ? parts[0]! : 'and' in part ? { and: parts } : { or: parts };
    let parts: readonly Formula[] = ('and' in part ? part.and : part.or).map((inner) =>
      leavesOf(inner).length <= 4 ? inner : this.lower(inner),
    );
    for (;;) {
      const groups = pack(parts);
      if (groups.length === 1) return this.lower(connect(groups[0]!));
      parts = groups.map((group) => this.lower(connect(group)));
    }
  }

  /** Σ weight · part − atLeast. */
  score({ score, atLeast }: Gate, ring?: Ring): Wire {
    let constant = -BigInt(atLeast);
    const terms = score.map(([weight, part]) => {
      const { wire, inverted } = this.#variables[this.lower(part)]!;
      if (!inverted) return [BigInt(weight), wire] as const;
      constant += BigInt(weight);
      return [-BigInt(weight), wire] as const;
    });
    const weights = score.map(([weight]) => BigInt(weight));
    const narrow = magnitude(weights, BigInt(atLeast)) < 2n ** 15n;
    return this.#builder.weigh(terms, constant, ring ?? (narrow ? 16 : 32));
  }

  // The algebraic normal form of a formula over at most four variables.
  #emit(part: Formula): number {
    const leaves = leavesOf(part);
    const monomials = normalForm(part, leaves, (leaf) => this.#variables[leaf]!.inverted);
    const factors = (monomial: number): Wire[] =>
      leaves.filter((_, i) => (monomial >> i) & 1).map((leaf) => this.#variables[leaf]!.wire);
    const inverted = monomials.includes(0);
    const terms = monomials.filter((monomial) => monomial !== 0).map((monomial) => ({ factors: factors(monomial) }));
    if (terms.length === 0) {
      const any = this.#variables[leaves[0]!]!.wire;
      return this.#add(this.#builder.xor([any, any]), inverted);
    }
    const linear = terms.every((term) => term.factors.length === 1);
    const sum = linear ? this.#builder.xor(terms.map((term) => term.factors[0]!)) : this.#builder.products([terms])[0]!;
    return this.#add(sum, inverted);
  }

  #add(wire: Wire, inverted: boolean): number {
    return this.#variables.push({ wire, inverted }) - 1;
  }
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
