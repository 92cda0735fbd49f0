// Products in GF(2^128) by one fixed D, through 16 tables of 256 elements: table b holds D·(v·x^(8b)) for every byte v. An element is
// 16 bytes, bit k of byte j the coefficient of x^(8j+k), modulo x^128 + x^7 + x^2 + x + 1. Look-ups are by the bytes of the other
// factor, which whoever holds D may see: the frame of a peer, or hashes of own records. Never multiply a value shared with others.
const TABLE: usize = 4096;

export function gfTable(table: usize, d: usize): void {
  let lo = load<u64>(d), hi = load<u64>(d, 8);
  for (let b: usize = 0; b < 16; b++) {
    const t = table + b * TABLE;
    v128.store(t, i64x2.splat(0));
    for (let bit: usize = 16; bit < TABLE; bit <<= 1) {
      const power = i64x2.replace_lane(i64x2.splat(lo), 1, hi);
      for (let v: usize = 0; v < bit; v += 16) v128.store(t + bit + v, v128.xor(power, v128.load(t + v)));
      const carry = hi >> 63;
      hi = (hi << 1) | (lo >> 63);
      lo = (lo << 1) ^ (carry * 0x87);
    }
  }
}

/** Entry `byte` of the table at p; v has the byte at bits 4 … 11 when shifted by `down`. */
// @ts-ignore: decorator
@inline
function entry(p: usize, v: u64, down: u64): v128 { return v128.load(p + <usize>((v >> down) & 0xff0)); }

// @ts-ignore: decorator
@inline
function half(table: usize, v: u64): v128 {
  const a = v128.xor(v128.load(table + <usize>((v << 4) & 0xff0)), entry(table + TABLE, v, 4));
  const b = v128.xor(entry(table + 2 * TABLE, v, 12), entry(table + 3 * TABLE, v, 20));
  const c = v128.xor(entry(table + 4 * TABLE, v, 28), entry(table + 5 * TABLE, v, 36));
  const d = v128.xor(entry(table + 6 * TABLE, v, 44), v128.load(table + 7 * TABLE + <usize>((v >> 56) << 4)));
  return v128.xor(v128.xor(a, b), v128.xor(c, d));
}

// @ts-ignore: decorator
@inline
function product(x: usize, table: usize): v128 {
  return v128.xor(half(table, load<u64>(x)), half(table + 8 * TABLE, load<u64>(x, 8)));
}

export function gfMulFixed(out: usize, x: usize, table: usize, n: usize): void {
  for (let i: usize = 0; i < n << 4; i += 16) v128.store(out + i, product(x + i, table));
}

export function gfMulAddFixed(out: usize, x: usize, table: usize, n: usize): void {
  for (let i: usize = 0; i < n << 4; i += 16) v128.store(out + i, v128.xor(v128.load(out + i), product(x + i, table)));
}
