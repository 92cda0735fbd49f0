// Matrix product modulo 2^16, 4 rows x 8 columns at a time in registers. The inner dimension goes in blocks, so that 8 columns of a
// block (16 KiB) stay in L1 while the rows pass by. The panel has the order in which that reads: blocks, in them groups of 8
// columns, in them [pair of inner steps][column][2]: one dot_i16x8_s adds two steps of four columns. Sums are right modulo 2^32,
// hence modulo 2^16, whatever the signs.
const BLOCK: usize = 512; // pairs of inner steps

export function pack16(panel: usize, b: usize, cols: usize, inner: usize): void {
  const pairs = (inner + 1) >> 1, groups = (cols + 7) >> 3;
  for (let k: usize = 0; k < pairs; k += BLOCK) {
    const len = min(BLOCK, pairs - k), block = panel + (k * groups << 5);
    for (let j: usize = 0; j < groups << 3; j++) {
      const row = b + (j * inner << 1);
      let p = block + ((j >> 3) * len << 5) + ((j & 7) << 2);
      for (let i = k; i < k + len; i++, p += 32) {
        let pair: u32 = 0;
        if (j < cols) pair = (i << 1) + 1 < inner ? load<u32>(row + (i << 2)) : <u32>load<u16>(row + (i << 2));
        store<u32>(p, pair);
      }
    }
  }
}

/** Adds (or, for the first block of the inner dimension, writes) the low halves of eight sums to `width` elements. */
// @ts-ignore: decorator
@inline
function put(out: usize, x: v128, y: v128, first: bool, width: usize): void {
  let v = i8x16.shuffle(x, y, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29);
  if (width >= 8) {
    v128.store(out, first ? v : i16x8.add(v, v128.load(out)));
  } else {
    for (let c: usize = 0; c < width; c++) {
      const old: u16 = first ? 0 : load<u16>(out + (c << 1));
      store<u16>(out + (c << 1), <u16>i16x8.extract_lane_u(v, 0) + old);
      v = i8x16.shuffle(v, v, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1);
    }
  }
}

// @ts-ignore: decorator
@inline
function step(sum: v128, a: v128, b: v128): v128 { return i32x4.add(sum, i32x4.dot_i16x8_s(a, b)); }

/** One tile: rows a0..a3 (offset to the block already), `pairs` whole pairs, perhaps one odd step after them. */
function tile(
  out: usize, next: usize, rows: usize, width: usize, a0: usize, a1: usize, a2: usize, a3: usize, panel: usize, pairs: usize, odd: bool, first: bool,
): void {
  let x0 = i32x4.splat(0), y0 = x0, x1 = x0, y1 = x0, x2 = x0, y2 = x0, x3 = x0, y3 = x0;
  const end = pairs << 2;
  for (let k: usize = 0; k < end; k += 4) {
    const p = panel + (k << 3), bx = v128.load(p), by = v128.load(p, 16);
    let a = v128.load_splat<u32>(a0 + k); x0 = step(x0, a, bx); y0 = step(y0, a, by);
    a = v128.load_splat<u32>(a1 + k); x1 = step(x1, a, bx); y1 = step(y1, a, by);
    a = v128.load_splat<u32>(a2 + k); x2 = step(x2, a, bx); y2 = step(y2, a, by);
    a = v128.load_splat<u32>(a3 + k); x3 = step(x3, a, bx); y3 = step(y3, a, by);
  }
  if (odd) {
    const p = panel + (end << 3), bx = v128.load(p), by = v128.load(p, 16);
    let a = i32x4.splat(load<u16>(a0 + end)); x0 = step(x0, a, bx); y0 = step(y0, a, by);
    a = i32x4.splat(load<u16>(a1 + end)); x1 = step(x1, a, bx); y1 = step(y1, a, by);
    a = i32x4.splat(load<u16>(a2 + end)); x2 = step(x2, a, bx); y2 = step(y2, a, by);
    a = i32x4.splat(load<u16>(a3 + end)); x3 = step(x3, a, bx); y3 = step(y3, a, by);
  }
  put(out, x0, y0, first, width);
  if (rows > 1) put(out + next, x1, y1, first, width);
  if (rows > 2) put(out + 2 * next, x2, y2, first, width);
  if (rows > 3) put(out + 3 * next, x3, y3, first, width);
}

export function gemm16(out: usize, a: usize, panel: usize, rows: usize, cols: usize, inner: usize): void {
  const whole = inner >> 1, pairs = (inner + 1) >> 1, line = inner << 1, last = a + (rows - 1) * line;
  for (let k: usize = 0; k < pairs; k += BLOCK) {
    const end = min(k + BLOCK, pairs), odd = end > whole, off = k << 2;
    let p = panel + (k * ((cols + 7) >> 3) << 5);
    for (let j: usize = 0; j < cols; j += 8, p += (end - k) << 5) {
      for (let i: usize = 0; i < rows; i += 4) {
        // Rows past the last one are computed on the last one and not stored.
        const a0 = a + i * line, a1 = i + 1 < rows ? a0 + line : last, a2 = i + 2 < rows ? a1 + line : last, a3 = i + 3 < rows ? a2 + line : last;
        tile(out + ((i * cols + j) << 1), cols << 1, rows - i, cols - j, a0 + off, a1 + off, a2 + off, a3 + off, p, min(end, whole) - k, odd, k == 0);
      }
    }
  }
}
