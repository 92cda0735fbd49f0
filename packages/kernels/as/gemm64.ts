// Matrix product modulo 2^64 on scalars, which here beat vectors (no 64-bit vector multiplication below AVX-512).
// 2 rows x 4 columns stay in registers; blocks and panel as in gemm16.ts, a group of the panel is [inner step][column].
const BLOCK: usize = 512; // inner steps: 16 KiB of a group

export function pack64(panel: usize, b: usize, cols: usize, inner: usize): void {
  const groups = (cols + 3) >> 2;
  for (let k: usize = 0; k < inner; k += BLOCK) {
    const len = min(BLOCK, inner - k), block = panel + (k * groups << 5);
    for (let j: usize = 0; j < groups << 2; j++) {
      const row = b + (j * inner << 3);
      let p = block + ((j >> 2) * len << 5) + ((j & 3) << 3);
      for (let i = k; i < k + len; i++, p += 32) {
        let value: u64 = 0;
        if (j < cols) value = load<u64>(row + (i << 3));
        store<u64>(p, value);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function put(out: usize, x: u64, first: bool): void { store<u64>(out, first ? x : x + load<u64>(out)); }

// @ts-ignore: decorator
@inline
function putRow(out: usize, w: u64, x: u64, y: u64, z: u64, first: bool, width: usize): void {
  put(out, w, first);
  if (width > 1) put(out + 8, x, first);
  if (width > 2) put(out + 16, y, first);
  if (width > 3) put(out + 24, z, first);
}

function tile(out: usize, next: usize, rows: usize, width: usize, a0: usize, a1: usize, panel: usize, steps: usize, first: bool): void {
  let w0: u64 = 0, x0: u64 = 0, y0: u64 = 0, z0: u64 = 0, w1: u64 = 0, x1: u64 = 0, y1: u64 = 0, z1: u64 = 0;
  for (let k: usize = 0; k < steps << 3; k += 8) {
    const p = panel + (k << 2), s = load<u64>(a0 + k), t = load<u64>(a1 + k);
    let b = load<u64>(p); w0 += s * b; w1 += t * b;
    b = load<u64>(p, 8); x0 += s * b; x1 += t * b;
    b = load<u64>(p, 16); y0 += s * b; y1 += t * b;
    b = load<u64>(p, 24); z0 += s * b; z1 += t * b;
  }
  putRow(out, w0, x0, y0, z0, first, width);
  if (rows > 1) putRow(out + next, w1, x1, y1, z1, first, width);
}

export function gemm64(out: usize, a: usize, panel: usize, rows: usize, cols: usize, inner: usize): void {
  const line = inner << 3;
  for (let k: usize = 0; k < inner; k += BLOCK) {
    const len = min(BLOCK, inner - k);
    let p = panel + (k * ((cols + 3) >> 2) << 5);
    for (let j: usize = 0; j < cols; j += 4, p += len << 5) {
      for (let i: usize = 0; i < rows; i += 2) {
        const a0 = a + i * line + (k << 3), a1 = i + 1 < rows ? a0 + line : a0;
        tile(out + ((i * cols + j) << 3), cols << 3, rows - i, cols - j, a0, a1, p, len, k == 0);
      }
    }
  }
}
