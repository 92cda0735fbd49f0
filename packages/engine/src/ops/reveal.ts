import { algebra } from '../algebra.ts';
import type { KeepNode, RevealNode } from '../plan/types.ts';
import { minus } from './inner.ts';
import type { Operation } from './operation.ts';

/**
 * Every party sends λ_i + zero_i to those who may know; x = Δ − λ. The fresh sharing of zero is what keeps the opening of a sum
 * of two owners' inputs from handing over each owner's mask: a λ share never goes out bare.
 *
 * Runs at: every party. Learns: x, at the parties `to`; nothing elsewhere.
 */
export const reveal: Operation<RevealNode> = {
  clear: () => [],
  dealer: () => undefined,
  *party(node, context) {
    const x = context.masked(node.in[0]!);
    const { add, subtract } = algebra(context.abi, x.type);
    const share = context.zeroShare(x.type);
    if (x.lambda !== 0) add(share, share, x.lambda, x.type.size);
    yield [{ type: x.type, share, to: node.to }];
    subtract(share, x.delta, share, x.type.size);
    if (node.to.includes(context.index)) context.yields(node.name, x.type, share);
  },
};

/**
 * x = (Δ − λ_0) − Σ_{i>0} λ_i, one summand a party. Nothing is sent, so nobody's view changes.
 *
 * Runs at: every party. Learns: its share.
 */
export const keep: Operation<KeepNode> = {
  clear: () => [],
  dealer: () => undefined,
  // biome-ignore lint/correctness/useYield: nothing is opened
  *party(node, context) {
    const { type, delta, lambda } = context.masked(node.in[0]!);
    context.yields(node.name, type, minus(context, type, context.first ? delta : 0, lambda));
  },
};
