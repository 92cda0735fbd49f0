import type { BitOps, Ptr, PtrTable } from './abi.ts';
import type { Arena } from './arena.ts';

export function bitOps(arena: Arena): BitOps {
  const zip = (f: (old: number, x: number, y: number) => number) => (out: Ptr, a: Ptr, b: Ptr, bytes: number) => {
    const [to, x, y] = [arena.bytes(out, bytes), arena.bytes(a, bytes), arena.bytes(b, bytes)];
    for (let i = 0; i < bytes; i++) to[i] = f(to[i]!, x[i]!, y[i]!);
  };
  const constantOr = (ptr: Ptr, bytes: number): ((i: number) => number) => {
    if (ptr < 2) return () => (ptr === 0 ? 0 : 0xff);
    const values = arena.bytes(ptr, bytes);
    return (i) => values[i]!;
  };
  const operand = (table: PtrTable, index: number, bytes: number) =>
    constantOr(arena.u32(table, index + 1)[index]!, bytes);

  return {
    xor: zip((_, x, y) => x ^ y),
    and: zip((_, x, y) => x & y),
    xorAnd: zip((old, x, y) => old ^ (x & y)),
    not(out, a, bytes) {
      zip((_, x) => ~x)(out, a, a, bytes);
    },
    fold(out, deltas, shares, gate, f, bytes) {
      const to = arena.bytes(out, bytes);
      const open = constantOr(gate, bytes);
      const delta = Array.from({ length: f }, (_, k) => operand(deltas, k, bytes));
      const share = Array.from({ length: 2 ** f }, (_, s) => operand(shares, s, bytes));
      for (let i = 0; i < bytes; i++) {
        for (const [s, value] of share.entries()) {
          const outside = delta.filter((_, k) => ((s >> k) & 1) === 0);
          to[i]! ^= outside.reduce((product, d) => product & d(i), open(i) & value(i));
        }
      }
    },
    extend16to32(out, src, n) {
      arena.u32(out, n).set(arena.u16(src, n));
    },
    extend16to64(out, src, n) {
      arena.u64(out, n).set(Array.from(arena.u16(src, n), BigInt));
    },
    extend32to64(out, src, n) {
      arena.u64(out, n).set(Array.from(arena.u32(src, n), BigInt));
    },
    narrow32to16(out, src, n) {
      arena.u16(out, n).set(arena.u32(src, n));
    },
    narrow64to16(out, src, n) {
      arena.u16(out, n).set(Array.from(arena.u64(src, n), (x) => Number(x & 0xffffn)));
    },
    narrow64to32(out, src, n) {
      arena.u32(out, n).set(Array.from(arena.u64(src, n), (x) => Number(x & 0xffffffffn)));
    },
    copy16(out, outStride, src, srcStride, n) {
      for (let i = 0; i < n; i++) arena.bytes(out + i * outStride, 16).set(arena.bytes(src + i * srcStride, 16));
    },
    shr64(out, a, f, n) {
      arena.u64(out, n).set(arena.u64(a, n).map((x) => x >> BigInt(f)));
    },
    and64c(out, a, mask, n) {
      arena.u64(out, n).set(arena.u64(a, n).map((x) => x & mask));
    },
  };
}
