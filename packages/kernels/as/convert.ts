// Between widths. Vectors of 8 elements, the rest one by one, so exactly n elements are read and written.

// @ts-ignore: decorator
@inline
function tail<From, To>(out: usize, src: usize, from: usize, n: usize): void {
  for (let i = from; i < n; i++) store<To>(out + i * sizeof<To>(), <To>load<From>(src + i * sizeof<From>()));
}

export function extend16to32(out: usize, src: usize, n: usize): void {
  const whole = n & ~7;
  for (let i: usize = 0; i < whole; i += 8) {
    const v = v128.load(src + (i << 1)), o = out + (i << 2);
    v128.store(o, i32x4.extend_low_i16x8_u(v));
    v128.store(o, i32x4.extend_high_i16x8_u(v), 16);
  }
  tail<u16, u32>(out, src, whole, n);
}

export function extend16to64(out: usize, src: usize, n: usize): void {
  const whole = n & ~7;
  for (let i: usize = 0; i < whole; i += 8) {
    const v = v128.load(src + (i << 1)), o = out + (i << 3);
    const low = i32x4.extend_low_i16x8_u(v), high = i32x4.extend_high_i16x8_u(v);
    v128.store(o, i64x2.extend_low_i32x4_u(low));
    v128.store(o, i64x2.extend_high_i32x4_u(low), 16);
    v128.store(o, i64x2.extend_low_i32x4_u(high), 32);
    v128.store(o, i64x2.extend_high_i32x4_u(high), 48);
  }
  tail<u16, u64>(out, src, whole, n);
}

export function extend32to64(out: usize, src: usize, n: usize): void {
  const whole = n & ~7;
  for (let i: usize = 0; i < whole; i += 4) {
    const v = v128.load(src + (i << 2)), o = out + (i << 3);
    v128.store(o, i64x2.extend_low_i32x4_u(v));
    v128.store(o, i64x2.extend_high_i32x4_u(v), 16);
  }
  tail<u32, u64>(out, src, whole, n);
}

export function narrow64to32(out: usize, src: usize, n: usize): void {
  const whole = n & ~7;
  for (let i: usize = 0; i < whole; i += 4) {
    const s = src + (i << 3);
    v128.store(out + (i << 2), i32x4.shuffle(v128.load(s), v128.load(s, 16), 0, 2, 4, 6));
  }
  tail<u64, u32>(out, src, whole, n);
}

/** The low 16 bits of eight 32-bit lanes. narrow_i32x4_u saturates, so the high bits go first. */
// @ts-ignore: decorator
@inline
function low16(x: v128, y: v128): v128 {
  const mask = i32x4.splat(0xffff);
  return i16x8.narrow_i32x4_u(v128.and(x, mask), v128.and(y, mask));
}

export function narrow32to16(out: usize, src: usize, n: usize): void {
  const whole = n & ~7;
  for (let i: usize = 0; i < whole; i += 8) {
    const s = src + (i << 2);
    v128.store(out + (i << 1), low16(v128.load(s), v128.load(s, 16)));
  }
  tail<u32, u16>(out, src, whole, n);
}

export function narrow64to16(out: usize, src: usize, n: usize): void {
  const whole = n & ~7;
  for (let i: usize = 0; i < whole; i += 8) {
    const s = src + (i << 3);
    const x = i32x4.shuffle(v128.load(s), v128.load(s, 16), 0, 2, 4, 6);
    const y = i32x4.shuffle(v128.load(s, 32), v128.load(s, 48), 0, 2, 4, 6);
    v128.store(out + (i << 1), low16(x, y));
  }
  tail<u64, u16>(out, src, whole, n);
}

export function shr64(out: usize, a: usize, f: i32, n: usize): void {
  for (let i: usize = 0; i < n << 3; i += 16) v128.store(out + i, i64x2.shr_u(v128.load(a + i), f));
}

export function and64c(out: usize, a: usize, mask: i64, n: usize): void {
  const m = i64x2.splat(mask);
  for (let i: usize = 0; i < n << 3; i += 16) v128.store(out + i, v128.and(v128.load(a + i), m));
}
