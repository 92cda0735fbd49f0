// SHA-256 (FIPS 180-4 §6.2) of items of one length, each behind a prefix byte, four items at a time, one in each lane. Control flow and
// addresses depend on lengths alone.
const BLOCK: u32 = 64;

// FIPS 180-4 §4.2.2 and §5.3.3.
const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const H: usize = memory.data<u32>([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]);
// The last 16 words of the message schedule, four lanes each.
const schedule: usize = memory.data(16 * 16, 16);

// @ts-ignore: decorator
@inline
function rotr(x: v128, n: i32): v128 { return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n)); }

// @ts-ignore: decorator
@inline
function plus(a: v128, b: v128): v128 { return i32x4.add(a, b); }

// Byte `at` of a message: the prefix, the item, then the padding but for its length.
// @ts-ignore: decorator
@inline
function byteOf(item: usize, itemBytes: u32, prefix: u32, at: u32): u32 {
  if (at == 0) return prefix;
  if (at <= itemBytes) return load<u8>(item + at - 1);
  return at == itemBytes + 1 ? 0x80 : 0;
}

// Word of a message, big-endian, from byte `at` on; it reads nothing outside the item.
// @ts-ignore: decorator
@inline
function wordOf(item: usize, itemBytes: u32, prefix: u32, at: u32): u32 {
  if (at != 0 && at + 3 <= itemBytes) return bswap(load<u32>(item + at - 1));
  return byteOf(item, itemBytes, prefix, at) << 24 | byteOf(item, itemBytes, prefix, at + 1) << 16
    | byteOf(item, itemBytes, prefix, at + 2) << 8 | byteOf(item, itemBytes, prefix, at + 3);
}

// @ts-ignore: decorator
@inline
function store4(out: usize, stride: usize, lanes: usize, word: usize, x: v128): void {
  const at = out + (word << 2);
  store<u32>(at, bswap(<u32>i32x4.extract_lane(x, 0)));
  if (lanes > 1) store<u32>(at + stride, bswap(<u32>i32x4.extract_lane(x, 1)));
  if (lanes > 2) store<u32>(at + 2 * stride, bswap(<u32>i32x4.extract_lane(x, 2)));
  if (lanes > 3) store<u32>(at + 3 * stride, bswap(<u32>i32x4.extract_lane(x, 3)));
}

function hash4(out: usize, lanes: usize, p0: usize, p1: usize, p2: usize, p3: usize, itemBytes: u32, prefix: u32): void {
  let h0 = v128.load32_splat(H), h1 = v128.load32_splat(H, 4), h2 = v128.load32_splat(H, 8), h3 = v128.load32_splat(H, 12);
  let h4 = v128.load32_splat(H, 16), h5 = v128.load32_splat(H, 20), h6 = v128.load32_splat(H, 24), h7 = v128.load32_splat(H, 28);
  // Prefix and item, a byte 0x80, zeros, and the length in bits (below 2^32).
  const blocks = (itemBytes + 1 + 9 + BLOCK - 1) / BLOCK;
  for (let block: u32 = 0; block < blocks; block++) {
    for (let t: u32 = 0; t < 16; t++) {
      const at = block * BLOCK + 4 * t;
      let w = i32x4.splat(t == 15 ? (itemBytes + 1) * 8 : 0);
      if (block < blocks - 1 || t < 14) {
        w = i32x4.splat(wordOf(p0, itemBytes, prefix, at));
        w = i32x4.replace_lane(w, 1, wordOf(p1, itemBytes, prefix, at));
        w = i32x4.replace_lane(w, 2, wordOf(p2, itemBytes, prefix, at));
        w = i32x4.replace_lane(w, 3, wordOf(p3, itemBytes, prefix, at));
      }
      v128.store(schedule + (t << 4), w);
    }
    let a = h0, b = h1, c = h2, d = h3, e = h4, f = h5, g = h6, h = h7;
    for (let t: u32 = 0; t < 64; t++) {
      const slot = schedule + ((t & 15) << 4);
      let w = v128.load(slot);
      if (t >= 16) {
        const w15 = v128.load(schedule + ((t + 1 & 15) << 4)), w2 = v128.load(schedule + ((t + 14 & 15) << 4));
        const s0 = v128.xor(v128.xor(rotr(w15, 7), rotr(w15, 18)), i32x4.shr_u(w15, 3));
        const s1 = v128.xor(v128.xor(rotr(w2, 17), rotr(w2, 19)), i32x4.shr_u(w2, 10));
        w = plus(plus(w, s0), plus(v128.load(schedule + ((t + 9 & 15) << 4)), s1));
        v128.store(slot, w);
      }
      const sum1 = v128.xor(v128.xor(rotr(e, 6), rotr(e, 11)), rotr(e, 25));
      const choice = v128.bitselect(f, g, e);
      const t1 = plus(plus(plus(h, sum1), plus(choice, w)), v128.load32_splat(K + (t << 2)));
      const sum0 = v128.xor(v128.xor(rotr(a, 2), rotr(a, 13)), rotr(a, 22));
      const majority = v128.bitselect(v128.or(b, c), v128.and(b, c), a);
      h = g; g = f; f = e; e = plus(d, t1); d = c; c = b; b = a; a = plus(t1, plus(sum0, majority));
    }
    h0 = plus(h0, a); h1 = plus(h1, b); h2 = plus(h2, c); h3 = plus(h3, d);
    h4 = plus(h4, e); h5 = plus(h5, f); h6 = plus(h6, g); h7 = plus(h7, h);
  }
  store4(out, 32, lanes, 0, h0); store4(out, 32, lanes, 1, h1); store4(out, 32, lanes, 2, h2); store4(out, 32, lanes, 3, h3);
  store4(out, 32, lanes, 4, h4); store4(out, 32, lanes, 5, h5); store4(out, 32, lanes, 6, h6); store4(out, 32, lanes, 7, h7);
}

export function sha256Fixed(out: usize, items: usize, itemBytes: u32, n: usize, prefix: u32): void {
  for (let i: usize = 0; i < n; i += 4) {
    const lanes = min(n - i, 4), p0 = items + i * itemBytes;
    const p1 = lanes > 1 ? p0 + itemBytes : p0, p2 = lanes > 2 ? p1 + itemBytes : p0, p3 = lanes > 3 ? p2 + itemBytes : p0;
    hash4(out + i * 32, lanes, p0, p1, p2, p3, itemBytes, prefix);
  }
}
