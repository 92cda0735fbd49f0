import type { Ptr } from './abi.ts';
import type { RowOps } from './abi-link.ts';
import type { Arena } from './arena.ts';

export function rowOps(arena: Arena): RowOps {
  const ops: RowOps = {
    copyRows(out, outStride, src, srcStride, bytes, n) {
      for (let i = 0; i < n; i++) arena.bytes(out + outStride * i, bytes).set(arena.bytes(src + srcStride * i, bytes));
    },
    gatherRows(out, src, order, bytes, n) {
      for (const [i, row] of arena.u32(order, n).entries()) {
        arena.bytes(out + bytes * i, bytes).set(arena.bytes(src + bytes * row, bytes));
      }
    },
    interleave(out, a, aBytes, b, bBytes, n) {
      ops.copyRows(out, aBytes + bBytes, a, aBytes, aBytes, n);
      ops.copyRows(out + aBytes, aBytes + bBytes, b, bBytes, bBytes, n);
    },
    combineRows(out, x, xIndex, y, yIndex, n, rowBytes, words64, words32, words16) {
      const widths = [
        ...new Array<number>(words64).fill(8),
        ...new Array<number>(words32).fill(4),
        ...new Array<number>(words16).fill(2),
      ];
      const added = 8 * words64 + 4 * words32 + 2 * words16;
      for (let i = 0; i < n; i++) {
        const row = (ptr: Ptr, at: number) => arena.bytes(ptr + rowBytes * at, rowBytes);
        const [to, a, b] = [
          row(out, i),
          row(x, arena.u32(xIndex + 4 * i, 1)[0]!),
          row(y, arena.u32(yIndex + 4 * i, 1)[0]!),
        ];
        let at = 0;
        for (const width of widths) {
          for (let k = 0, carry = 0; k < width; k++, at++) {
            carry += a[at]! + b[at]!;
            to[at]! ^= carry & 0xff;
            carry >>= 8;
          }
        }
        for (at = added; at < rowBytes; at++) to[at]! ^= a[at]! ^ b[at]!;
      }
    },
  };
  return ops;
}
