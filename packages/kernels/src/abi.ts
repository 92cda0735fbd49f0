import type { CuckooOps, DigestOps, FieldOps, HashOps, MatchOps, OkvsOps, PlaneOps, RowOps } from './abi-link.ts';

/** A byte offset in the arena's memory. `n` counts elements; kernels may round up to whole 16-byte vectors, see the README. */
export type Ptr = number;
export type Width = 16 | 32 | 64;

/** Arithmetic modulo 2^B; S is a scalar: number for 16 and 32 bits, bigint for 64. `out` may be `a` or `b`, not overlap them otherwise. */
export interface RingOps<S> {
  /** out = a + b */ add(out: Ptr, a: Ptr, b: Ptr, n: number): void;
  /** out = a − b */ sub(out: Ptr, a: Ptr, b: Ptr, n: number): void;
  /** out = a · b */ mul(out: Ptr, a: Ptr, b: Ptr, n: number): void;
  /** out += a · b */ fma(out: Ptr, a: Ptr, b: Ptr, n: number): void;
  /** out −= a · b */ fms(out: Ptr, a: Ptr, b: Ptr, n: number): void;
  /** out += c · a */ axpy(out: Ptr, a: Ptr, c: S, n: number): void;
  /** out = c everywhere */ fill(out: Ptr, c: S, n: number): void;
  /** Σ a over exactly n elements, in [0, 2^B) */ sum(a: Ptr, n: number): S;
  /** Σ a·b over exactly n elements, in [0, 2^B) */ dot(a: Ptr, b: Ptr, n: number): S;
  /** B (cols × inner) in the order in which gemm reads it; the panel has `panelBytes` */
  pack(panel: Ptr, b: Ptr, cols: number, inner: number): void;
  /** out (rows × cols) = A (rows × inner) · Bᵀ; writes exactly these elements */
  gemm(out: Ptr, a: Ptr, panel: Ptr, rows: number, cols: number, inner: number): void;
  /** out (cols × rows) = aᵀ; writes exactly these elements */
  transpose(out: Ptr, a: Ptr, rows: number, cols: number): void;
  /** out (cols) += Σ_t coefficients_t · row indices_t of b (… × cols); indices u32; writes exactly these elements */
  sparse(out: Ptr, indices: Ptr, coefficients: Ptr, terms: number, b: Ptr, cols: number): void;
  /** out += c · Σ_S (−1)^|S| ∏_{k∉S} Δ_k · share_S, S ⊆ {0..f−1}, 1 ≤ f ≤ 4 */
  fold(out: Ptr, deltas: PtrTable, shares: PtrTable, c: S, f: number, n: number): void;
  /** Bit k of the n elements, packed, to out + (k−lo)·stride, lo ≤ k < hi; zeros up to a whole vector */
  slice(out: Ptr, stride: number, src: Ptr, n: number, lo: number, hi: number): void;
  /** out[i] = bit i, as 0 or 1 */ spread(out: Ptr, bits: Ptr, n: number): void;
}

/** Points to u32 pointers: Δ_0 … Δ_{f−1}, or share_S at index Σ_{k∈S} 2^k. There 0 is the vector of zeros, 1 that of ones. */
export type PtrTable = Ptr;

/** Packed bits, least significant first, and what goes between widths. */
export interface BitOps {
  /** out = a ⊕ b */ xor(out: Ptr, a: Ptr, b: Ptr, bytes: number): void;
  /** out = a ∧ b */ and(out: Ptr, a: Ptr, b: Ptr, bytes: number): void;
  /** out ⊕= a ∧ b */ xorAnd(out: Ptr, a: Ptr, b: Ptr, bytes: number): void;
  /** out = ¬a */ not(out: Ptr, a: Ptr, bytes: number): void;
  /** out ⊕= gate ∧ ⊕_S (∧_{k∉S} Δ_k) ∧ share_S; gate as a table's entry, 1 = ungated */
  fold(out: Ptr, deltas: PtrTable, shares: PtrTable, gate: Ptr, f: number, bytes: number): void;
  /** Zero-extend */ extend16to32(out: Ptr, src: Ptr, n: number): void;
  /** Zero-extend */ extend16to64(out: Ptr, src: Ptr, n: number): void;
  /** Zero-extend */ extend32to64(out: Ptr, src: Ptr, n: number): void;
  /** The low 16 bits */ narrow32to16(out: Ptr, src: Ptr, n: number): void;
  /** The low 16 bits */ narrow64to16(out: Ptr, src: Ptr, n: number): void;
  /** The low 32 bits */ narrow64to32(out: Ptr, src: Ptr, n: number): void;
  /** out = a ≫ f, logical, 0 ≤ f < 64 */ shr64(out: Ptr, a: Ptr, f: number, n: number): void;
  /** 16 bytes from src + i·srcStride to out + i·outStride, n times; nothing between them is written */
  copy16(out: Ptr, outStride: number, src: Ptr, srcStride: number, n: number): void;
  /** out = a ∧ mask in every element */ and64c(out: Ptr, a: Ptr, mask: bigint, n: number): void;
}

/** Orders: u32 indices. Exactly n elements, or the order, are written. */
export interface OrderOps {
  /** out[i] = x[order[i]] */ gather8(out: Ptr, x: Ptr, order: Ptr, n: number): void;
  /** out[i] = x[order[i]] */ gather16(out: Ptr, x: Ptr, order: Ptr, n: number): void;
  /** out[i] = x[order[i]] */ gather32(out: Ptr, x: Ptr, order: Ptr, n: number): void;
  /** out[i] = x[order[i]] */ gather64(out: Ptr, x: Ptr, order: Ptr, n: number): void;
  /**
   * Steps of Fisher–Yates: the elements at `last`, last − 1, … each change places with a uniform one of those up to them, by n random u32, of which
   * some are refused (Lemire 2019). Gives the place that comes next; at 0 it ends.
   */
  exchangeRows(order: Ptr, last: number, random: Ptr, n: number): number;
}

/**
 * A stable radix sort by digits of `width` ≤ 4 bits (engine's sort.ts; Δ, λ, μ as there). Digits are bytes, one a row. A block has for each row the words of the
 * values 1 … 2^width − 1, modulo 2^32; the word of 0 is what they lack of a known sum. Exactly these bytes are written.
 */
export interface RadixOps {
  /** Bits from … from+width−1 of rows of 1 bit or of whole bytes; x = 0 is the vector of zeros */
  radixDigits(out: Ptr, x: Ptr, rows: number, rowBits: number, from: number, width: number): void;
  /** out_v = [λ = v] */ radixUnits(out: Ptr, lambda: Ptr, rows: number, width: number): void;
  /** out_v = block_(λ⊕v), the word of 0 being 0 */
  radixChosen(out: Ptr, lambda: Ptr, block: Ptr, rows: number, width: number): void;
  /**
   * zeros_i = C_0(i), out_v += C_v(i) + Σ_{u<v} C_u(all) − C_0(i), where C_v(i) = Σ_{j≤i} units_(v⊕Δ_j)(j); the units of a row add up to `one`
   */
  radixCount(out: Ptr, zeros: Ptr, units: Ptr, delta: Ptr, one: number, rows: number, width: number): void;
  /** out += zeros − one − chosen_Δ + Σ_{v≥1} units_(v⊕Δ) · opened_v; the chosen of a row add up to the same as its masks, whose word of 0 is 0 */
  radixChoose(
    out: Ptr,
    zeros: Ptr,
    units: Ptr,
    chosen: Ptr,
    masks: Ptr,
    opened: Ptr,
    delta: Ptr,
    one: number,
    rows: number,
    width: number,
  ): void;
}

export type Suffixed<Ops, B extends Width> = { [K in keyof Ops & string as `${K}${B}`]: Ops[K] };

/** Every export of kernels.wasm: add16, add32, add64, … */
export interface Abi
  extends Suffixed<RingOps<number>, 16>,
    Suffixed<RingOps<number>, 32>,
    Suffixed<RingOps<bigint>, 64>,
    BitOps,
    HashOps,
    DigestOps,
    FieldOps,
    OkvsOps,
    CuckooOps,
    MatchOps,
    RowOps,
    PlaneOps,
    OrderOps,
    RadixOps {}
