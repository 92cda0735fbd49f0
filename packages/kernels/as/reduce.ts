// Sums and dot products of exactly n elements: whatever stands in the padding behind them does not count.

// @ts-ignore: decorator
@inline
function lanes32(v: v128): u32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}

export function sum16(a: usize, n: usize): u32 {
  const whole = (n << 1) & ~15, ones = i16x8.splat(1);
  let even = i32x4.splat(0);
  for (let i: usize = 0; i < whole; i += 16) even = i32x4.add(even, i32x4.dot_i16x8_s(v128.load(a + i), ones));
  let sum = lanes32(even);
  for (let i = whole; i < n << 1; i += 2) sum += load<u16>(a + i);
  return sum & 0xffff;
}

export function sum32(a: usize, n: usize): u32 {
  const whole = (n << 2) & ~15;
  let lanes = i32x4.splat(0);
  for (let i: usize = 0; i < whole; i += 16) lanes = i32x4.add(lanes, v128.load(a + i));
  let sum = lanes32(lanes);
  for (let i = whole; i < n << 2; i += 4) sum += load<u32>(a + i);
  return sum;
}

export function sum64(a: usize, n: usize): u64 {
  const whole = (n << 3) & ~15;
  let lanes = i64x2.splat(0);
  for (let i: usize = 0; i < whole; i += 16) lanes = i64x2.add(lanes, v128.load(a + i));
  const sum: u64 = i64x2.extract_lane(lanes, 0) + i64x2.extract_lane(lanes, 1);
  return n & 1 ? sum + load<u64>(a + whole) : sum;
}

// The products and their sum are right modulo 2^32, so their low 16 bits are right whatever the signs.
export function dot16(a: usize, b: usize, n: usize): u32 {
  const whole = (n << 1) & ~15;
  let lanes = i32x4.splat(0);
  for (let i: usize = 0; i < whole; i += 16) lanes = i32x4.add(lanes, i32x4.dot_i16x8_s(v128.load(a + i), v128.load(b + i)));
  let sum = lanes32(lanes);
  for (let i = whole; i < n << 1; i += 2) sum += <u32>load<u16>(a + i) * <u32>load<u16>(b + i);
  return sum & 0xffff;
}

export function dot32(a: usize, b: usize, n: usize): u32 {
  const whole = (n << 2) & ~15;
  let lanes = i32x4.splat(0);
  for (let i: usize = 0; i < whole; i += 16) lanes = i32x4.add(lanes, i32x4.mul(v128.load(a + i), v128.load(b + i)));
  let sum = lanes32(lanes);
  for (let i = whole; i < n << 2; i += 4) sum += load<u32>(a + i) * load<u32>(b + i);
  return sum;
}

export function dot64(a: usize, b: usize, n: usize): u64 {
  const whole = (n << 3) & ~15;
  let even: u64 = 0, odd: u64 = 0;
  for (let i: usize = 0; i < whole; i += 16) {
    even += load<u64>(a + i) * load<u64>(b + i);
    odd += load<u64>(a + i, 8) * load<u64>(b + i, 8);
  }
  return n & 1 ? even + odd + load<u64>(a + whole) * load<u64>(b + whole) : even + odd;
}
