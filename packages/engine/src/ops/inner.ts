import type { Ptr } from '../algebra.ts';
import { algebra, ringAlgebra } from '../algebra.ts';
import type { DotNode, MatmulNode, WireType } from '../plan/types.ts';
import type { ClearValue, LocalContext, Operation, PartyContext } from './operation.ts';

type RingType = WireType & { kind: 'ring' };

interface Bilinear<Node> {
  clear(node: Node, x: ClearValue, y: ClearValue): bigint[];
  /** out += f(x, y) */
  accumulate(node: Node, context: LocalContext, out: Ptr, x: Ptr, y: Ptr): void;
}

/**
 * One opening an output element, whatever the inner length (PROTOCOLS §2). With f bilinear,
 * f(Δx − λx, Δy − λy) = f(Δx, Δy) − f(λx, Δy) − f(Δx, λy) + f(λx, λy): party i adds f([i=0]Δx − λx_i, Δy) + f(Δx, −λy_i)
 * and its share of f(λx, λy). An owner's input has no mask share elsewhere: there one of the two terms falls away.
 */
export function bilinear<Node extends DotNode | MatmulNode>(map: Bilinear<Node>): Operation<Node> {
  return {
    clear(node, [x, y], type) {
      const { bits } = type(node.out[0]!) as RingType;
      return [map.clear(node, x!, y!).map((value) => BigInt.asUintN(bits, value))];
    },
    dealer(node, context) {
      const [x, y] = node.in.map((wire) => context.lambda(wire));
      const type = context.type(node.out[0]!);
      const product = context.temp(type);
      algebra(context.abi, type).fill(product, 0n, type.size);
      if (x !== 0 && y !== 0) map.accumulate(node, context, product, x!, y!);
      context.correct(product, type);
      context.output(node.out[0]!, context.mask(type));
    },
    *party(node, context) {
      const [x, y] = node.in.map((wire) => context.masked(wire));
      const type = context.type(node.out[0]!);
      const share = context.share(type);
      const opening = context.opening(type);
      const left = minus(context, x!.type, context.first ? x!.delta : 0, x!.lambda);
      if (left !== 0) map.accumulate(node, context, opening.delta, left, y!.delta);
      const right = minus(context, y!.type, 0, y!.lambda);
      if (right !== 0) map.accumulate(node, context, opening.delta, x!.delta, right);
      algebra(context.abi, type).add(opening.delta, opening.delta, share, type.size);
      yield [opening];
      context.output(node.out[0]!, opening);
    },
  };
}

/** plain − mask, where 0 is the zero vector. */
export function minus(context: PartyContext, type: WireType, plain: Ptr, mask: Ptr): Ptr {
  if (mask === 0) return plain;
  const { fill, subtract } = algebra(context.abi, type);
  const difference = context.temp(type);
  if (plain === 0) fill(difference, 0n, type.size);
  subtract(difference, plain === 0 ? difference : plain, mask, type.size);
  return difference;
}

export const dot: Operation<DotNode> = bilinear({
  clear: (_, x, y) => [x.reduce((sum, value, i) => sum + value * y[i]!, 0n)],
  accumulate(node, context, out, x, y) {
    const type = context.type(node.out[0]!) as RingType;
    const ring = ringAlgebra(context.abi, type.bits);
    const inner = context.temp(type);
    ring.fill(inner, ring.dot(x, y, context.type(node.in[0]!).size), 1);
    ring.add(out, out, inner, 1);
  },
});
