import type { Ptr } from '../algebra.ts';
import { algebra } from '../algebra.ts';
import type { PermuteNode, WireType } from '../plan/types.ts';
import type { Operation, PartyContext } from './operation.ts';
import { peersOf } from './operation.ts';

const indices = (size: number): WireType => ({ kind: 'ring', bits: 32, size });

/** τ = π⁻¹∘ρ; π and ρ are needed no more. Runs at: p0. */
function hiddenOrder(node: PermuteNode, context: PartyContext, fresh: Ptr, size: number): Ptr {
  const [inverse, given] = [context.inverse(fresh, size), context.givenOrder(node)];
  const tau = context.gather(indices(size), inverse, given);
  for (const order of [fresh, inverse, given]) context.release(order);
  return tau;
}

/**
 * Columns in an order ρ that p0 alone knows (PROTOCOLS §2, "permutation known to one party"; in the manner of Asharov et al., 2022). π is
 * fresh and uniform, known to p0 and the dealer. The dealer shares π(λ), so the parties share π(x) = π(Δ) − π(λ), of which p0 alone
 * adds π(Δ). p0 broadcasts τ = π⁻¹∘ρ, uniform whatever ρ; all apply it to their shares and open τ(π(x)) = ρ(x) under fresh masks. As nobody but
 * p0 needs π(Δ), it is not broadcast.
 *
 * Runs at: every party. Learns: τ and masked values.
 */
export const permute: Operation<PermuteNode> = {
  clear(_, [order, ...columns]) {
    return columns.map((column) => order!.map((at) => column[Number(at)]!));
  },
  dealer(node, context) {
    const order = context.freshOrder(context.type(node.in[0]!).size, 0);
    for (const wire of node.in) {
      const type = context.type(wire);
      const permuted = context.gather(type, context.lambda(wire), order);
      context.correct(permuted, type);
      context.release(permuted);
    }
    for (const wire of node.out) context.output(wire, context.mask(context.type(wire)));
  },
  *party(node, context) {
    const { first, type } = context;
    const { size } = type(node.in[0]!);
    const order = first ? context.freshOrder(size) : 0;
    const shares = node.in.map((wire) => {
      const x = context.masked(wire);
      const share = context.share(x.type);
      if (!first) return share;
      const permuted = context.gather(x.type, x.delta, order);
      algebra(context.abi, x.type).subtract(permuted, permuted, share, size);
      return permuted;
    });
    const tau = first ? hiddenOrder(node, context, order, size) : context.temp(indices(size));
    yield [{ type: indices(size), value: tau, from: 0, to: peersOf(0, context.parties) }];
    if (!first) context.requireOrder(tau, size, 0);
    const openings = node.in.map((wire, j) => {
      const opening = context.opening(type(wire));
      const share = context.gather(opening.type, shares[j]!, tau);
      const { add, subtract } = algebra(context.abi, opening.type);
      (first ? add : subtract)(opening.delta, opening.delta, share, size);
      context.release(share);
      context.release(shares[j]!);
      return opening;
    });
    yield openings;
    for (const [j, opening] of openings.entries()) context.output(node.out[j]!, opening);
  },
};
