// Masked evaluation of a product (PROTOCOLS §2): the sum over subsets S of {0..f-1} of ±∏_{k∉S} Δ_k · share_S. One variable at a
// time: T'_S = Δ_k·T_S − T_{S∪k} for the S without k (bits: ∧ and ⊕), 2^f − 1 steps, all in registers. T = bool stands for Z_2.

// Pointers 0 and 1 mean a constant vector. They resolve to one strip of zeros or ones in the kernels' own memory, which is read
// again for every strip. Each width has its own ones, and all writers write the same, so instances may share a memory.
const STRIP: usize = 1024;
const ZEROS: usize = 32768;

// @ts-ignore: decorator
@inline
function ones<T>(): usize { return ZEROS + sizeof<T>() * STRIP; }

// @ts-ignore: decorator
@inline
function one<T>(): v128 {
  if (isBoolean<T>()) return i8x16.splat(-1);
  else return v128.splat<T>(<T>1);
}

// @ts-ignore: decorator
@inline
function at<T>(pointer: usize, offset: usize): usize {
  return pointer == 0 ? ZEROS : pointer == 1 ? ones<T>() : pointer + offset;
}

// @ts-ignore: decorator
@inline
function entry<T>(table: usize, index: usize, offset: usize): usize { return at<T>(load<u32>(table + (index << 2)), offset); }

// @ts-ignore: decorator
@inline
function join<T>(d: v128, x: v128, y: v128): v128 {
  if (isBoolean<T>()) return v128.xor(v128.and(d, x), y);
  else return v128.sub<T>(v128.mul<T>(d, x), y);
}

// @ts-ignore: decorator
@inline
function join1<T>(d: v128, x: usize, y: usize): v128 { return join<T>(d, v128.load(x), v128.load(y)); }

// @ts-ignore: decorator
@inline
function join2<T>(d0: v128, d1: v128, s0: usize, s1: usize, s2: usize, s3: usize): v128 {
  return join<T>(d1, join1<T>(d0, s0, s1), join1<T>(d0, s2, s3));
}

// @ts-ignore: decorator
@inline
function join3<T>(d0: v128, d1: v128, d2: v128, s0: usize, s1: usize, s2: usize, s3: usize, s4: usize, s5: usize, s6: usize, s7: usize): v128 {
  return join<T>(d2, join2<T>(d0, d1, s0, s1, s2, s3), join2<T>(d0, d1, s4, s5, s6, s7));
}

/** out ^= gate ∧ x for bits, out += c·x for numbers. */
// @ts-ignore: decorator
@inline
function accumulate<T>(out: usize, gate: usize, c: v128, x: v128): void {
  if (isBoolean<T>()) v128.store(out, v128.xor(v128.load(out), v128.and(v128.load(gate), x)));
  else v128.store(out, v128.add<T>(v128.load(out), v128.mul<T>(c, x)));
}

function strip1<T>(out: usize, d: usize, s: usize, gate: usize, c: v128, o: usize, len: usize): void {
  const d0 = entry<T>(d, 0, o), s0 = entry<T>(s, 0, o), s1 = entry<T>(s, 1, o);
  for (let i: usize = 0; i < len; i += 16) accumulate<T>(out + i, gate + i, c, join1<T>(v128.load(d0 + i), s0 + i, s1 + i));
}

function strip2<T>(out: usize, d: usize, s: usize, gate: usize, c: v128, o: usize, len: usize): void {
  const d0 = entry<T>(d, 0, o), d1 = entry<T>(d, 1, o);
  const s0 = entry<T>(s, 0, o), s1 = entry<T>(s, 1, o), s2 = entry<T>(s, 2, o), s3 = entry<T>(s, 3, o);
  for (let i: usize = 0; i < len; i += 16) {
    accumulate<T>(out + i, gate + i, c, join2<T>(v128.load(d0 + i), v128.load(d1 + i), s0 + i, s1 + i, s2 + i, s3 + i));
  }
}

function strip3<T>(out: usize, d: usize, s: usize, gate: usize, c: v128, o: usize, len: usize): void {
  const d0 = entry<T>(d, 0, o), d1 = entry<T>(d, 1, o), d2 = entry<T>(d, 2, o);
  const s0 = entry<T>(s, 0, o), s1 = entry<T>(s, 1, o), s2 = entry<T>(s, 2, o), s3 = entry<T>(s, 3, o);
  const s4 = entry<T>(s, 4, o), s5 = entry<T>(s, 5, o), s6 = entry<T>(s, 6, o), s7 = entry<T>(s, 7, o);
  for (let i: usize = 0; i < len; i += 16) {
    const x0 = v128.load(d0 + i), x1 = v128.load(d1 + i), x2 = v128.load(d2 + i);
    accumulate<T>(out + i, gate + i, c, join3<T>(x0, x1, x2, s0 + i, s1 + i, s2 + i, s3 + i, s4 + i, s5 + i, s6 + i, s7 + i));
  }
}

function strip4<T>(out: usize, d: usize, s: usize, gate: usize, c: v128, o: usize, len: usize): void {
  const d0 = entry<T>(d, 0, o), d1 = entry<T>(d, 1, o), d2 = entry<T>(d, 2, o), d3 = entry<T>(d, 3, o);
  const s0 = entry<T>(s, 0, o), s1 = entry<T>(s, 1, o), s2 = entry<T>(s, 2, o), s3 = entry<T>(s, 3, o);
  const s4 = entry<T>(s, 4, o), s5 = entry<T>(s, 5, o), s6 = entry<T>(s, 6, o), s7 = entry<T>(s, 7, o);
  const s8 = entry<T>(s, 8, o), s9 = entry<T>(s, 9, o), s10 = entry<T>(s, 10, o), s11 = entry<T>(s, 11, o);
  const s12 = entry<T>(s, 12, o), s13 = entry<T>(s, 13, o), s14 = entry<T>(s, 14, o), s15 = entry<T>(s, 15, o);
  for (let i: usize = 0; i < len; i += 16) {
    const x0 = v128.load(d0 + i), x1 = v128.load(d1 + i), x2 = v128.load(d2 + i);
    const low = join3<T>(x0, x1, x2, s0 + i, s1 + i, s2 + i, s3 + i, s4 + i, s5 + i, s6 + i, s7 + i);
    const high = join3<T>(x0, x1, x2, s8 + i, s9 + i, s10 + i, s11 + i, s12 + i, s13 + i, s14 + i, s15 + i);
    accumulate<T>(out + i, gate + i, c, join<T>(v128.load(d3 + i), low, high));
  }
}

// @ts-ignore: decorator
@inline
function foldStrips<T>(out: usize, d: usize, s: usize, gate: usize, c: v128, f: i32, bytes: usize): void {
  for (let i: usize = 0; i < min(bytes, STRIP); i += 16) {
    v128.store(ZEROS + i, i64x2.splat(0));
    v128.store(ones<T>() + i, one<T>());
  }
  for (let o: usize = 0; o < bytes; o += STRIP) {
    const g = at<T>(gate, o), len = min(STRIP, bytes - o);
    if (f == 1) strip1<T>(out + o, d, s, g, c, o, len);
    else if (f == 2) strip2<T>(out + o, d, s, g, c, o, len);
    else if (f == 3) strip3<T>(out + o, d, s, g, c, o, len);
    else strip4<T>(out + o, d, s, g, c, o, len);
  }
}

export function fold(out: usize, deltas: usize, shares: usize, gate: usize, f: i32, bytes: usize): void {
  foldStrips<bool>(out, deltas, shares, gate, i64x2.splat(0), f, bytes);
}
export function fold16(out: usize, deltas: usize, shares: usize, c: i32, f: i32, n: usize): void {
  foldStrips<u16>(out, deltas, shares, 0, i16x8.splat(<i16>c), f, n << 1);
}
export function fold32(out: usize, deltas: usize, shares: usize, c: i32, f: i32, n: usize): void {
  foldStrips<u32>(out, deltas, shares, 0, i32x4.splat(c), f, n << 2);
}
export function fold64(out: usize, deltas: usize, shares: usize, c: i64, f: i32, n: usize): void {
  foldStrips<u64>(out, deltas, shares, 0, i64x2.splat(c), f, n << 3);
}
