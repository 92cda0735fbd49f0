import type { Ptr } from '../algebra.ts';
import { algebra, ONES } from '../algebra.ts';
import type { ProductsNode, WireType } from '../plan/types.ts';
import type { DealerContext, Masked, Opening, Operation, PartyContext, Round } from './operation.ts';

/** c · ∏ factors, factors by their place in a list. */
export interface Monomial {
  readonly coefficient: bigint;
  readonly factors: readonly number[];
}

/** A set of two or more factors whose product of masks the dealer shares; by its key. */
const keyOf = (factors: readonly number[]): string => factors.toSorted((x, y) => x - y).join();

/** The factors of `term` that stand in the subset `mask`. */
const chosen = (term: Monomial, mask: number): number[] => term.factors.filter((_, k) => (mask >> k) & 1);

/** Every product of two or more masks that some output needs, once, smaller ones first. */
function maskProducts(outputs: readonly (readonly Monomial[])[]): Map<string, number[]> {
  const needed = new Map<string, number[]>();
  for (const term of outputs.flat()) {
    for (let mask = 1; mask < 1 << term.factors.length; mask++) {
      const factors = chosen(term, mask).sort((x, y) => x - y);
      if (factors.length >= 2) needed.set(keyOf(factors), factors);
    }
  }
  return new Map([...needed].sort(([, x], [, y]) => x.length - y.length));
}

/**
 * Sums of products, opened once each (PROTOCOLS §2, "sum of products of ≤ 4 factors"; Patra et al., ABY2.0, 2021, §3.1.4):
 * ∏(Δ_k − λ_k) = Σ_S (−1)^|S| ∏_{k∉S} Δ_k · ∏_{k∈S} λ_k, and party i holds a share of every ∏_{k∈S} λ_k.
 *
 * Runs at: every party. Learns: the outputs under fresh masks. `extra[j]`, where given, is added to this party's share of output j.
 */
export function* openProducts(
  context: PartyContext,
  type: WireType,
  values: readonly Masked[],
  outputs: readonly (readonly Monomial[])[],
  extra: readonly Ptr[] = [],
): Generator<Round, Opening[], void> {
  const { fold, add } = algebra(context.abi, type);
  const shares = new Map([...maskProducts(outputs).keys()].map((key) => [key, context.share(type)]));
  const openings = outputs.map(() => context.opening(type));
  for (const [j, terms] of outputs.entries()) {
    const { delta } = openings[j]!;
    for (const term of terms) {
      const subsets = Array.from({ length: 1 << term.factors.length }, (_, mask): Ptr => {
        const factors = chosen(term, mask);
        if (factors.length === 0) return context.first ? ONES : 0;
        return factors.length === 1 ? values[factors[0]!]!.lambda : shares.get(keyOf(factors))!;
      });
      const deltas = context.pointers(term.factors.map((k) => values[k]!.delta));
      fold(delta, deltas, context.pointers(subsets), term.coefficient, term.factors.length, type.size);
    }
    if (extra[j]) add(delta, delta, extra[j], type.size);
  }
  yield openings;
  return openings;
}

/** Runs at: the dealer. The masks of the outputs; the corrections are shares of every product of masks that is needed. */
export function dealProducts(
  context: DealerContext,
  type: WireType,
  lambdas: readonly Ptr[],
  outputs: readonly (readonly Monomial[])[],
): Ptr[] {
  const { multiply, fill } = algebra(context.abi, type);
  const zero = context.temp(type);
  fill(zero, 0n, type.size);
  const lambda = (k: number): Ptr => lambdas[k] || zero;
  const products = new Map<string, Ptr>();
  for (const [key, factors] of maskProducts(outputs)) {
    const product = context.temp(type);
    const rest = factors.slice(0, -1);
    multiply(
      product,
      rest.length === 1 ? lambda(rest[0]!) : products.get(keyOf(rest))!,
      lambda(factors.at(-1)!),
      type.size,
    );
    products.set(key, product);
    context.correct(product, type);
  }
  return outputs.map(() => context.mask(type));
}

export const products: Operation<ProductsNode> = {
  clear(node, inputs, type) {
    const value = new Map(node.in.map((wire, k) => [wire, inputs[k]!]));
    return node.outputs.map((terms, j) => {
      const out = type(node.out[j]!);
      return inputs[0]!.map((_, i) => {
        const total = (times: (x: bigint, y: bigint) => bigint, plus: (x: bigint, y: bigint) => bigint): bigint =>
          terms.reduce(
            (sum, { coefficient, factors }) =>
              plus(
                sum,
                factors.reduce((product, wire) => times(product, value.get(wire)![i]!), BigInt(coefficient)),
              ),
            0n,
          );
        return out.kind === 'bits'
          ? total(
              (x, y) => x & y,
              (x, y) => x ^ y,
            )
          : BigInt.asUintN(
              out.bits,
              total(
                (x, y) => x * y,
                (x, y) => x + y,
              ),
            );
      });
    });
  },
  dealer(node, context) {
    const lambdas = node.in.map((wire) => context.lambda(wire));
    for (const [j, lambda] of dealProducts(context, context.type(node.out[0]!), lambdas, monomials(node)).entries()) {
      context.output(node.out[j]!, lambda);
    }
  },
  *party(node, context) {
    const values = node.in.map((wire) => context.masked(wire));
    const opened = yield* openProducts(context, context.type(node.out[0]!), values, monomials(node));
    for (const [j, value] of opened.entries()) context.output(node.out[j]!, value);
  },
};

function monomials(node: ProductsNode): Monomial[][] {
  return node.outputs.map((terms) =>
    terms.map((term) => ({
      coefficient: BigInt(term.coefficient),
      factors: term.factors.map((wire) => node.in.indexOf(wire)),
    })),
  );
}
