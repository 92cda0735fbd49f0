import type { Ptr } from '../algebra.ts';
import { algebra, ringAlgebra } from '../algebra.ts';
import type { IsZeroNode, LessThanZeroNode, Ring, WireType } from '../plan/types.ts';
import type { DealerContext, Masked, Opening, Operation, PartyContext, Round } from './operation.ts';
import type { Monomial } from './products.ts';
import { dealProducts, openProducts } from './products.ts';

/*
 * Comparison (PROTOCOLS §2): x < 0 is msb(x) = msb(Δ) ⊕ msb(λ) ⊕ borrow, borrow = (Δ mod 2^low < λ mod 2^low). Δ is public, so each bit's
 * generate and propagate, g = ¬Δ_k ∧ λ_k and p = ¬Δ_k ⊕ λ_k, are linear in λ's bits. Four bits make a block whose (G, P) is a
 * linear combination of the monomials of the block's λ bits, of which the dealer gives shares; then four blocks at a time are
 * combined by sums of products: 64 → 16 → 4 → 1 in three rounds (radix-4 prefix adder, Brüggemann et al., FLUTE, 2023).
 */

const RADIX = 4;
type Bits = WireType & { kind: 'bits' };

/** Slices of bits, `stride` bytes apart, so that the kernels may write whole vectors. */
interface Slices {
  readonly at: (bit: number) => Ptr;
  readonly type: Bits;
}

function sliceBits(context: PartyContext | DealerContext, x: Ptr, ring: Ring, size: number, width: number): Slices {
  const stride = Math.ceil(size / 512) * 64;
  const base = context.temp({ kind: 'bits', size: 8 * stride * width });
  ringAlgebra(context.abi, ring).slice(base, stride, x, size, 0, width);
  return { at: (bit) => base + bit * stride, type: { kind: 'bits', size } };
}

/** ¬Δ, bit by bit: all that blocks need of Δ. */
function complement(context: PartyContext, delta: Ptr, ring: Ring, size: number, width: number): Slices {
  const slices = sliceBits(context, delta, ring, size, width);
  for (let bit = 0; bit < width; bit++) context.abi.not(slices.at(bit), slices.at(bit), Math.ceil(size / 8));
  return slices;
}

/** The blocks of bits lo … lo + count − 1 that `low` bits fall into, lowest first. */
function blocks(low: number): { lo: number; count: number }[] {
  return Array.from({ length: Math.ceil(low / RADIX) }, (_, b) => ({
    lo: b * RADIX,
    count: Math.min(RADIX, low - b * RADIX),
  }));
}

/** Shares of ∏_{k∈S} λ_{lo+k} for every nonempty S; index Σ_{k∈S} 2^k. */
function monomialShares(context: PartyContext, type: Bits, count: number): Ptr[] {
  return Array.from({ length: 1 << count }, (_, set) => (set === 0 ? 0 : context.share(type)));
}

function dealMonomials(context: DealerContext, lambda: Slices, lo: number, count: number): void {
  const products: Ptr[] = [];
  for (let set = 1; set < 1 << count; set++) {
    const top = 31 - Math.clz32(set);
    const rest = set ^ (1 << top);
    products[set] = rest === 0 ? lambda.at(lo + top) : context.temp(lambda.type);
    if (rest !== 0)
      context.abi.and(products[set]!, products[rest]!, lambda.at(lo + top), Math.ceil(lambda.type.size / 8));
    context.correct(products[set]!, lambda.type);
  }
}

/** out ⊕= ∏_k (¬Δ_k ⊕ λ_k) over the block: its propagate, or whether all its bits of x are zero. */
function addPropagate(
  context: PartyContext,
  out: Ptr,
  notDelta: Slices,
  lo: number,
  count: number,
  monomials: Ptr[],
): void {
  const deltas = Array.from({ length: count }, (_, k) => notDelta.at(lo + k));
  const shares = [context.first ? 1 : 0, ...monomials.slice(1)];
  context.abi.fold(
    out,
    context.pointers(deltas),
    context.pointers(shares),
    1,
    count,
    Math.ceil(notDelta.type.size / 8),
  );
}

/** out ⊕= Σ_t g_t ∏_{k>t} p_k over the block: its generate. */
function addGenerate(
  context: PartyContext,
  out: Ptr,
  notDelta: Slices,
  lo: number,
  count: number,
  monomials: Ptr[],
): void {
  const bytes = Math.ceil(notDelta.type.size / 8);
  for (let t = 0; t < count; t++) {
    const gate = notDelta.at(lo + t);
    const above = count - 1 - t;
    if (above === 0) {
      context.abi.xorAnd(out, gate, monomials[1 << t]!, bytes);
      continue;
    }
    const deltas = Array.from({ length: above }, (_, k) => notDelta.at(lo + t + 1 + k));
    const shares = Array.from({ length: 1 << above }, (_, set) => monomials[(1 << t) | (set << (t + 1))]!);
    context.abi.fold(out, context.pointers(deltas), context.pointers(shares), gate, above, bytes);
  }
}

/** How a group of nodes combines. Values of a node: generate, propagate (none at the lowest: nothing comes in from below). */
type Combine = (group: readonly (readonly number[])[], lowest: boolean) => Monomial[][];

const product = (factors: readonly number[]): Monomial => ({ coefficient: 1n, factors });

/** G3 ⊕ P3 G2 ⊕ P3 P2 G1 ⊕ P3 P2 P1 G0, and P3 P2 P1 P0; the group stands lowest first. */
const carry: Combine = (group, lowest) => {
  const generate = group.map(([g], b) => product([g!, ...group.slice(b + 1).map(([, p]) => p!)]));
  return lowest ? [generate] : [generate, [product(group.map(([, p]) => p!))]];
};

const conjunction: Combine = (group) => [[product(group.map(([z]) => z!))]];

/** Nodes in groups of four; a node alone passes unchanged. */
function combineLevel(
  nodes: readonly (readonly number[])[],
  combine: Combine,
): { outputs: Monomial[][]; shape: (number[] | undefined)[] } {
  const outputs: Monomial[][] = [];
  const shape: (number[] | undefined)[] = [];
  for (let lo = 0; lo < nodes.length; lo += RADIX) {
    const group = nodes.slice(lo, lo + RADIX);
    const made = group.length === 1 ? undefined : combine(group, lo === 0);
    shape.push(made?.map((_, j) => outputs.length + j));
    if (made) outputs.push(...made);
  }
  return { outputs, shape };
}

/** Runs the tree from the blocks' values to one; `open` opens a level's sums of products and says where they stand. */
function* tree<Value>(
  first: readonly (readonly Value[])[],
  combine: Combine,
  level: (values: Value[], outputs: Monomial[][], last: boolean) => Generator<Round, readonly Value[], void>,
): Generator<Round, Value, void> {
  let nodes = first;
  while (nodes.length > 1) {
    const values = nodes.flat();
    let next = 0;
    const numbered = nodes.map((node) => node.map(() => next++));
    const { outputs, shape } = combineLevel(numbered, combine);
    const made = yield* level(values, outputs, shape.length === 1);
    nodes = shape.map((at, group) => at?.map((j) => made[j]!) ?? nodes[group * RADIX]!);
  }
  return nodes[0]![0]!;
}

/** A dealer opens nothing: its tree ends without a round. */
function finish<Value>(steps: Generator<Round, Value, void>): Value {
  const step = steps.next();
  if (!step.done) throw new Error('a dealer has no rounds');
  return step.value;
}

/**
 * borrow(Δ mod 2^low, λ mod 2^low), with `top` (where given) added in its last opening.
 * Runs at: every party. Learns: masked bits.
 */
export function* openBorrow(
  context: PartyContext,
  x: Masked,
  ring: Ring,
  low: number,
  top: Ptr = 0,
): Generator<Round, Opening, void> {
  const type: Bits = { kind: 'bits', size: x.type.size };
  const { add } = algebra(context.abi, type);
  const notDelta = complement(context, x.delta, ring, type.size, low);
  const parts = blocks(low);
  const nodes: Opening[][] = parts.map(({ lo, count }, b) => {
    const monomials = monomialShares(context, type, count);
    const generate = context.opening(type);
    addGenerate(context, generate.delta, notDelta, lo, count, monomials);
    if (b === 0) {
      if (parts.length === 1 && top !== 0) add(generate.delta, generate.delta, top, type.size);
      return [generate];
    }
    const propagate = context.opening(type);
    addPropagate(context, propagate.delta, notDelta, lo, count, monomials);
    return [generate, propagate];
  });
  yield nodes.flat();
  return yield* tree(nodes, carry, (values, outputs, last) =>
    openProducts(context, type, values, outputs, last ? [top] : []),
  );
}

/** The dealer's side of `openBorrow`: the mask of the result. */
export function dealBorrow(context: DealerContext, lambda: Slices, low: number): Ptr {
  const nodes = blocks(low).map(({ lo, count }, b) => {
    dealMonomials(context, lambda, lo, count);
    return b === 0 ? [context.mask(lambda.type)] : [context.mask(lambda.type), context.mask(lambda.type)];
  });
  return finish(
    // biome-ignore lint/correctness/useYield: a dealer opens nothing
    tree(nodes, carry, function* (values, outputs) {
      return dealProducts(context, lambda.type, values, outputs);
    }),
  );
}

/** λ's bits; an unmasked wire has none set. */
export function lambdaBits(context: DealerContext, lambda: Ptr, ring: Ring, size: number, width: number): Slices {
  let words = lambda;
  if (words === 0) {
    words = context.temp({ kind: 'ring', bits: ring, size });
    ringAlgebra(context.abi, ring).fill(words, 0n, size);
  }
  return sliceBits(context, words, ring, size, width);
}

const ringOf = (type: WireType): Ring => (type as WireType & { kind: 'ring' }).bits;

/** The mask of the compared wire, on the bits that the comparison looks at. */
function operandBits({ in: [x], width }: LessThanZeroNode | IsZeroNode, context: DealerContext): Slices {
  const type = context.type(x!);
  return lambdaBits(context, context.lambda(x!), ringOf(type), type.size, width);
}

/** x < 0: 39 bits a party and peer in three rounds at 64 bits; less at smaller widths. */
export const lessThanZero: Operation<LessThanZeroNode> = {
  clear: (node, [x]) => [x!.map((value) => (value >> BigInt(node.width - 1)) & 1n)],
  dealer(node, context) {
    const lambda = operandBits(node, context);
    context.correct(lambda.at(node.width - 1), lambda.type);
    context.output(
      node.out[0]!,
      node.width === 1 ? context.mask(lambda.type) : dealBorrow(context, lambda, node.width - 1),
    );
  },
  *party(node, context) {
    const x = context.masked(node.in[0]!);
    const type: Bits = { kind: 'bits', size: x.type.size };
    const { add } = algebra(context.abi, type);
    const top = context.share(type);
    let sign: Opening;
    if (node.width === 1) {
      sign = context.opening(type);
      add(sign.delta, sign.delta, top, type.size);
      yield [sign];
    } else {
      sign = yield* openBorrow(context, x, ringOf(x.type), node.width - 1, top);
    }
    // ⊕ msb(Δ), which is public.
    const msb = context.temp(type);
    ringAlgebra(context.abi, ringOf(x.type)).slice(
      msb,
      Math.ceil(type.size / 512) * 64,
      x.delta,
      type.size,
      node.width - 1,
      node.width,
    );
    add(sign.delta, sign.delta, msb, type.size);
    context.output(node.out[0]!, sign);
  },
};

/** x = 0: all bits of Δ and λ are equal; 21 bits a party and peer in three rounds at 64 bits. */
export const isZero: Operation<IsZeroNode> = {
  clear: (node, [x]) => [x!.map((value) => (BigInt.asUintN(node.width, value) === 0n ? 1n : 0n))],
  dealer(node, context) {
    const lambda = operandBits(node, context);
    const nodes = blocks(node.width).map(({ lo, count }) => {
      dealMonomials(context, lambda, lo, count);
      return [context.mask(lambda.type)];
    });
    const result = finish(
      // biome-ignore lint/correctness/useYield: a dealer opens nothing
      tree(nodes, conjunction, function* (values, outputs) {
        return dealProducts(context, lambda.type, values, outputs);
      }),
    );
    context.output(node.out[0]!, result);
  },
  *party(node, context) {
    const x = context.masked(node.in[0]!);
    const type: Bits = { kind: 'bits', size: x.type.size };
    const notDelta = complement(context, x.delta, ringOf(x.type), type.size, node.width);
    const nodes = blocks(node.width).map(({ lo, count }) => {
      const monomials = monomialShares(context, type, count);
      const zero = context.opening(type);
      addPropagate(context, zero.delta, notDelta, lo, count, monomials);
      return [zero];
    });
    yield nodes.flat();
    context.output(
      node.out[0]!,
      yield* tree(nodes, conjunction, (values, outputs) => openProducts(context, type, values, outputs)),
    );
  },
};
