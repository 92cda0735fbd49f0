import type { Ptr } from '../algebra.ts';
import { algebra, ringAlgebra } from '../algebra.ts';
import type { BitDotNode, RemaskNode, Ring, TruncateNode, WeighNode, WidenNode, WireType } from '../plan/types.ts';
import { dealBorrow, lambdaBits, openBorrow } from './compare.ts';
import { addConstant } from './linear.ts';
import type { DealerContext, Masked, Operation, PartyContext } from './operation.ts';

/*
 * Between bits, narrow words and wide words (PROTOCOLS §2). A bit b = Δ_b ⊕ λ_b is the number Δ_b + (1 − 2Δ_b)·λ_b: linear in λ_b, of
 * which the dealer gives shares in the ring.
 */

type RingType = WireType & { kind: 'ring' };
const ring64 = (size: number): RingType => ({ kind: 'ring', bits: 64, size });

/** Packed bits as words 0 and 1; no bits (0) are zeros. */
function words(context: PartyContext | DealerContext, type: RingType, bits: Ptr): Ptr {
  const out = context.temp(type);
  const ring = ringAlgebra(context.abi, type.bits);
  if (bits === 0) ring.fill(out, 0n, type.size);
  else ring.spread(out, bits, type.size);
  return out;
}

/** a + b·x, word by word. */
function affine(context: PartyContext, type: RingType, a: bigint, b: bigint, x: Ptr): Ptr {
  const out = context.temp(type);
  const { fill, scaleAdd } = algebra(context.abi, type);
  fill(out, a, type.size);
  scaleAdd(out, x, b, type.size);
  return out;
}

/** This party's share of the number b, with `share` its share of λ_b in the ring. */
function bitShare(context: PartyContext, type: RingType, bit: Masked, share: Ptr): Ptr {
  const { add, fold } = algebra(context.abi, type);
  const delta = words(context, type, bit.delta);
  const out = context.temp(type);
  if (context.first) add(out, delta, share, type.size);
  else context.abi.copy16(out, 16, share, 16, Math.ceil((type.size * type.bits) / 128));
  fold(out, context.pointers([delta]), context.pointers([share, 0]), -2n, 1, type.size);
  context.release(delta);
  return out;
}

/** Σ c_j b_j + c: party i adds c_j·([i=0]Δ_j + (1 − 2Δ_j)·(λ_j)_i), all under one opening; sums of the same bits take the same corrections. */
export const weigh: Operation<WeighNode> = {
  clear(node, inputs, type) {
    const { bits } = type(node.out[0]!) as RingType;
    return node.outputs.map((output) => {
      const coefficients = output.coefficients.map(BigInt);
      const constant = BigInt(output.constant);
      const total = (i: number): bigint => coefficients.reduce((sum, c, j) => sum + c * inputs[j]![i]!, constant);
      return inputs[0]!.map((_, i) => BigInt.asUintN(bits, total(i)));
    });
  },
  dealer(node, context) {
    const type = context.type(node.out[0]!) as RingType;
    for (const bit of node.in) {
      const lambda = words(context, type, context.lambda(bit));
      context.correct(lambda, type);
      context.release(lambda);
    }
    for (const out of node.out) context.output(out, context.mask(type));
  },
  *party(node, context) {
    const type = context.type(node.out[0]!) as RingType;
    const { scaleAdd } = algebra(context.abi, type);
    const openings = node.outputs.map(() => context.opening(type));
    for (const [j, bit] of node.in.entries()) {
      const lambda = context.share(type);
      const share = bitShare(context, type, context.masked(bit), lambda);
      for (const [k, { coefficients }] of node.outputs.entries()) {
        const coefficient = BigInt(coefficients[j]!);
        if (coefficient !== 0n) scaleAdd(openings[k]!.delta, share, coefficient, type.size);
      }
      context.release(share);
      context.release(lambda);
    }
    for (const [k, { constant }] of node.outputs.entries()) {
      if (context.first) addConstant(context, type, openings[k]!.delta, BigInt(constant));
    }
    yield openings;
    for (const [k, out] of node.out.entries()) context.output(out, openings[k]!);
  },
};

/** Σ b x: with c = 1 − 2Δ_b, party i adds Δ_b·([i=0]Δx − λx_i) + c·(Δx·(λ_b)_i − (λ_b λx)_i). */
export const bitDot: Operation<BitDotNode> = {
  clear(node, inputs, type) {
    const { bits } = type(node.out[0]!) as RingType;
    const terms = inputs.length / 2;
    return [
      inputs[0]!.map((_, i) => {
        let sum = 0n;
        for (let j = 0; j < terms; j++) sum += inputs[j]![i]! * inputs[terms + j]![i]!;
        return BigInt.asUintN(bits, sum);
      }),
    ];
  },
  dealer(node, context) {
    const type = context.type(node.out[0]!) as RingType;
    const ring = algebra(context.abi, type);
    const terms = node.in.length / 2;
    for (let j = 0; j < terms; j++) {
      const bit = words(context, type, context.lambda(node.in[j]!));
      const number = context.lambda(node.in[terms + j]!);
      const product = context.temp(type);
      if (number === 0) ring.fill(product, 0n, type.size);
      else ring.multiply(product, bit, number, type.size);
      context.correct(bit, type);
      context.correct(product, type);
    }
    context.output(node.out[0]!, context.mask(type));
  },
  *party(node, context) {
    const type = context.type(node.out[0]!) as RingType;
    const ring = algebra(context.abi, type);
    const terms = node.in.length / 2;
    const opening = context.opening(type);
    for (let j = 0; j < terms; j++) {
      const [bit, number] = [context.masked(node.in[j]!), context.masked(node.in[terms + j]!)];
      const [bitShare, productShare] = [context.share(type), context.share(type)];
      const delta = words(context, type, bit.delta);
      if (context.first) ring.multiplyAdd(opening.delta, delta, number.delta, type.size);
      if (number.lambda !== 0) {
        ring.multiplyAdd(opening.delta, affine(context, type, 0n, -1n, delta), number.lambda, type.size);
      }
      const inner = affine(context, type, 0n, -1n, productShare);
      ring.multiplyAdd(inner, number.delta, bitShare, type.size);
      ring.multiplyAdd(opening.delta, affine(context, type, 1n, -2n, delta), inner, type.size);
    }
    yield [opening];
    context.output(node.out[0]!, opening);
  },
};

function extend(context: PartyContext | DealerContext, from: Ring, size: number, x: Ptr): Ptr {
  const out = context.temp(ring64(size));
  if (x === 0) algebra(context.abi, ring64(size)).fill(out, 0n, size);
  else if (from === 16) context.abi.extend16to64(out, x, size);
  else if (from === 32) context.abi.extend32to64(out, x, size);
  else context.abi.shr64(out, x, 0, size);
  return out;
}

/** out += (1 − msb(Δ)) · 2^shift · share, where bit `top` of the 64-bit words Δ is the one meant. */
function addWrap(
  context: PartyContext,
  out: Ptr,
  delta: Ptr,
  top: number,
  shift: number,
  share: Ptr,
  size: number,
): void {
  const type = ring64(size);
  const msb = context.temp(type);
  context.abi.shr64(msb, delta, top, size);
  const factor = affine(context, type, 1n << BigInt(shift), -(1n << BigInt(shift)), msb);
  algebra(context.abi, type).multiplyAdd(out, factor, share, size);
}

/** For 0 ≤ x < 2^(k−1): x = Δ − λ + 2^k (1 − msb Δ)·msb(λ), over the integers. */
export const widen: Operation<WidenNode> = {
  clear: (_, [x]) => [[...x!]],
  dealer(node, context) {
    const { bits, size } = context.type(node.in[0]!) as RingType;
    const type = ring64(size);
    const lambda = extend(context, bits, size, context.lambda(node.in[0]!));
    const msb = context.temp(type);
    context.abi.shr64(msb, lambda, bits - 1, size);
    context.correct(lambda, type);
    context.correct(msb, type);
    context.output(node.out[0]!, context.mask(type));
  },
  *party(node, context) {
    const { bits, size } = context.type(node.in[0]!) as RingType;
    const type = ring64(size);
    const { add, subtract } = algebra(context.abi, type);
    const [lambdaShare, msbShare] = [context.share(type), context.share(type)];
    const delta = extend(context, bits, size, context.masked(node.in[0]!).delta);
    const opening = context.opening(type);
    if (context.first) add(opening.delta, opening.delta, delta, size);
    subtract(opening.delta, opening.delta, lambdaShare, size);
    addWrap(context, opening.delta, delta, bits - 1, bits, msbShare, size);
    yield [opening];
    context.output(node.out[0]!, opening);
  },
};

const HALF = 1n << 62n;

/**
 * z + 2^62 = Δ − λ lies in [0, 2^63), so ⌊(z + 2^62)/2^f⌋ = (Δ≫f) − (λ≫f) + (1 − msb Δ)·2^(64−f)·msb(λ) − borrow(Δ mod 2^f, λ mod 2^f).
 * Without `exact` the borrow is left out: the result may be one more, at a threshold that Δ makes public.
 */
export const truncate: Operation<TruncateNode> = {
  clear: (node, [z]) => [z!.map((value) => BigInt.asUintN(64, BigInt.asIntN(64, value) >> BigInt(node.by)))],
  dealer(node, context) {
    const { size } = context.type(node.in[0]!);
    const type = ring64(size);
    const lambda = extend(context, 64, size, context.lambda(node.in[0]!));
    const [shifted, msb] = [context.temp(type), context.temp(type)];
    context.abi.shr64(shifted, lambda, node.by, size);
    context.abi.shr64(msb, lambda, 63, size);
    context.correct(shifted, type);
    context.correct(msb, type);
    if (node.exact) {
      const borrow = dealBorrow(context, lambdaBits(context, lambda, 64, size, node.by), node.by);
      context.correct(words(context, type, borrow), type);
    }
    context.output(node.out[0]!, context.mask(type));
  },
  *party(node, context) {
    const z = context.masked(node.in[0]!);
    const { size } = z.type;
    const type = ring64(size);
    const ring = algebra(context.abi, type);
    const [shiftedShare, msbShare] = [context.share(type), context.share(type)];
    const delta = affine(context, type, HALF, 1n, z.delta);
    const borrow = node.exact ? yield* openBorrow(context, { type, delta, lambda: z.lambda }, 64, node.by) : undefined;
    const opening = context.opening(type);
    if (context.first) {
      const shifted = context.temp(type);
      context.abi.shr64(shifted, delta, node.by, size);
      ring.add(opening.delta, opening.delta, affine(context, type, -(HALF >> BigInt(node.by)), 1n, shifted), size);
    }
    ring.subtract(opening.delta, opening.delta, shiftedShare, size);
    addWrap(context, opening.delta, delta, 63, 64 - node.by, msbShare, size);
    if (borrow) {
      ring.subtract(opening.delta, opening.delta, bitShare(context, type, borrow, context.share(type)), size);
    }
    yield [opening];
    context.output(node.out[0]!, opening);
  },
};

/** The same value under a fresh mask: required after anything that becomes public only at run time. */
export const remask: Operation<RemaskNode> = {
  clear: (_, [x]) => [[...x!]],
  dealer(node, context) {
    context.output(node.out[0]!, context.mask(context.type(node.out[0]!)));
  },
  *party(node, context) {
    const x = context.masked(node.in[0]!);
    const { add, subtract } = algebra(context.abi, x.type);
    const opening = context.opening(x.type);
    if (context.first) add(opening.delta, opening.delta, x.delta, x.type.size);
    if (x.lambda !== 0) subtract(opening.delta, opening.delta, x.lambda, x.type.size);
    yield [opening];
    context.output(node.out[0]!, opening);
  },
};
