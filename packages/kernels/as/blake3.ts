// Keyed BLAKE3 of items of at most one chunk (1024 bytes), four items at a time, one in each lane. Lengths steer the control flow
// and the reads: they, like the items, belong to whoever hashes. Source: "BLAKE3, one function, fast everywhere", §2; its reference
// implementation numbers words and rounds as here.
const BLOCK: u32 = 64;
const CHUNK_START = 1, CHUNK_END = 2, ROOT = 8, KEYED = 16;

// @ts-ignore: decorator
@inline
function plus(a: v128, b: v128): v128 { return i32x4.add(a, b); }

// @ts-ignore: decorator
@inline
function add3(a: v128, b: v128, c: v128): v128 { return i32x4.add(i32x4.add(a, b), c); }

// The exclusive or of two vectors, each word rotated to the right.
// @ts-ignore: decorator
@inline
function xor16(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return i8x16.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

// @ts-ignore: decorator
@inline
function xor12(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return v128.or(i32x4.shr_u(x, 12), i32x4.shl(x, 20));
}

// @ts-ignore: decorator
@inline
function xor8(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return i8x16.shuffle(x, x, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
}

// @ts-ignore: decorator
@inline
function xor7(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25));
}

// Bytes `at` … at + 15 of an item of which `left` remain at p, zeros from its end on. Near the end it reads the last 16 bytes instead,
// so nothing behind the item, and moves them down; swizzle gives 0 for an index above 15, as it does for what stands before the item.
// @ts-ignore: decorator
@inline
function part(p: usize, left: u32, at: u32): v128 {
  const stop = min(at + 16, left);
  const own = i8x16.add(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>(at + 16 - stop)));
  return i8x16.swizzle(v128.load(p + stop - 16), own);
}

// Word 0, 1, 2 or 3 of a, b, c, d.
// @ts-ignore: decorator
@inline
function word(k: i32, a: v128, b: v128, c: v128, d: v128): v128 {
  if (k == 0) return i64x2.shuffle(i32x4.shuffle(a, b, 0, 4, 1, 5), i32x4.shuffle(c, d, 0, 4, 1, 5), 0, 2);
  if (k == 1) return i64x2.shuffle(i32x4.shuffle(a, b, 0, 4, 1, 5), i32x4.shuffle(c, d, 0, 4, 1, 5), 1, 3);
  if (k == 2) return i64x2.shuffle(i32x4.shuffle(a, b, 2, 6, 3, 7), i32x4.shuffle(c, d, 2, 6, 3, 7), 0, 2);
  return i64x2.shuffle(i32x4.shuffle(a, b, 2, 6, 3, 7), i32x4.shuffle(c, d, 2, 6, 3, 7), 1, 3);
}

// Bytes 16·quarter … of the output of the first `lanes` items, `stride` bytes apart.
// @ts-ignore: decorator
@inline
function put(out: usize, stride: usize, lanes: usize, quarter: usize, a: v128, b: v128, c: v128, d: v128): void {
  const to = out + (quarter << 4);
  v128.store(to, word(0, a, b, c, d));
  if (lanes > 1) v128.store(to + stride, word(1, a, b, c, d));
  if (lanes > 2) v128.store(to + 2 * stride, word(2, a, b, c, d));
  if (lanes > 3) v128.store(to + 3 * stride, word(3, a, b, c, d));
}

// @ts-ignore: decorator
@inline
function lanes4(a: u32, b: u32, c: u32, d: u32): v128 {
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(a), 1, b), 2, c), 3, d);
}

/** Items at p0 … p3, of n0 … n3 bytes; `bytes` (16, 32, 48 or 64) of block `counter` of the output for each of the first `lanes` of them. */
function block4(out: usize, stride: usize, bytes: usize, counter: u32, lanes: usize, key: usize, p0: usize, n0: u32, p1: usize, n1: u32, p2: usize, n2: u32, p3: usize, n3: u32): void {
  let h0 = v128.load_splat<u32>(key), h1 = v128.load_splat<u32>(key, 4), h2 = v128.load_splat<u32>(key, 8), h3 = v128.load_splat<u32>(key, 12);
  let h4 = v128.load_splat<u32>(key, 16), h5 = v128.load_splat<u32>(key, 20), h6 = v128.load_splat<u32>(key, 24), h7 = v128.load_splat<u32>(key, 28);
  let g0 = h0, g1 = h0, g2 = h0, g3 = h0, g4 = h0, g5 = h0, g6 = h0, g7 = h0;
  let live = i32x4.splat(-1), start = CHUNK_START;
  do {
    const a0 = part(p0, n0, 0), b0 = part(p1, n1, 0), c0 = part(p2, n2, 0), d0 = part(p3, n3, 0);
    const m0 = word(0, a0, b0, c0, d0), m1 = word(1, a0, b0, c0, d0), m2 = word(2, a0, b0, c0, d0), m3 = word(3, a0, b0, c0, d0);
    const a1 = part(p0, n0, 16), b1 = part(p1, n1, 16), c1 = part(p2, n2, 16), d1 = part(p3, n3, 16);
    const m4 = word(0, a1, b1, c1, d1), m5 = word(1, a1, b1, c1, d1), m6 = word(2, a1, b1, c1, d1), m7 = word(3, a1, b1, c1, d1);
    const a2 = part(p0, n0, 32), b2 = part(p1, n1, 32), c2 = part(p2, n2, 32), d2 = part(p3, n3, 32);
    const m8 = word(0, a2, b2, c2, d2), m9 = word(1, a2, b2, c2, d2), ma = word(2, a2, b2, c2, d2), mb = word(3, a2, b2, c2, d2);
    const a3 = part(p0, n0, 48), b3 = part(p1, n1, 48), c3 = part(p2, n2, 48), d3 = part(p3, n3, 48);
    const mc = word(0, a3, b3, c3, d3), md = word(1, a3, b3, c3, d3), me = word(2, a3, b3, c3, d3), mf = word(3, a3, b3, c3, d3);
    const s0 = min(n0, BLOCK), s1 = min(n1, BLOCK), s2 = min(n2, BLOCK), s3 = min(n3, BLOCK);
    p0 += s0; p1 += s1; p2 += s2; p3 += s3;
    n0 -= s0; n1 -= s1; n2 -= s2; n3 -= s3;
    const more = i32x4.ne(lanes4(n0, n1, n2, n3), i32x4.splat(0));

    let v0 = h0, v1 = h1, v2 = h2, v3 = h3, v4 = h4, v5 = h5, v6 = h6, v7 = h7;
    let v8 = i32x4.splat(0x6a09e667), v9 = i32x4.splat(0xbb67ae85), va = i32x4.splat(0x3c6ef372), vb = i32x4.splat(0xa54ff53a);
    let vc = v128.andnot(i32x4.splat(counter), more), vd = i32x4.splat(0), ve = lanes4(s0, s1, s2, s3);
    let vf = v128.or(v128.andnot(i32x4.splat(CHUNK_END | ROOT), more), i32x4.splat(KEYED | start));
    // round 1
    v0 = add3(v0, v4, m0); vc = xor16(vc, v0); v8 = plus(v8, vc); v4 = xor12(v4, v8); v0 = add3(v0, v4, m1); vc = xor8(vc, v0); v8 = plus(v8, vc); v4 = xor7(v4, v8);
    v1 = add3(v1, v5, m2); vd = xor16(vd, v1); v9 = plus(v9, vd); v5 = xor12(v5, v9); v1 = add3(v1, v5, m3); vd = xor8(vd, v1); v9 = plus(v9, vd); v5 = xor7(v5, v9);
    v2 = add3(v2, v6, m4); ve = xor16(ve, v2); va = plus(va, ve); v6 = xor12(v6, va); v2 = add3(v2, v6, m5); ve = xor8(ve, v2); va = plus(va, ve); v6 = xor7(v6, va);
    v3 = add3(v3, v7, m6); vf = xor16(vf, v3); vb = plus(vb, vf); v7 = xor12(v7, vb); v3 = add3(v3, v7, m7); vf = xor8(vf, v3); vb = plus(vb, vf); v7 = xor7(v7, vb);
    v0 = add3(v0, v5, m8); vf = xor16(vf, v0); va = plus(va, vf); v5 = xor12(v5, va); v0 = add3(v0, v5, m9); vf = xor8(vf, v0); va = plus(va, vf); v5 = xor7(v5, va);
    v1 = add3(v1, v6, ma); vc = xor16(vc, v1); vb = plus(vb, vc); v6 = xor12(v6, vb); v1 = add3(v1, v6, mb); vc = xor8(vc, v1); vb = plus(vb, vc); v6 = xor7(v6, vb);
    v2 = add3(v2, v7, mc); vd = xor16(vd, v2); v8 = plus(v8, vd); v7 = xor12(v7, v8); v2 = add3(v2, v7, md); vd = xor8(vd, v2); v8 = plus(v8, vd); v7 = xor7(v7, v8);
    v3 = add3(v3, v4, me); ve = xor16(ve, v3); v9 = plus(v9, ve); v4 = xor12(v4, v9); v3 = add3(v3, v4, mf); ve = xor8(ve, v3); v9 = plus(v9, ve); v4 = xor7(v4, v9);
    // round 2
    v0 = add3(v0, v4, m2); vc = xor16(vc, v0); v8 = plus(v8, vc); v4 = xor12(v4, v8); v0 = add3(v0, v4, m6); vc = xor8(vc, v0); v8 = plus(v8, vc); v4 = xor7(v4, v8);
    v1 = add3(v1, v5, m3); vd = xor16(vd, v1); v9 = plus(v9, vd); v5 = xor12(v5, v9); v1 = add3(v1, v5, ma); vd = xor8(vd, v1); v9 = plus(v9, vd); v5 = xor7(v5, v9);
    v2 = add3(v2, v6, m7); ve = xor16(ve, v2); va = plus(va, ve); v6 = xor12(v6, va); v2 = add3(v2, v6, m0); ve = xor8(ve, v2); va = plus(va, ve); v6 = xor7(v6, va);
    v3 = add3(v3, v7, m4); vf = xor16(vf, v3); vb = plus(vb, vf); v7 = xor12(v7, vb); v3 = add3(v3, v7, md); vf = xor8(vf, v3); vb = plus(vb, vf); v7 = xor7(v7, vb);
    v0 = add3(v0, v5, m1); vf = xor16(vf, v0); va = plus(va, vf); v5 = xor12(v5, va); v0 = add3(v0, v5, mb); vf = xor8(vf, v0); va = plus(va, vf); v5 = xor7(v5, va);
    v1 = add3(v1, v6, mc); vc = xor16(vc, v1); vb = plus(vb, vc); v6 = xor12(v6, vb); v1 = add3(v1, v6, m5); vc = xor8(vc, v1); vb = plus(vb, vc); v6 = xor7(v6, vb);
    v2 = add3(v2, v7, m9); vd = xor16(vd, v2); v8 = plus(v8, vd); v7 = xor12(v7, v8); v2 = add3(v2, v7, me); vd = xor8(vd, v2); v8 = plus(v8, vd); v7 = xor7(v7, v8);
    v3 = add3(v3, v4, mf); ve = xor16(ve, v3); v9 = plus(v9, ve); v4 = xor12(v4, v9); v3 = add3(v3, v4, m8); ve = xor8(ve, v3); v9 = plus(v9, ve); v4 = xor7(v4, v9);
    // round 3
    v0 = add3(v0, v4, m3); vc = xor16(vc, v0); v8 = plus(v8, vc); v4 = xor12(v4, v8); v0 = add3(v0, v4, m4); vc = xor8(vc, v0); v8 = plus(v8, vc); v4 = xor7(v4, v8);
    v1 = add3(v1, v5, ma); vd = xor16(vd, v1); v9 = plus(v9, vd); v5 = xor12(v5, v9); v1 = add3(v1, v5, mc); vd = xor8(vd, v1); v9 = plus(v9, vd); v5 = xor7(v5, v9);
    v2 = add3(v2, v6, md); ve = xor16(ve, v2); va = plus(va, ve); v6 = xor12(v6, va); v2 = add3(v2, v6, m2); ve = xor8(ve, v2); va = plus(va, ve); v6 = xor7(v6, va);
    v3 = add3(v3, v7, m7); vf = xor16(vf, v3); vb = plus(vb, vf); v7 = xor12(v7, vb); v3 = add3(v3, v7, me); vf = xor8(vf, v3); vb = plus(vb, vf); v7 = xor7(v7, vb);
    v0 = add3(v0, v5, m6); vf = xor16(vf, v0); va = plus(va, vf); v5 = xor12(v5, va); v0 = add3(v0, v5, m5); vf = xor8(vf, v0); va = plus(va, vf); v5 = xor7(v5, va);
    v1 = add3(v1, v6, m9); vc = xor16(vc, v1); vb = plus(vb, vc); v6 = xor12(v6, vb); v1 = add3(v1, v6, m0); vc = xor8(vc, v1); vb = plus(vb, vc); v6 = xor7(v6, vb);
    v2 = add3(v2, v7, mb); vd = xor16(vd, v2); v8 = plus(v8, vd); v7 = xor12(v7, v8); v2 = add3(v2, v7, mf); vd = xor8(vd, v2); v8 = plus(v8, vd); v7 = xor7(v7, v8);
    v3 = add3(v3, v4, m8); ve = xor16(ve, v3); v9 = plus(v9, ve); v4 = xor12(v4, v9); v3 = add3(v3, v4, m1); ve = xor8(ve, v3); v9 = plus(v9, ve); v4 = xor7(v4, v9);
    // round 4
    v0 = add3(v0, v4, ma); vc = xor16(vc, v0); v8 = plus(v8, vc); v4 = xor12(v4, v8); v0 = add3(v0, v4, m7); vc = xor8(vc, v0); v8 = plus(v8, vc); v4 = xor7(v4, v8);
    v1 = add3(v1, v5, mc); vd = xor16(vd, v1); v9 = plus(v9, vd); v5 = xor12(v5, v9); v1 = add3(v1, v5, m9); vd = xor8(vd, v1); v9 = plus(v9, vd); v5 = xor7(v5, v9);
    v2 = add3(v2, v6, me); ve = xor16(ve, v2); va = plus(va, ve); v6 = xor12(v6, va); v2 = add3(v2, v6, m3); ve = xor8(ve, v2); va = plus(va, ve); v6 = xor7(v6, va);
    v3 = add3(v3, v7, md); vf = xor16(vf, v3); vb = plus(vb, vf); v7 = xor12(v7, vb); v3 = add3(v3, v7, mf); vf = xor8(vf, v3); vb = plus(vb, vf); v7 = xor7(v7, vb);
    v0 = add3(v0, v5, m4); vf = xor16(vf, v0); va = plus(va, vf); v5 = xor12(v5, va); v0 = add3(v0, v5, m0); vf = xor8(vf, v0); va = plus(va, vf); v5 = xor7(v5, va);
    v1 = add3(v1, v6, mb); vc = xor16(vc, v1); vb = plus(vb, vc); v6 = xor12(v6, vb); v1 = add3(v1, v6, m2); vc = xor8(vc, v1); vb = plus(vb, vc); v6 = xor7(v6, vb);
    v2 = add3(v2, v7, m5); vd = xor16(vd, v2); v8 = plus(v8, vd); v7 = xor12(v7, v8); v2 = add3(v2, v7, m8); vd = xor8(vd, v2); v8 = plus(v8, vd); v7 = xor7(v7, v8);
    v3 = add3(v3, v4, m1); ve = xor16(ve, v3); v9 = plus(v9, ve); v4 = xor12(v4, v9); v3 = add3(v3, v4, m6); ve = xor8(ve, v3); v9 = plus(v9, ve); v4 = xor7(v4, v9);
    // round 5
    v0 = add3(v0, v4, mc); vc = xor16(vc, v0); v8 = plus(v8, vc); v4 = xor12(v4, v8); v0 = add3(v0, v4, md); vc = xor8(vc, v0); v8 = plus(v8, vc); v4 = xor7(v4, v8);
    v1 = add3(v1, v5, m9); vd = xor16(vd, v1); v9 = plus(v9, vd); v5 = xor12(v5, v9); v1 = add3(v1, v5, mb); vd = xor8(vd, v1); v9 = plus(v9, vd); v5 = xor7(v5, v9);
    v2 = add3(v2, v6, mf); ve = xor16(ve, v2); va = plus(va, ve); v6 = xor12(v6, va); v2 = add3(v2, v6, ma); ve = xor8(ve, v2); va = plus(va, ve); v6 = xor7(v6, va);
    v3 = add3(v3, v7, me); vf = xor16(vf, v3); vb = plus(vb, vf); v7 = xor12(v7, vb); v3 = add3(v3, v7, m8); vf = xor8(vf, v3); vb = plus(vb, vf); v7 = xor7(v7, vb);
    v0 = add3(v0, v5, m7); vf = xor16(vf, v0); va = plus(va, vf); v5 = xor12(v5, va); v0 = add3(v0, v5, m2); vf = xor8(vf, v0); va = plus(va, vf); v5 = xor7(v5, va);
    v1 = add3(v1, v6, m5); vc = xor16(vc, v1); vb = plus(vb, vc); v6 = xor12(v6, vb); v1 = add3(v1, v6, m3); vc = xor8(vc, v1); vb = plus(vb, vc); v6 = xor7(v6, vb);
    v2 = add3(v2, v7, m0); vd = xor16(vd, v2); v8 = plus(v8, vd); v7 = xor12(v7, v8); v2 = add3(v2, v7, m1); vd = xor8(vd, v2); v8 = plus(v8, vd); v7 = xor7(v7, v8);
    v3 = add3(v3, v4, m6); ve = xor16(ve, v3); v9 = plus(v9, ve); v4 = xor12(v4, v9); v3 = add3(v3, v4, m4); ve = xor8(ve, v3); v9 = plus(v9, ve); v4 = xor7(v4, v9);
    // round 6
    v0 = add3(v0, v4, m9); vc = xor16(vc, v0); v8 = plus(v8, vc); v4 = xor12(v4, v8); v0 = add3(v0, v4, me); vc = xor8(vc, v0); v8 = plus(v8, vc); v4 = xor7(v4, v8);
    v1 = add3(v1, v5, mb); vd = xor16(vd, v1); v9 = plus(v9, vd); v5 = xor12(v5, v9); v1 = add3(v1, v5, m5); vd = xor8(vd, v1); v9 = plus(v9, vd); v5 = xor7(v5, v9);
    v2 = add3(v2, v6, m8); ve = xor16(ve, v2); va = plus(va, ve); v6 = xor12(v6, va); v2 = add3(v2, v6, mc); ve = xor8(ve, v2); va = plus(va, ve); v6 = xor7(v6, va);
    v3 = add3(v3, v7, mf); vf = xor16(vf, v3); vb = plus(vb, vf); v7 = xor12(v7, vb); v3 = add3(v3, v7, m1); vf = xor8(vf, v3); vb = plus(vb, vf); v7 = xor7(v7, vb);
    v0 = add3(v0, v5, md); vf = xor16(vf, v0); va = plus(va, vf); v5 = xor12(v5, va); v0 = add3(v0, v5, m3); vf = xor8(vf, v0); va = plus(va, vf); v5 = xor7(v5, va);
    v1 = add3(v1, v6, m0); vc = xor16(vc, v1); vb = plus(vb, vc); v6 = xor12(v6, vb); v1 = add3(v1, v6, ma); vc = xor8(vc, v1); vb = plus(vb, vc); v6 = xor7(v6, vb);
    v2 = add3(v2, v7, m2); vd = xor16(vd, v2); v8 = plus(v8, vd); v7 = xor12(v7, v8); v2 = add3(v2, v7, m6); vd = xor8(vd, v2); v8 = plus(v8, vd); v7 = xor7(v7, v8);
    v3 = add3(v3, v4, m4); ve = xor16(ve, v3); v9 = plus(v9, ve); v4 = xor12(v4, v9); v3 = add3(v3, v4, m7); ve = xor8(ve, v3); v9 = plus(v9, ve); v4 = xor7(v4, v9);
    // round 7
    v0 = add3(v0, v4, mb); vc = xor16(vc, v0); v8 = plus(v8, vc); v4 = xor12(v4, v8); v0 = add3(v0, v4, mf); vc = xor8(vc, v0); v8 = plus(v8, vc); v4 = xor7(v4, v8);
    v1 = add3(v1, v5, m5); vd = xor16(vd, v1); v9 = plus(v9, vd); v5 = xor12(v5, v9); v1 = add3(v1, v5, m0); vd = xor8(vd, v1); v9 = plus(v9, vd); v5 = xor7(v5, v9);
    v2 = add3(v2, v6, m1); ve = xor16(ve, v2); va = plus(va, ve); v6 = xor12(v6, va); v2 = add3(v2, v6, m9); ve = xor8(ve, v2); va = plus(va, ve); v6 = xor7(v6, va);
    v3 = add3(v3, v7, m8); vf = xor16(vf, v3); vb = plus(vb, vf); v7 = xor12(v7, vb); v3 = add3(v3, v7, m6); vf = xor8(vf, v3); vb = plus(vb, vf); v7 = xor7(v7, vb);
    v0 = add3(v0, v5, me); vf = xor16(vf, v0); va = plus(va, vf); v5 = xor12(v5, va); v0 = add3(v0, v5, ma); vf = xor8(vf, v0); va = plus(va, vf); v5 = xor7(v5, va);
    v1 = add3(v1, v6, m2); vc = xor16(vc, v1); vb = plus(vb, vc); v6 = xor12(v6, vb); v1 = add3(v1, v6, mc); vc = xor8(vc, v1); vb = plus(vb, vc); v6 = xor7(v6, vb);
    v2 = add3(v2, v7, m3); vd = xor16(vd, v2); v8 = plus(v8, vd); v7 = xor12(v7, v8); v2 = add3(v2, v7, m4); vd = xor8(vd, v2); v8 = plus(v8, vd); v7 = xor7(v7, v8);
    v3 = add3(v3, v4, m7); ve = xor16(ve, v3); v9 = plus(v9, ve); v4 = xor12(v4, v9); v3 = add3(v3, v4, md); ve = xor8(ve, v3); v9 = plus(v9, ve); v4 = xor7(v4, v9);

    // A lane whose item has ended keeps its output. Only the last block gives bytes 32 … 63.
    if (bytes > 32) {
      g0 = v128.bitselect(v128.xor(v8, h0), g0, live); g1 = v128.bitselect(v128.xor(v9, h1), g1, live);
      g2 = v128.bitselect(v128.xor(va, h2), g2, live); g3 = v128.bitselect(v128.xor(vb, h3), g3, live);
      g4 = v128.bitselect(v128.xor(vc, h4), g4, live); g5 = v128.bitselect(v128.xor(vd, h5), g5, live);
      g6 = v128.bitselect(v128.xor(ve, h6), g6, live); g7 = v128.bitselect(v128.xor(vf, h7), g7, live);
    }
    h0 = v128.bitselect(v128.xor(v0, v8), h0, live); h1 = v128.bitselect(v128.xor(v1, v9), h1, live);
    h2 = v128.bitselect(v128.xor(v2, va), h2, live); h3 = v128.bitselect(v128.xor(v3, vb), h3, live);
    h4 = v128.bitselect(v128.xor(v4, vc), h4, live); h5 = v128.bitselect(v128.xor(v5, vd), h5, live);
    h6 = v128.bitselect(v128.xor(v6, ve), h6, live); h7 = v128.bitselect(v128.xor(v7, vf), h7, live);
    live = more;
    start = 0;
  } while (v128.any_true(live));
  put(out, stride, lanes, 0, h0, h1, h2, h3);
  if (bytes > 16) put(out, stride, lanes, 1, h4, h5, h6, h7);
  if (bytes > 32) put(out, stride, lanes, 2, g0, g1, g2, g3);
  if (bytes > 48) put(out, stride, lanes, 3, g4, g5, g6, g7);
}

/** All blocks of the output: only the compression of an item's last block counts them. */
// @ts-ignore: decorator
@inline
function hash4(out: usize, outBytes: usize, lanes: usize, key: usize, p0: usize, n0: u32, p1: usize, n1: u32, p2: usize, n2: u32, p3: usize, n3: u32): void {
  for (let at: usize = 0; at < outBytes; at += BLOCK) {
    block4(out + at, outBytes, min(outBytes - at, BLOCK), <u32>(at / BLOCK), lanes, key, p0, n0, p1, n1, p2, n2, p3, n3);
  }
}

export function blake3Items(out: usize, key: usize, data: usize, offsets: usize, n: usize, outBytes: usize): void {
  for (let i: usize = 0; i < n; i += 4) {
    const lanes = min(n - i, 4), at = offsets + (i << 2);
    // Lanes without an item hash an empty one.
    const o0 = load<u32>(at), o1 = load<u32>(at, 4);
    const o2 = lanes > 1 ? load<u32>(at, 8) : o1, o3 = lanes > 2 ? load<u32>(at, 12) : o2, o4 = lanes > 3 ? load<u32>(at, 16) : o3;
    hash4(out + i * outBytes, outBytes, lanes, key, data + o0, o1 - o0, data + o1, o2 - o1, data + o2, o3 - o2, data + o3, o4 - o3);
  }
}

export function blake3Fixed(out: usize, key: usize, items: usize, itemBytes: u32, n: usize, outBytes: usize): void {
  for (let i: usize = 0; i < n; i += 4) {
    const lanes = min(n - i, 4), p0 = items + i * itemBytes;
    const p1 = lanes > 1 ? p0 + itemBytes : p0, p2 = lanes > 2 ? p1 + itemBytes : p0, p3 = lanes > 3 ? p2 + itemBytes : p0;
    hash4(out + i * outBytes, outBytes, lanes, key, p0, itemBytes, p1, itemBytes, p2, itemBytes, p3, itemBytes);
  }
}
