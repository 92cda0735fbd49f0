import type { Ptr } from '../algebra.ts';
import { algebra, ringAlgebra } from '../algebra.ts';
import type {
  LinearNode,
  NarrowNode,
  PlanNode,
  PrefixSumNode,
  SliceNode,
  SumNode,
  Wire,
  WireType,
  XorNode,
} from '../plan/types.ts';
import type { ClearValue, LocalContext, Operation, PartyContext } from './operation.ts';

/** A linear map: applied to Δ and to every share of λ alike; `constant` is the part that goes to Δ alone. */
interface LinearMap<Node extends PlanNode> {
  clear(node: Node, inputs: readonly ClearValue[], type: (wire: Wire) => WireType): ClearValue;
  /** `inputs` may be 0: the zero vector. Not called when all are. */
  apply(node: Node, context: LocalContext, inputs: readonly Ptr[]): Ptr;
  constant?(node: Node): bigint;
}

/** out += constant, everywhere. */
export function addConstant(context: PartyContext, type: WireType, out: Ptr, constant: bigint): void {
  if (constant === 0n) return;
  const { add, fill } = algebra(context.abi, type);
  const shift = context.temp(type);
  fill(shift, constant, type.size);
  add(out, out, shift, type.size);
  context.release(shift);
}

export function localOperation<Node extends PlanNode>(map: LinearMap<Node>): Operation<Node> {
  const lambda = (node: Node, context: LocalContext, inputs: readonly Ptr[]): Ptr =>
    inputs.every((input) => input === 0) ? 0 : map.apply(node, context, inputs);
  return {
    clear: (node, inputs, type) => [map.clear(node, inputs, type)],
    dealer(node, context) {
      context.output(
        node.out[0]!,
        lambda(
          node,
          context,
          node.in.map((wire) => context.lambda(wire)),
        ),
      );
    },
    *party(node, context) {
      const out = node.out[0]!;
      const type = context.type(out);
      const masked = node.in.map((wire) => context.masked(wire));
      const delta = map.apply(
        node,
        context,
        masked.map((value) => value.delta),
      );
      addConstant(context, type, delta, map.constant?.(node) ?? 0n);
      context.output(out, {
        type,
        delta,
        lambda: lambda(
          node,
          context,
          masked.map((value) => value.lambda),
        ),
      });
    },
  };
}

/** Σ c_j x_j + c = Σ c_j Δ_j + c − Σ c_j λ_j. */
export const linear: Operation<LinearNode> = localOperation({
  clear(node, inputs, type) {
    const bits = (type(node.out[0]!) as { bits: number }).bits;
    const coefficients = node.coefficients.map(BigInt);
    const constant = BigInt(node.constant);
    return inputs[0]!.map((_, i) =>
      BigInt.asUintN(
        bits,
        coefficients.reduce((sum, c, j) => sum + c * inputs[j]![i]!, constant),
      ),
    );
  },
  apply(node, context, inputs) {
    const type = context.type(node.out[0]!);
    const { fill, scaleAdd } = algebra(context.abi, type);
    const sum = context.temp(type);
    fill(sum, 0n, type.size);
    for (const [j, input] of inputs.entries()) {
      if (input !== 0) scaleAdd(sum, input, BigInt(node.coefficients[j]!), type.size);
    }
    return sum;
  },
  constant: (node) => BigInt(node.constant),
});

/** ⊕ x_j ⊕ c. */
export const xor: Operation<XorNode> = localOperation({
  clear: (node, inputs) =>
    inputs[0]!.map((_, i) => inputs.reduce((sum, input) => sum ^ input[i]!, BigInt(node.constant))),
  apply(node, context, inputs) {
    const type = context.type(node.out[0]!);
    const { fill, add } = algebra(context.abi, type);
    const sum = context.temp(type);
    fill(sum, 0n, type.size);
    for (const input of inputs) if (input !== 0) add(sum, sum, input, type.size);
    return sum;
  },
  constant: (node) => BigInt(node.constant),
});

export const slice: Operation<SliceNode> = localOperation({
  clear: (node, [input], type) => input!.slice(node.from, node.from + type(node.out[0]!).size),
  apply(node, context, [input]) {
    const type = context.type(node.out[0]!);
    const { fill, add } = algebra(context.abi, type);
    const from = type.kind === 'bits' ? node.from / 8 : (node.from * type.bits) / 8;
    const part = context.temp(type);
    fill(part, 0n, type.size);
    add(part, part, input! + from, type.size);
    return part;
  },
});

export const sum: Operation<SumNode> = localOperation({
  clear(node, [input], type) {
    const bits = (type(node.out[0]!) as { bits: number }).bits;
    return [
      BigInt.asUintN(
        bits,
        input!.reduce((total, value) => total + value, 0n),
      ),
    ];
  },
  apply(node, { abi, type, temp }, [input]) {
    const { size } = type(node.in[0]!);
    const out = type(node.out[0]!) as WireType & { kind: 'ring' };
    const ring = ringAlgebra(abi, out.bits);
    const total = temp(out);
    ring.fill(total, ring.sum(input!, size), 1);
    return total;
  },
});

export const prefixSum: Operation<PrefixSumNode> = localOperation({
  clear({ row, reverse, out: [result] }, [input], type) {
    const { bits } = type(result!) as { bits: number };
    const sums = [...input!];
    for (let i = 0; i < sums.length; i++) {
      const at = reverse ? sums.length - 1 - i : i;
      if (i % row > 0) sums[at] = BigInt.asUintN(bits, sums[at]! + sums[reverse ? at + 1 : at - 1]!);
    }
    return sums;
  },
  apply: (node, context, [input]) =>
    context.prefixSums(context.type(node.out[0]!) as WireType & { kind: 'ring' }, input!, node),
});

/** Reduction modulo a smaller power of two is a ring homomorphism: the low bits of Δ and of each λ_i are a masking of the low bits. */
export const narrow: Operation<NarrowNode> = localOperation({
  clear: (node, [input], type) =>
    input!.map((value) => BigInt.asUintN((type(node.out[0]!) as { bits: number }).bits, value)),
  apply(node, { abi, type, temp }, [input]) {
    const from = type(node.in[0]!) as WireType & { kind: 'ring' };
    const to = type(node.out[0]!) as WireType & { kind: 'ring' };
    const low = temp(to);
    if (from.bits === 32) abi.narrow32to16(low, input!, to.size);
    else if (to.bits === 32) abi.narrow64to32(low, input!, to.size);
    else abi.narrow64to16(low, input!, to.size);
    return low;
  },
});
