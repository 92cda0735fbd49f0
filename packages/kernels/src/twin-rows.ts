import type { RowOps } from './abi.ts';
import type { Arena } from './arena.ts';

export function rowOps(arena: Arena): RowOps {
  const ops: RowOps = {
    copyRows(out, outStride, src, srcStride, bytes, n) {
      for (let i = 0; i < n; i++) arena.bytes(out + outStride * i, bytes).set(arena.bytes(src + srcStride * i, bytes));
    },
    interleave(out, a, aBytes, b, bBytes, n) {
      ops.copyRows(out, aBytes + bBytes, a, aBytes, aBytes, n);
      ops.copyRows(out + aBytes, aBytes + bBytes, b, bBytes, bBytes, n);
    },
  };
  return ops;
}
