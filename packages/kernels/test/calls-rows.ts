import { PLANES_WORK_BYTES } from '../src/index.ts';
import type { MakeCall } from './calls.ts';
import type { Pick } from './harness.ts';

/** The kernels on rows of bytes. */
export const rowCalls: Record<string, MakeCall> = {
  copyRows(n, pick) {
    const bytes = pick(0, 50);
    const [to, from] = [bytes + pick(0, 20), pick(0, 80)];
    return {
      sizes: [to * (n - 1) + bytes, from * (n - 1) + bytes],
      exact: true,
      run: ({ abi }, [out, src]) => abi.copyRows(out!, to, src!, from, bytes, n),
    };
  },
  rowsToPlanes(n, pick) {
    const { rowBytes, from, to, stride } = bitRange(n, pick);
    return {
      sizes: [stride * (to - from), rowBytes * n, PLANES_WORK_BYTES],
      scratch: [2],
      exact: true,
      run: ({ abi }, [out, rows, work]) => abi.rowsToPlanes(out!, stride, rows!, rowBytes, n, from, to, work!),
    };
  },
  planesToRows(n, pick) {
    const { rowBytes, from, to, stride } = bitRange(n, pick);
    return {
      sizes: [rowBytes * n, stride * (to - from), PLANES_WORK_BYTES],
      scratch: [2],
      exact: true,
      run: ({ abi }, [rows, planes, work]) => abi.planesToRows(rows!, rowBytes, planes!, stride, n, from, to, work!),
    };
  },
  combineRows(n, pick) {
    const [words64, words32, words16] = [pick(0, 4), pick(0, 5), pick(0, 9)];
    const rowBytes = 16 * (Math.ceil((8 * words64 + 4 * words32 + 2 * words16) / 16) + pick(0, 2)) || 16;
    const rows = [pick(1, 2 * n), pick(1, 2 * n)];
    const indices = rows.map((count) => Uint32Array.from({ length: n }, () => pick(0, count - 1)));
    return {
      sizes: [rowBytes * n, rowBytes * rows[0]!, rowBytes * rows[1]!, 4 * n, 4 * n],
      exact: true,
      run({ abi, arena }, [out, x, y, xIndex, yIndex]) {
        for (const [i, ptr] of [xIndex!, yIndex!].entries()) arena.u32(ptr, n).set(indices[i]!);
        abi.combineRows(out!, x!, xIndex!, y!, yIndex!, n, rowBytes, words64, words32, words16);
      },
    };
  },
  gatherRows(n, pick) {
    const [bytes, rows] = [pick(0, 50), pick(1, 2 * n)];
    const order = Uint32Array.from({ length: n }, () => pick(0, rows - 1));
    return {
      sizes: [bytes * n, bytes * rows, 4 * n],
      exact: true,
      run({ abi, arena }, [out, src, at]) {
        arena.u32(at!, n).set(order);
        abi.gatherRows(out!, src!, at!, bytes, n);
      },
    };
  },
  interleave(n, pick) {
    const [aBytes, bBytes] = [pick(0, 50), pick(0, 50)];
    return {
      sizes: [(aBytes + bBytes) * n, aBytes * n, bBytes * n],
      exact: true,
      run: ({ abi }, [out, a, b]) => abi.interleave(out!, a!, aBytes, b!, bBytes, n),
    };
  },
};

function bitRange(n: number, pick: Pick) {
  const rowBytes = 16 * pick(1, 4);
  const from = pick(0, 8 * rowBytes - 1);
  const to = pick(0, 2) === 0 ? 8 * rowBytes : pick(from + 1, Math.min(8 * rowBytes, from + 150));
  return { rowBytes, from, to, stride: Math.ceil(n / 128) * 16 + 16 * pick(0, 1) };
}
