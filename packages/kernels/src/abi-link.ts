import type { Ptr } from './abi.ts';

// The kernels of record linkage; those of the engine stand in abi.ts, with the list of all.

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

/** SHA-256, for Merkle trees. */
export interface DigestOps {
  /** out[i] = SHA-256(prefix ‖ items[i]), items of itemBytes each, one after the other; prefix is a byte; exactly 32 · n are written */
  sha256Fixed(out: Ptr, items: Ptr, itemBytes: number, n: number, prefix: number): void;
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

/**
 * Which rows hold equal values, of `width` ≥ 4 bytes (as/match.ts). Part p has the rows whose values have p in their lowest `bits` ≤ 16 bits, in their order;
 * sizes and ends: u32 a part; entries: 16 bytes a row; table: 16 bytes for each row of the largest part, and 16 more. `present`: a byte a row, 0 for one
 * that equals nothing; the pointer 0 where all are present.
 */
export interface MatchOps {
  /** sizes[part] += 1 for n rows */
  matchCount(sizes: Ptr, values: Ptr, width: number, present: Ptr, n: number, bits: number): void;
  /** Rows first … first+n−1, at `values` and `present`, to entries[ends[part]++]; ends held where each part begins */
  matchScatter(
    entries: Ptr,
    ends: Ptr,
    values: Ptr,
    width: number,
    present: Ptr,
    first: number,
    n: number,
    bits: number,
  ): void;
  /** heads[row] = the first row with an equal value, for the rows of parts from … to−1 */
  matchFirst(
    heads: Ptr,
    entries: Ptr,
    ends: Ptr,
    values: Ptr,
    width: number,
    from: number,
    to: number,
    bits: number,
    table: Ptr,
  ): void;
  /** out[row] = the row of `values`, which are apart, that equals a row of those asked, if there is one; for the rows of parts from … to−1 */
  matchFind(
    out: Ptr,
    entries: Ptr,
    ends: Ptr,
    values: Ptr,
    asked: Ptr,
    askedEnds: Ptr,
    askedValues: Ptr,
    width: number,
    from: number,
    to: number,
    bits: number,
    table: Ptr,
  ): void;
}

/** Rows of bytes, one after the other or at a stride; exactly their bytes are read and written. */
export interface RowOps {
  /** `bytes` bytes from src + i·srcStride to out + i·outStride, n times */
  copyRows(out: Ptr, outStride: number, src: Ptr, srcStride: number, bytes: number, n: number): void;
  /** Row i of out = row order[i] of src, `bytes` bytes each; indices u32 */
  gatherRows(out: Ptr, src: Ptr, order: Ptr, bytes: number, n: number): void;
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
