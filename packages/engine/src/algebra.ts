import type { Abi } from '@symbolon/kernels';
import type { Ring, WireType } from './plan/types.ts';

/** A pointer into a kernel arena. 0 stands for the all-zero vector where a function says so. */
export type Ptr = number;

/** As a share pointer of `fold`: the all-one vector (bits) or the constant one (rings). */
export const ONES: Ptr = 1;

/** The kernels for one kind of wire: addition and multiplication in Z_2^16, Z_2^32, Z_2^64, or ⊕ and ∧ on packed bits. */
export interface Algebra {
  add(out: Ptr, x: Ptr, y: Ptr, size: number): void;
  subtract(out: Ptr, x: Ptr, y: Ptr, size: number): void;
  multiply(out: Ptr, x: Ptr, y: Ptr, size: number): void;
  /** out += x · y */
  multiplyAdd(out: Ptr, x: Ptr, y: Ptr, size: number): void;
  /** out += c · x */
  scaleAdd(out: Ptr, x: Ptr, c: bigint, size: number): void;
  /** out ← c everywhere */
  fill(out: Ptr, c: bigint, size: number): void;
  /** out += c · Σ_S (−1)^|S| (∏_{k∉S} Δ_k) · share_S, S ⊆ {0..factors−1}; a share pointer of 0 is zero, of 1 is one. */
  fold(out: Ptr, deltas: Ptr, shares: Ptr, c: bigint, factors: number, size: number): void;
}

/** Kernels of a ring beyond those that bits have too. */
export interface RingAlgebra extends Algebra {
  sum(x: Ptr, size: number): bigint;
  dot(x: Ptr, y: Ptr, size: number): bigint;
  pack(panel: Ptr, b: Ptr, cols: number, inner: number): void;
  gemm(out: Ptr, a: Ptr, panel: Ptr, rows: number, cols: number, inner: number): void;
  transpose(out: Ptr, a: Ptr, rows: number, cols: number): void;
  /** out (cols) += Σ_t values_t · row indices_t of b */
  sparse(out: Ptr, indices: Ptr, values: Ptr, terms: number, b: Ptr, cols: number): void;
  /** Bits lo … hi − 1 of every word, each as packed bits, `stride` bytes apart. */
  slice(out: Ptr, stride: number, x: Ptr, size: number, lo: number, hi: number): void;
  /** Packed bits to words 0 and 1. */
  spread(out: Ptr, bits: Ptr, size: number): void;
}

/** The kernels for wires of this type. */
export function algebra(abi: Abi, type: WireType): Algebra {
  return type.kind === 'bits' ? bitAlgebra(abi) : ringAlgebra(abi, type.bits);
}

export function ringAlgebra(abi: Abi, bits: Ring): RingAlgebra {
  // The suffixed exports of one width have the signatures of every other, but for their scalars.
  const kernel = <Name extends string>(name: Name) =>
    abi[`${name}${bits}` as keyof Abi] as (...args: unknown[]) => never;
  const scalar = (c: bigint): number | bigint => (bits === 64 ? BigInt.asIntN(64, c) : Number(BigInt.asIntN(32, c)));
  const [axpy, fill, fold, sum, dot] = ['axpy', 'fill', 'fold', 'sum', 'dot'].map(kernel) as Kernel[];
  return {
    add: kernel('add'),
    subtract: kernel('sub'),
    multiply: kernel('mul'),
    multiplyAdd: kernel('fma'),
    scaleAdd: (out, x, c, size) => axpy!(out, x, scalar(c), size),
    fill: (out, c, size) => fill!(out, scalar(c), size),
    fold: (out, deltas, shares, c, factors, size) => fold!(out, deltas, shares, scalar(c), factors, size),
    sum: (x, size) => BigInt(sum!(x, size)),
    dot: (x, y, size) => BigInt(dot!(x, y, size)),
    pack: kernel('pack'),
    gemm: kernel('gemm'),
    transpose: kernel('transpose'),
    sparse: kernel('sparse'),
    slice: kernel('slice'),
    spread: kernel('spread'),
  };
}

type Kernel = (...args: (number | bigint)[]) => never;

/** Packed bits; an odd constant is the all-one vector. */
function bitAlgebra(abi: Abi): Algebra {
  const bytes = (size: number): number => Math.ceil(size / 8);
  const xor: Algebra['add'] = (out, x, y, size) => abi.xor(out, x, y, bytes(size));
  return {
    add: xor,
    subtract: xor,
    multiply: (out, x, y, size) => abi.and(out, x, y, bytes(size)),
    multiplyAdd: (out, x, y, size) => abi.xorAnd(out, x, y, bytes(size)),
    scaleAdd: (out, x, c, size) => {
      if (c & 1n) abi.xor(out, out, x, bytes(size));
    },
    fill: (out, c, size) => abi.fill16(out, c & 1n ? -1 : 0, Math.ceil(size / 16)),
    fold: (out, deltas, shares, c, factors, size) => {
      if (c & 1n) abi.fold(out, deltas, shares, ONES, factors, bytes(size));
    },
  };
}
