import type { MakeCall } from './calls.ts';

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
  interleave(n, pick) {
    const [aBytes, bBytes] = [pick(0, 50), pick(0, 50)];
    return {
      sizes: [(aBytes + bBytes) * n, aBytes * n, bBytes * n],
      exact: true,
      run: ({ abi }, [out, a, b]) => abi.interleave(out!, a!, aBytes, b!, bBytes, n),
    };
  },
};
