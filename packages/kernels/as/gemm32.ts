// Matrix product modulo 2^32. Tiles, blocks and panel as in gemm16.ts; a group of the panel is [inner step][column].
const BLOCK: usize = 512; // inner steps: 16 KiB of a group

export function pack32(panel: usize, b: usize, cols: usize, inner: usize): void {
  const groups = (cols + 7) >> 3;
  for (let k: usize = 0; k < inner; k += BLOCK) {
    const len = min(BLOCK, inner - k), block = panel + (k * groups << 5);
    for (let j: usize = 0; j < groups << 3; j++) {
      const row = b + (j * inner << 2);
      let p = block + ((j >> 3) * len << 5) + ((j & 7) << 2);
      for (let i = k; i < k + len; i++, p += 32) {
        let value: u32 = 0;
        if (j < cols) value = load<u32>(row + (i << 2));
        store<u32>(p, value);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function putFour(out: usize, v: v128, first: bool, width: usize): void {
  if (width >= 4) {
    v128.store(out, first ? v : i32x4.add(v, v128.load(out)));
  } else {
    for (let c: usize = 0; c < width; c++) {
      const old: u32 = first ? 0 : load<u32>(out + (c << 2));
      store<u32>(out + (c << 2), <u32>i32x4.extract_lane(v, 0) + old);
      v = i32x4.shuffle(v, v, 1, 2, 3, 0);
    }
  }
}

// @ts-ignore: decorator
@inline
function put(out: usize, x: v128, y: v128, first: bool, width: usize): void {
  putFour(out, x, first, width);
  if (width > 4) putFour(out + 16, y, first, width - 4);
}

// @ts-ignore: decorator
@inline
function step(sum: v128, a: v128, b: v128): v128 { return i32x4.add(sum, i32x4.mul(a, b)); }

function tile(
  out: usize, next: usize, rows: usize, width: usize, a0: usize, a1: usize, a2: usize, a3: usize, panel: usize, steps: usize, first: bool,
): void {
  let x0 = i32x4.splat(0), y0 = x0, x1 = x0, y1 = x0, x2 = x0, y2 = x0, x3 = x0, y3 = x0;
  for (let k: usize = 0; k < steps << 2; k += 4) {
    const p = panel + (k << 3), bx = v128.load(p), by = v128.load(p, 16);
    let a = v128.load_splat<u32>(a0 + k); x0 = step(x0, a, bx); y0 = step(y0, a, by);
    a = v128.load_splat<u32>(a1 + k); x1 = step(x1, a, bx); y1 = step(y1, a, by);
    a = v128.load_splat<u32>(a2 + k); x2 = step(x2, a, bx); y2 = step(y2, a, by);
    a = v128.load_splat<u32>(a3 + k); x3 = step(x3, a, bx); y3 = step(y3, a, by);
  }
  put(out, x0, y0, first, width);
  if (rows > 1) put(out + next, x1, y1, first, width);
  if (rows > 2) put(out + 2 * next, x2, y2, first, width);
  if (rows > 3) put(out + 3 * next, x3, y3, first, width);
}

export function gemm32(out: usize, a: usize, panel: usize, rows: usize, cols: usize, inner: usize): void {
  const line = inner << 2, last = a + (rows - 1) * line;
  for (let k: usize = 0; k < inner; k += BLOCK) {
    const off = k << 2, len = min(BLOCK, inner - k);
    let p = panel + (k * ((cols + 7) >> 3) << 5);
    for (let j: usize = 0; j < cols; j += 8, p += len << 5) {
      for (let i: usize = 0; i < rows; i += 4) {
        const a0 = a + i * line, a1 = i + 1 < rows ? a0 + line : last, a2 = i + 2 < rows ? a1 + line : last, a3 = i + 3 < rows ? a2 + line : last;
        tile(out + ((i * cols + j) << 2), cols << 2, rows - i, cols - j, a0 + off, a1 + off, a2 + off, a3 + off, p, len, k == 0);
      }
    }
  }
}
