// Bit-slicing: bit k of n elements becomes n packed bits. 64 elements at a time: their bytes at one position fill four vectors,
// whose top bits i8x16.bitmask collects; doubling brings the next bit up. 64-bit stores keep power-of-two strides bearable.

// @ts-ignore: decorator
@inline
function topBits(a: v128, b: v128, c: v128, d: v128): u64 {
  return <u64><u32>i8x16.bitmask(a) | (<u64><u32>i8x16.bitmask(b) << 16) | (<u64><u32>i8x16.bitmask(c) << 32) | (<u64><u32>i8x16.bitmask(d) << 48);
}

/** Bits first … first+7 of 64 elements, whose bytes at that position are a, b, c, d; those in [lo, hi) are stored. */
function byte(a: v128, b: v128, c: v128, d: v128, out: usize, stride: usize, first: i32, lo: i32, hi: i32): void {
  for (let k = first + 7; k >= first; k--) {
    if (k >= lo && k < hi) store<u64>(out + <usize>(k - lo) * stride, topBits(a, b, c, d));
    a = i8x16.add(a, a);
    b = i8x16.add(b, b);
    c = i8x16.add(c, c);
    d = i8x16.add(d, d);
  }
}

/** Sixteen bits of eight elements at src, from bit `word * 16` of each. */
// @ts-ignore: decorator
@inline
function words<T>(src: usize, word: i32): v128 {
  if (sizeof<T>() == 2) return v128.load(src);
  let x: v128, y: v128;
  if (sizeof<T>() == 4) {
    x = v128.load(src);
    y = v128.load(src, 16);
  } else if (word < 2) {
    x = i32x4.shuffle(v128.load(src), v128.load(src, 16), 0, 2, 4, 6);
    y = i32x4.shuffle(v128.load(src, 32), v128.load(src, 48), 0, 2, 4, 6);
  } else {
    x = i32x4.shuffle(v128.load(src), v128.load(src, 16), 1, 3, 5, 7);
    y = i32x4.shuffle(v128.load(src, 32), v128.load(src, 48), 1, 3, 5, 7);
  }
  if (word & 1) return i16x8.narrow_i32x4_u(i32x4.shr_u(x, 16), i32x4.shr_u(y, 16));
  const mask = i32x4.splat(0xffff);
  return i16x8.narrow_i32x4_u(v128.and(x, mask), v128.and(y, mask));
}

// @ts-ignore: decorator
@inline
function lowBytes(x: v128, y: v128): v128 {
  const mask = i16x8.splat(0xff);
  return i8x16.narrow_i16x8_u(v128.and(x, mask), v128.and(y, mask));
}

// @ts-ignore: decorator
@inline
function highBytes(x: v128, y: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.shr_u(x, 8), i16x8.shr_u(y, 8));
}

/** The two bytes at bits 16·word … 16·word+15 of the 64 elements at src. */
// @ts-ignore: decorator
@inline
function twoBytes<T>(out: usize, stride: usize, src: usize, word: i32, lo: i32, hi: i32): void {
  const first = word << 4;
  if (first >= hi || first + 16 <= lo) return;
  const step = 8 * sizeof<T>();
  const a = words<T>(src, word), b = words<T>(src + step, word), c = words<T>(src + 2 * step, word), d = words<T>(src + 3 * step, word);
  const e = words<T>(src + 4 * step, word), f = words<T>(src + 5 * step, word), g = words<T>(src + 6 * step, word), h = words<T>(src + 7 * step, word);
  byte(lowBytes(a, b), lowBytes(c, d), lowBytes(e, f), lowBytes(g, h), out, stride, first, lo, hi);
  byte(highBytes(a, b), highBytes(c, d), highBytes(e, f), highBytes(g, h), out, stride, first + 8, lo, hi);
}

// @ts-ignore: decorator
@inline
function slice<T>(out: usize, stride: usize, src: usize, n: usize, lo: i32, hi: i32): void {
  const whole = n & ~63;
  for (let i: usize = 0; i < whole; i += 64) {
    const o = out + (i >> 3), s = src + i * sizeof<T>();
    twoBytes<T>(o, stride, s, 0, lo, hi);
    if (sizeof<T>() > 2) twoBytes<T>(o, stride, s, 1, lo, hi);
    if (sizeof<T>() > 4) twoBytes<T>(o, stride, s, 2, lo, hi);
    if (sizeof<T>() > 4) twoBytes<T>(o, stride, s, 3, lo, hi);
  }
  // The last, partial words, and zeros up to a whole vector.
  for (let i = whole; i < ((n + 127) & ~127); i += 64) {
    for (let k = lo; k < hi; k++) {
      let word: u64 = 0;
      for (let j = i; j < n; j++) word |= ((<u64>load<T>(src + j * sizeof<T>()) >> <u64>k) & 1) << <u64>(j - i);
      store<u64>(out + <usize>(k - lo) * stride + (i >> 3), word);
    }
  }
}

export function slice16(out: usize, stride: usize, src: usize, n: usize, lo: i32, hi: i32): void { slice<u16>(out, stride, src, n, lo, hi); }
export function slice32(out: usize, stride: usize, src: usize, n: usize, lo: i32, hi: i32): void { slice<u32>(out, stride, src, n, lo, hi); }
export function slice64(out: usize, stride: usize, src: usize, n: usize, lo: i32, hi: i32): void { slice<u64>(out, stride, src, n, lo, hi); }
