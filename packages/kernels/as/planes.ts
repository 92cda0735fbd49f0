import { byte } from "./slice";

// Bits of rows to planes and back: plane p has bit p of every row. A tile of 16 rows by 16 bytes is transposed by shuffles; between, the
// bytes of one position in 64 rows give eight planes (slice.ts), and eight planes of 128 rows give the bytes of one position.

// Rows that are taken column after column of 16 bytes, and their part of a plane in bytes: a cache line. Lines are fetched in a loop
// that does nothing else, so that cache misses overlap.
const ROWS: usize = 512;
const LINE: usize = ROWS / 8;
const TILE: usize = 256;

// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 { return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23); }

// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 { return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31); }

/** Interleaves vectors i and i + 8 to 2i and 2i + 1. Bits of (row, byte) as one index rotate by one: four times transpose. */
// @ts-ignore: decorator
@inline
function interleave8(out: usize, outStride: usize, src: usize, srcStride: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    const a = v128.load(src + i * srcStride), b = v128.load(src + (i + 8) * srcStride);
    v128.store(out + 2 * i * outStride, low(a, b));
    v128.store(out + (2 * i + 1) * outStride, high(a, b));
  }
}

/** `work`: two tiles; `src` or `out` may be the second of them. */
function transposeTile(out: usize, outStride: usize, src: usize, srcStride: usize, work: usize): void {
  interleave8(work, 16, src, srcStride);
  interleave8(work + TILE, 16, work, 16);
  interleave8(work, 16, work + TILE, 16);
  interleave8(out, outStride, work, 16);
}

export function rowsToPlanes(out: usize, stride: usize, rows: usize, rowBytes: usize, n: usize, from: i32, to: i32, work: usize): void {
  const tiles = work + 1024, pad = tiles + TILE, all = (n + 127) & ~127;
  for (let block: usize = 0; block < all; block += ROWS) {
    const stop = min(block + ROWS, all);
    for (let bit = from & ~127; bit < to; bit += 128) {
      for (let i = block; i < stop; i += 64) {
        for (let j: usize = 0; j < 64; j += 16) {
          const src = rows + (i + j) * rowBytes + <usize>(bit >> 3);
          if (i + j + 16 <= n) transposeTile(work + j, 64, src, rowBytes, tiles);
          else {
            memory.fill(pad, 0, TILE);
            for (let k: usize = 0; i + j + k < n; k++) v128.store(pad + (k << 4), v128.load(src + k * rowBytes));
            transposeTile(work + j, 64, pad, 16, tiles);
          }
        }
        for (let b = 0; b < 16; b++) {
          const p = work + <usize>(b << 6), first = bit + (b << 3);
          if (first + 8 > from && first < to) byte(v128.load(p), v128.load(p, 16), v128.load(p, 32), v128.load(p, 48), out + (i >> 3), stride, first, from, to);
        }
      }
    }
  }
}

/** The transpose of the 8 × 8 bits of each half (Warren, Hacker's Delight, §7-3). */
// @ts-ignore: decorator
@inline
function transposeBits(x: v128): v128 {
  let t = v128.and(v128.xor(x, i64x2.shr_u(x, 7)), i64x2.splat(0x00aa00aa00aa00aa));
  x = v128.xor(x, v128.xor(t, i64x2.shl(t, 7)));
  t = v128.and(v128.xor(x, i64x2.shr_u(x, 14)), i64x2.splat(0x0000cccc0000cccc));
  x = v128.xor(x, v128.xor(t, i64x2.shl(t, 14)));
  t = v128.and(v128.xor(x, i64x2.shr_u(x, 28)), i64x2.splat(0x00000000f0f0f0f0));
  return v128.xor(x, v128.xor(t, i64x2.shl(t, 28)));
}

/** Eight planes' bits of 128 rows, a byte for each row. The planes are LINE bytes apart. */
// @ts-ignore: decorator
@inline
function bytes(out: usize, p: usize): void {
  const a0 = v128.load(p), a1 = v128.load(p, LINE), a2 = v128.load(p, 2 * LINE), a3 = v128.load(p, 3 * LINE);
  const a4 = v128.load(p, 4 * LINE), a5 = v128.load(p, 5 * LINE), a6 = v128.load(p, 6 * LINE), a7 = v128.load(p, 7 * LINE);
  const b0 = low(a0, a4), b1 = high(a0, a4), b2 = low(a1, a5), b3 = high(a1, a5), b4 = low(a2, a6), b5 = high(a2, a6), b6 = low(a3, a7), b7 = high(a3, a7);
  const c0 = low(b0, b4), c1 = high(b0, b4), c2 = low(b1, b5), c3 = high(b1, b5), c4 = low(b2, b6), c5 = high(b2, b6), c6 = low(b3, b7), c7 = high(b3, b7);
  v128.store(out, transposeBits(low(c0, c4)));
  v128.store(out, transposeBits(high(c0, c4)), 16);
  v128.store(out, transposeBits(low(c1, c5)), 32);
  v128.store(out, transposeBits(high(c1, c5)), 48);
  v128.store(out, transposeBits(low(c2, c6)), 64);
  v128.store(out, transposeBits(high(c2, c6)), 80);
  v128.store(out, transposeBits(low(c3, c7)), 96);
  v128.store(out, transposeBits(high(c3, c7)), 112);
}

/** The lowest bits of a word, as many as there are below `end`, where the word begins at `first`. */
// @ts-ignore: decorator
@inline
function below(first: i32, end: i32): u64 { return end <= first ? 0 : end >= first + 64 ? -1 : ((<u64>1) << <u64>(end - first)) - 1; }

export function planesToRows(rows: usize, rowBytes: usize, planes: usize, stride: usize, n: usize, from: i32, to: i32, work: usize): void {
  const tiles = work + 2048, turned = tiles + TILE, lines = turned + TILE;
  for (let block: usize = 0; block < n; block += ROWS) {
    const stop = min(block + ROWS, n);
    for (let bit = from & ~127; bit < to; bit += 128) {
      const own = i64x2.replace_lane(i64x2.splat(below(bit, to) & ~below(bit, from)), 1, below(bit + 64, to) & ~below(bit + 64, from));
      // What is not copied here is not written below.
      for (let k = max(from, bit); k < min(to, bit + 128); k++) {
        const line = lines + <usize>(k - bit) * LINE, plane = planes + <usize>(k - from) * stride + (block >> 3);
        for (let at: usize = 0; at << 3 < stop - block; at += 16) v128.store(line + at, v128.load(plane + at));
      }
      for (let i = block; i < stop; i += 128) {
        for (let b: usize = 0; b < 16; b++) bytes(work + (b << 7), lines + b * 8 * LINE + ((i - block) >> 3));
        for (let j = i; j < i + 128 && j < stop; j += 16) {
          transposeTile(turned, 16, work + j - i, 128, tiles);
          const count = min(16, stop - j);
          for (let k: usize = 0; k < count; k++) {
            const p = rows + (j + k) * rowBytes + <usize>(bit >> 3);
            v128.store(p, v128.bitselect(v128.load(turned + (k << 4)), v128.load(p), own));
          }
        }
      }
    }
  }
}
