import type { PlaneOps } from './abi-link.ts';
import type { Arena } from './arena.ts';

export function planeOps(arena: Arena): PlaneOps {
  return {
    rowsToPlanes(out, stride, rows, rowBytes, n, from, to) {
      for (let k = from; k < to; k++) {
        const plane = arena.bytes(out + (k - from) * stride, Math.ceil(n / 128) * 16).fill(0);
        const bytes = arena.bytes(rows, n * rowBytes);
        for (let i = 0; i < n; i++) plane[i >> 3]! |= ((bytes[i * rowBytes + (k >> 3)]! >> (k & 7)) & 1) << (i & 7);
      }
    },
    planesToRows(rows, rowBytes, planes, stride, n, from, to) {
      const bytes = arena.bytes(rows, n * rowBytes);
      for (let k = from; k < to; k++) {
        const plane = arena.bytes(planes + (k - from) * stride, Math.ceil(n / 8));
        for (let i = 0; i < n; i++) {
          const [at, bit] = [i * rowBytes + (k >> 3), (plane[i >> 3]! >> (i & 7)) & 1];
          bytes[at] = (bytes[at]! & ~(1 << (k & 7))) | (bit << (k & 7));
        }
      }
    },
  };
}
