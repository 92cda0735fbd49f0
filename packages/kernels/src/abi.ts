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

/**
 * Keyed BLAKE3 (keyed_hash, one chunk). `outBytes`, a multiple of 16, are a prefix of the extendable output; exactly n · outBytes are
 * written. An item is hashed anew for each 64 bytes of output.
 */
export interface HashOps {
  /** Items data[offsets[i] … offsets[i+1]), at most 1024 bytes each; n+1 offsets, u32 */
  blake3Items(out: Ptr, key: Ptr, data: Ptr, offsets: Ptr, n: number, outBytes: number): void;
  /** Items of itemBytes ≤ 1024 each, one after the other */
  blake3Fixed(out: Ptr, key: Ptr, items: Ptr, itemBytes: number, n: number, outBytes: number): void;
}

/** GF(2^128) modulo x^128 + x^7 + x^2 + x + 1; bit k of byte j is the coefficient of x^(8j+k). Looks up by x: see as/gf128.ts. */
export interface FieldOps {
  /** The table of D, `GF_TABLE_BYTES` */ gfTable(table: Ptr, d: Ptr): void;
  /** out = x · D */ gfMulFixed(out: Ptr, x: Ptr, table: Ptr, n: number): void;
  /** out += x · D */ gfMulAddFixed(out: Ptr, x: Ptr, table: Ptr, n: number): void;
}

/**
 * Band OKVS, width 256 (as/okvs.ts). A row is 64 hashed bytes: 32 of band, 8 of start, the rest ignored. slots, values and out: `blocks`
 * (1 … 16) times 16 bytes each; heads and order: u32; pairs: 8 bytes a row; table: 48 bytes and a value a slot, zeros at first; work:
 * `OKVS_WORK_BYTES`.
 */
export interface OkvsOps {
  /** heads[start ≫ 8] += 1 for n rows */ okvsCount(heads: Ptr, rows: Ptr, n: number, slots: number): void;
  /** Rows first … first+n−1 to pairs[heads[start ≫ 8]++]; heads held where each bucket begins, and at last where it ends */
  okvsScatter(pairs: Ptr, heads: Ptr, rows: Ptr, first: number, n: number, slots: number): void;
  /** order = the numbers of the rows in buckets from … to−1 by ascending start, ties by number */
  okvsSort(order: Ptr, pairs: Ptr, heads: Ptr, from: number, to: number, work: Ptr): void;
  /** Adds rows order[from … to) to the table; the place of the first row that depends on others, or `to` */
  okvsEliminate(
    table: Ptr,
    rows: Ptr,
    values: Ptr,
    order: Ptr,
    from: number,
    to: number,
    slots: number,
    blocks: number,
    work: Ptr,
  ): number;
  /** slots[c], from ≤ c < to, by those behind; a slot that is no row's pivot stays as it is */
  okvsSolve(slots: Ptr, table: Ptr, from: number, to: number, count: number, blocks: number, work: Ptr): void;
  /** out[k] = the sum of the slots in row k's band, for the rows k = order[from … to) */
  okvsDecode(
    out: Ptr,
    rows: Ptr,
    slots: Ptr,
    order: Ptr,
    from: number,
    to: number,
    count: number,
    blocks: number,
    work: Ptr,
  ): void;
}

/** Cuckoo hashing: three u32 of `bins` an entry, one in each third of the bins; table: the u32 entry in each bin, 0xffffffff for none. */
export interface CuckooOps {
  /** bins = j · third + the j-th 8 bytes of the hash (32 bytes, the last 8 ignored) times third, over 2^64; 3 · third < 2^32 */
  cuckooCandidates(bins: Ptr, hashes: Ptr, n: number, third: number): void;
  /** Entries from … to−1 to the table, by random walk; the first that still has no bin after so many evictions, or `to`. state: 8 bytes */
  cuckooInsert(table: Ptr, bins: Ptr, from: number, to: number, evictions: number, state: Ptr): number;
}

/** Rows of bytes, one after the other or at a stride; exactly their bytes are read and written. */
export interface RowOps {
  /** `bytes` bytes from src + i·srcStride to out + i·outStride, n times */
  copyRows(out: Ptr, outStride: number, src: Ptr, srcStride: number, bytes: number, n: number): void;
  /** Row i of out = row i of a ‖ row i of b */
  interleave(out: Ptr, a: Ptr, aBytes: number, b: Ptr, bBytes: number, n: number): void;
  /**
   * Row i of out ⊕= row xIndex[i] of x combined with row yIndex[i] of y; indices u32. Rows have rowBytes, a multiple of 16, and combine
   * by addition in their first words64 words modulo 2^64, words32 modulo 2^32, words16 modulo 2^16, and by ⊕ in what is left
   */
  combineRows(
    out: Ptr,
    x: Ptr,
    xIndex: Ptr,
    y: Ptr,
    yIndex: Ptr,
    n: number,
    rowBytes: number,
    words64: number,
    words32: number,
    words16: number,
  ): void;
}

/** Bits from … to−1 of n rows as packed planes, bit k at k−from strides. rowBytes is a multiple of 16; work: `PLANES_WORK_BYTES`. */
export interface PlaneOps {
  /** Planes out of rows; zeros up to a whole vector */
  rowsToPlanes(
    out: Ptr,
    stride: number,
    rows: Ptr,
    rowBytes: number,
    n: number,
    from: number,
    to: number,
    work: Ptr,
  ): void;
  /** Planes into rows, whose other bits stay; exactly n rows */
  planesToRows(
    rows: Ptr,
    rowBytes: number,
    planes: Ptr,
    stride: number,
    n: number,
    from: number,
    to: number,
    work: Ptr,
  ): void;
}

export const GF_TABLE_BYTES = 65_536;
export const OKVS_WORK_BYTES = 49_152;
export const PLANES_WORK_BYTES = 10_752;

export type Suffixed<Ops, B extends Width> = { [K in keyof Ops & string as `${K}${B}`]: Ops[K] };

/** Every export of kernels.wasm: add16, add32, add64, … */
export interface Abi
  extends Suffixed<RingOps<number>, 16>,
    Suffixed<RingOps<number>, 32>,
    Suffixed<RingOps<bigint>, 64>,
    BitOps,
    HashOps,
    FieldOps,
    OkvsOps,
    CuckooOps,
    RowOps,
    PlaneOps {}
