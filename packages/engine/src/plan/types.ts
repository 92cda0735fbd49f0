/** Bits of a word: values live in Z_2^16, Z_2^32 or Z_2^64. */
export type Ring = 16 | 32 | 64;

/** Inclusive bounds of a signed value, as decimal strings (a plan is canonical JSON). */
export type Range = readonly [lo: string, hi: string];

/**
 * What a wire carries. `ring`: `size` words of Z_2^bits, read as two's complement where signs matter; without `range` any word
 * may stand there and arithmetic wraps. `bits`: `size` independent bits.
 */
export type WireType =
  | { readonly kind: 'ring'; readonly bits: Ring; readonly size: number; readonly range?: Range }
  | { readonly kind: 'bits'; readonly size: number };

/** A wire of a plan, made by `PlanBuilder`: its index in `Plan.wires`. */
export type Wire = number & { readonly wire: never };

/** coefficient · ∏ of at most four wires; the coefficient is a decimal string ('1' for bits). */
export interface Term {
  readonly coefficient: string;
  readonly factors: readonly Wire[];
}

interface Of<Op extends string> {
  readonly op: Op;
  readonly in: readonly Wire[];
  readonly out: readonly Wire[];
}

/** The value of p_`owner`, given at run time under `name`. */
export interface InputNode extends Of<'input'> {
  readonly name: string;
  readonly owner: number;
}
/**
 * A uniform value of p_`owner`, known to it alone (`randomInput`): an input whose owner chose x = −λ (bits: λ) with its one-time pad λ.
 * So Δ = 0, which is independent of everything, and nothing is sent.
 */
export interface RandomNode extends Of<'random'> {
  readonly name: string;
  readonly owner: number;
}
/** Σ coefficient·wire + constant. Local. */
export interface LinearNode extends Of<'linear'> {
  readonly coefficients: readonly string[];
  readonly constant: string;
}
/** ⊕ wires ⊕ constant. Local. */
export interface XorNode extends Of<'xor'> {
  readonly constant: 0 | 1;
}
/** `size` consecutive elements from `from` (a multiple of 8 for bits). Local. */
export interface SliceNode extends Of<'slice'> {
  readonly from: number;
}
/** Each element `times` times in a row. Local. */
export interface RepeatNode extends Of<'repeat'> {
  readonly times: number;
}
/** The whole vector `times` times. Local. */
export interface TileNode extends Of<'tile'> {
  readonly times: number;
}
/** One vector behind the other. Local. */
export type ConcatNode = Of<'concat'>;
/** `rows` lines of `cols` elements become `cols` lines, in a grid of `lines` × `length` with zeros elsewhere. Local. */
export interface TransposeNode extends Of<'transpose'> {
  readonly rows: number;
  readonly cols: number;
  readonly lines: number;
  readonly length: number;
}
/** Sum of all elements. Local. */
export type SumNode = Of<'sum'>;
/** In each row of `row` words the sums up to each word, or, in reverse, from it on. Local. */
export interface PrefixSumNode extends Of<'prefixSum'> {
  readonly row: number;
  readonly reverse: boolean;
}
/** Low bits of each word, for a narrower ring. Local. */
export type NarrowNode = Of<'narrow'>;
/** One output for each sum of products; the outputs share the products of masks. */
export interface ProductsNode extends Of<'products'> {
  readonly outputs: readonly (readonly Term[])[];
}
/** Inner product of two vectors: one opening, whatever their length. */
export type DotNode = Of<'dot'>;
/** A (rows × inner) · B (cols × inner)ᵀ, row by row: one opening an output element. */
export interface MatmulNode extends Of<'matmul'> {
  readonly rows: number;
  readonly cols: number;
  readonly inner: number;
  /** Both factors are their owners' own, with at most so many nonzero entries a row. */
  readonly sparse?: { readonly owners: readonly [number, number]; readonly weights: readonly [number, number] };
}
/** x < 0 on the low `width` bits. */
export interface LessThanZeroNode extends Of<'lessThanZero'> {
  readonly width: number;
}
/** x = 0 on the low `width` bits. */
export interface IsZeroNode extends Of<'isZero'> {
  readonly width: number;
}
/** Σ_j b_j · x_j; `in` holds all bits, then all numbers. */
export type BitDotNode = Of<'bitDot'>;
/** Σ coefficient·bit + constant as a word, once for each of `outputs`, all of the same bits. */
export interface WeighNode extends Of<'weigh'> {
  readonly outputs: readonly { readonly coefficients: readonly string[]; readonly constant: string }[];
}
/** 0 ≤ x < 2^(k−1) from Z_2^k to Z_2^64. */
export type WidenNode = Of<'widen'>;
/** ⌊x / 2^bits⌋, or that + 1 where not `exact`. */
export interface TruncateNode extends Of<'truncate'> {
  readonly by: number;
  readonly exact: boolean;
}
/** The same value under a fresh mask. */
export type RemaskNode = Of<'remask'>;
/** All columns in the order that p0 is given at run time under `name`: element i of the result is element order[i]. */
export interface PermuteNode extends Of<'permute'> {
  readonly name: string;
}
/** All columns, of `rows` rows each, in one order that no N − 1 parties know. In the clear they stay as they are. */
export interface ShuffleNode extends Of<'shuffle'> {
  readonly rows: number;
}
/**
 * One step of a stable radix sort: `in` is the key, bits in rows of 1 or of whole bytes, then the columns; those come out by bits `from` …
 * `from + width − 1` of the key, rows that agree in their old order.
 */
export interface SortDigitNode extends Of<'sortDigit'> {
  readonly rows: number;
  readonly from: number;
  readonly width: number;
}
/** The value becomes known to the parties `to`, under `name`. */
export interface RevealNode extends Of<'reveal'> {
  readonly name: string;
  readonly to: readonly number[];
}
/** Each party's share of the value leaves the session at that party, under `name`. */
export interface KeepNode extends Of<'keep'> {
  readonly name: string;
}

export type PlanNode =
  | InputNode
  | RandomNode
  | LinearNode
  | XorNode
  | SliceNode
  | RepeatNode
  | TileNode
  | ConcatNode
  | TransposeNode
  | SumNode
  | PrefixSumNode
  | NarrowNode
  | ProductsNode
  | DotNode
  | MatmulNode
  | LessThanZeroNode
  | IsZeroNode
  | BitDotNode
  | WeighNode
  | WidenNode
  | TruncateNode
  | RemaskNode
  | PermuteNode
  | ShuffleNode
  | SortDigitNode
  | RevealNode
  | KeepNode;

export type NodeOf<Op extends PlanNode['op']> = Extract<PlanNode, { op: Op }>;

/**
 * A computation with fixed shapes: data that every interpreter runs and that hashes as canonical JSON. Nodes stand in an order in
 * which each comes after what it needs. All inputs and random values come first. Stages (`stages[s]` = index after the last node of stage s) run one after
 * the other and bound memory; inside a stage, rounds of independent nodes share their frames.
 */
export interface Plan {
  readonly version: 1;
  readonly parties: number;
  readonly wires: readonly WireType[];
  readonly nodes: readonly PlanNode[];
  readonly stages: readonly number[];
}

/** Bytes that a wire's value takes: words little-endian, bits packed from the lowest. */
export function byteLength(type: WireType): number {
  return type.kind === 'bits' ? Math.ceil(type.size / 8) : (type.size * type.bits) / 8;
}

/** Sets the bits of the last byte that are past the last element to zero, in place: they are no part of the value. */
export function clearTail(type: WireType, bytes: Uint8Array): Uint8Array {
  if (type.kind === 'bits' && type.size % 8 !== 0) bytes[bytes.length - 1]! &= (1 << (type.size % 8)) - 1;
  return bytes;
}

/** Smallest two's complement width that holds every value of the wire. */
export function signedWidth(type: WireType & { kind: 'ring' }): number {
  if (type.range === undefined) return type.bits;
  const [lo, hi] = type.range.map(BigInt) as [bigint, bigint];
  const magnitude = (value: bigint): number => (value < 0n ? -value - 1n : value).toString(2).length;
  return lo === 0n && hi === 0n ? 1 : Math.max(lo < 0n || lo > 0n ? magnitude(lo) : 0, magnitude(hi)) + 1;
}
