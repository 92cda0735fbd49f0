// Packed bits, least significant first, and their unpacking into 0/1 elements.
const XOR = 0, AND = 1, XOR_AND = 2, NOT = 3;

// @ts-ignore: decorator
@inline
function apply(op: i32, out: usize, a: usize, b: usize): void {
  if (op == XOR) v128.store(out, v128.xor(v128.load(a), v128.load(b)));
  else if (op == AND) v128.store(out, v128.and(v128.load(a), v128.load(b)));
  else if (op == XOR_AND) v128.store(out, v128.xor(v128.load(out), v128.and(v128.load(a), v128.load(b))));
  else v128.store(out, v128.not(v128.load(a)));
}

// @ts-ignore: decorator
@inline
function zip(op: i32, out: usize, a: usize, b: usize, bytes: usize): void {
  let i: usize = 0;
  for (; i + 64 <= bytes; i += 64) {
    apply(op, out + i, a + i, b + i);
    apply(op, out + i + 16, a + i + 16, b + i + 16);
    apply(op, out + i + 32, a + i + 32, b + i + 32);
    apply(op, out + i + 48, a + i + 48, b + i + 48);
  }
  for (; i < bytes; i += 16) apply(op, out + i, a + i, b + i);
}

export function xor(out: usize, a: usize, b: usize, bytes: usize): void { zip(XOR, out, a, b, bytes); }
export function and(out: usize, a: usize, b: usize, bytes: usize): void { zip(AND, out, a, b, bytes); }
export function xorAnd(out: usize, a: usize, b: usize, bytes: usize): void { zip(XOR_AND, out, a, b, bytes); }
export function not(out: usize, a: usize, bytes: usize): void { zip(NOT, out, a, a, bytes); }

// Every lane tests its own bit of a byte that all lanes hold; `ne` gives all ones, the shift leaves 1.
export function spread16(out: usize, bits: usize, n: usize): void {
  const own = i16x8(1, 2, 4, 8, 16, 32, 64, 128), zero = i16x8.splat(0);
  for (let i: usize = 0; i < n; i += 8) {
    v128.store(out + (i << 1), i16x8.shr_u(i16x8.ne(v128.and(i16x8.splat(load<u8>(bits + (i >> 3))), own), zero), 15));
  }
}

export function spread32(out: usize, bits: usize, n: usize): void {
  const own = i32x4(1, 2, 4, 8), zero = i32x4.splat(0);
  for (let i: usize = 0; i < n; i += 4) {
    const byte = i32x4.splat(<i32>load<u8>(bits + (i >> 3)) >> <i32>(i & 4));
    v128.store(out + (i << 2), i32x4.shr_u(i32x4.ne(v128.and(byte, own), zero), 31));
  }
}

export function spread64(out: usize, bits: usize, n: usize): void {
  for (let i: usize = 0; i < n; i += 2) {
    const pair = <u64>load<u8>(bits + (i >> 3)) >> (i & 6);
    store<u64>(out + (i << 3), pair & 1);
    store<u64>(out + (i << 3), (pair >> 1) & 1, 8);
  }
}

// Elements of 16 bytes between records: out of rows, or into the items of a hash.
export function copy16(out: usize, outStride: usize, src: usize, srcStride: usize, n: usize): void {
  for (; n > 0; n--, out += outStride, src += srcStride) v128.store(out, v128.load(src));
}
