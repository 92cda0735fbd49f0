// Bit-slicing: bit k of n elements becomes n packed bits. 64 elements at a time: their bytes at one position fill four vectors,
// whose top bits i8x16.bitmask collects after a shift. 64-bit stores keep power-of-two strides bearable.

// Elements that stay in L1 while their words are taken one after the other: 16 output streams at a time, not 64.
const BLOCK: usize = 2048;

/** Bit 7−up of 64 bytes. The shift is of 16-bit lanes, as there is none of bytes; what crosses over lands below the top bit. */
// @ts-ignore: decorator
@inline
function bits(a: v128, b: v128, c: v128, d: v128, up: i32): u64 {
  return <u64><u32>i8x16.bitmask(i16x8.shl(a, up)) | (<u64><u32>i8x16.bitmask(i16x8.shl(b, up)) << 16)
    | (<u64><u32>i8x16.bitmask(i16x8.shl(c, up)) << 32) | (<u64><u32>i8x16.bitmask(i16x8.shl(d, up)) << 48);
}

/** Bits first … first+7 of 64 elements, whose bytes at that position are a, b, c, d; those in [lo, hi) are stored. */
// @ts-ignore: decorator
@inline
export function byte(a: v128, b: v128, c: v128, d: v128, out: usize, stride: usize, first: i32, lo: i32, hi: i32): void {
  if (first >= lo && first + 8 <= hi) {
    let p = out + <usize>(first - lo) * stride;
    store<u64>(p, bits(a, b, c, d, 7));
    store<u64>(p += stride, bits(a, b, c, d, 6));
    store<u64>(p += stride, bits(a, b, c, d, 5));
    store<u64>(p += stride, bits(a, b, c, d, 4));
    store<u64>(p += stride, bits(a, b, c, d, 3));
    store<u64>(p += stride, bits(a, b, c, d, 2));
    store<u64>(p += stride, bits(a, b, c, d, 1));
    store<u64>(p += stride, bits(a, b, c, d, 0));
  } else {
    for (let k = max(lo, first); k < min(hi, first + 8); k++) {
      store<u64>(out + <usize>(k - lo) * stride, bits(a, b, c, d, first + 7 - k));
    }
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

/** Bits 16·word … 16·word+15 of n elements. */
// @ts-ignore: decorator
@inline
function pass<T>(out: usize, stride: usize, src: usize, n: usize, word: i32, lo: i32, hi: i32): void {
  const first = word << 4, step = 8 * sizeof<T>();
  if (first >= hi || first + 16 <= lo) return;
  for (let i: usize = 0; i < n; i += 64) {
    const s = src + i * sizeof<T>(), o = out + (i >> 3);
    const a = words<T>(s, word), b = words<T>(s + step, word), c = words<T>(s + 2 * step, word), d = words<T>(s + 3 * step, word);
    const e = words<T>(s + 4 * step, word), f = words<T>(s + 5 * step, word), g = words<T>(s + 6 * step, word), h = words<T>(s + 7 * step, word);
    byte(lowBytes(a, b), lowBytes(c, d), lowBytes(e, f), lowBytes(g, h), o, stride, first, lo, hi);
    byte(highBytes(a, b), highBytes(c, d), highBytes(e, f), highBytes(g, h), o, stride, first + 8, lo, hi);
  }
}

// @ts-ignore: decorator
@inline
function slice<T>(out: usize, stride: usize, src: usize, n: usize, lo: i32, hi: i32): void {
  const whole = n & ~63;
  for (let i: usize = 0; i < whole; i += BLOCK) {
    const len = min(BLOCK, whole - i), o = out + (i >> 3), s = src + i * sizeof<T>();
    pass<T>(o, stride, s, len, 0, lo, hi);
    if (sizeof<T>() > 2) pass<T>(o, stride, s, len, 1, lo, hi);
    if (sizeof<T>() > 4) pass<T>(o, stride, s, len, 2, lo, hi);
    if (sizeof<T>() > 4) pass<T>(o, stride, s, len, 3, lo, hi);
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
