// What several kernels share.

/** Lanes of T multiplied modulo 2^B. */
// @ts-ignore: decorator
@inline
export function mul<T>(x: v128, y: v128): v128 {
  if (sizeof<T>() == 8) {
    return i64x2.replace_lane(
      i64x2.splat(i64x2.extract_lane(x, 0) * i64x2.extract_lane(y, 0)), 1,
      i64x2.extract_lane(x, 1) * i64x2.extract_lane(y, 1));
  } else {
    return v128.mul<T>(x, y);
  }
}
