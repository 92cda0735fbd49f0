// Matrix products with few nonzero entries a row, and the transposition that brings the other factor into the order they read.

// @ts-ignore: decorator
@inline
function transpose<T>(out: usize, a: usize, rows: usize, cols: usize): void {
  const size = sizeof<T>();
  // Blocks of 32 x 32 elements: both sides stay in L1.
  for (let i: usize = 0; i < rows; i += 32) {
    const rowEnd = min(i + 32, rows);
    for (let j: usize = 0; j < cols; j += 32) {
      const colEnd = min(j + 32, cols);
      for (let y = j; y < colEnd; y++) {
        let to = out + (y * rows + i) * size, from = a + (i * cols + y) * size;
        for (let x = i; x < rowEnd; x++, to += size, from += cols * size) store<T>(to, load<T>(from));
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function step<T>(sum: v128, at: usize, c: v128): v128 { return v128.add<T>(sum, v128.mul<T>(v128.load(at), c)); }

/** 128 bytes of columns at a time in registers, then what is left element by element: writes exactly `cols` elements. */
// @ts-ignore: decorator
@inline
function sparse<T>(out: usize, indices: usize, coefficients: usize, terms: usize, b: usize, cols: usize): void {
  const size = sizeof<T>(), line = cols * size, whole = line & ~127;
  let at: usize = 0;
  for (; at < whole; at += 128) {
    const o = out + at;
    let s0 = v128.load(o), s1 = v128.load(o, 16), s2 = v128.load(o, 32), s3 = v128.load(o, 48);
    let s4 = v128.load(o, 64), s5 = v128.load(o, 80), s6 = v128.load(o, 96), s7 = v128.load(o, 112);
    for (let t: usize = 0; t < terms; t++) {
      const p = b + <usize>load<u32>(indices + (t << 2)) * line + at, c = v128.splat<T>(load<T>(coefficients + t * size));
      s0 = step<T>(s0, p, c); s1 = step<T>(s1, p + 16, c); s2 = step<T>(s2, p + 32, c); s3 = step<T>(s3, p + 48, c);
      s4 = step<T>(s4, p + 64, c); s5 = step<T>(s5, p + 80, c); s6 = step<T>(s6, p + 96, c); s7 = step<T>(s7, p + 112, c);
    }
    v128.store(o, s0); v128.store(o, s1, 16); v128.store(o, s2, 32); v128.store(o, s3, 48);
    v128.store(o, s4, 64); v128.store(o, s5, 80); v128.store(o, s6, 96); v128.store(o, s7, 112);
  }
  for (; at < line; at += size) {
    let sum = load<T>(out + at);
    for (let t: usize = 0; t < terms; t++) {
      sum = <T>(sum + load<T>(b + <usize>load<u32>(indices + (t << 2)) * line + at) * load<T>(coefficients + t * size));
    }
    store<T>(out + at, sum);
  }
}

export function transpose16(out: usize, a: usize, rows: usize, cols: usize): void { transpose<u16>(out, a, rows, cols); }
export function transpose32(out: usize, a: usize, rows: usize, cols: usize): void { transpose<u32>(out, a, rows, cols); }
export function transpose64(out: usize, a: usize, rows: usize, cols: usize): void { transpose<u64>(out, a, rows, cols); }
export function sparse16(out: usize, indices: usize, coefficients: usize, terms: usize, b: usize, cols: usize): void { sparse<u16>(out, indices, coefficients, terms, b, cols); }
export function sparse32(out: usize, indices: usize, coefficients: usize, terms: usize, b: usize, cols: usize): void { sparse<u32>(out, indices, coefficients, terms, b, cols); }
export function sparse64(out: usize, indices: usize, coefficients: usize, terms: usize, b: usize, cols: usize): void { sparse<u64>(out, indices, coefficients, terms, b, cols); }
