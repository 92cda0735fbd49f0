import type { MakeCall } from './calls.ts';

/** Orders of rows. */
export const orderCalls: Record<string, MakeCall> = {
  gather8: gather('gather8', 1),
  gather16: gather('gather16', 2),
  gather32: gather('gather32', 4),
  gather64: gather('gather64', 8),
  exchangeRows(n, pick) {
    const last = pick(0, 2 * n);
    const words = pick(0, 3 * n);
    // Of the first numbers one in three is refused.
    const random = Uint32Array.from({ length: words }, () =>
      pick(0, 2) === 0 ? 0 : pick(0, 2 ** 31) * 2 + pick(0, 1),
    );
    return {
      sizes: [4 * (last + 1), 4 * words],
      exact: true,
      run({ abi, arena }, [order, numbers]) {
        arena.u32(order!, last + 1).set(Uint32Array.from({ length: last + 1 }, (_, i) => i));
        arena.u32(numbers!, words).set(random);
        return abi.exchangeRows(order!, last, numbers!, words);
      },
    };
  },
};

function gather(name: 'gather8' | 'gather16' | 'gather32' | 'gather64', bytes: number): MakeCall {
  return (n, pick) => {
    const rows = pick(1, 2 * n);
    const indices = Uint32Array.from({ length: n }, () => pick(0, rows - 1));
    return {
      sizes: [bytes * n, bytes * rows, 4 * n],
      exact: true,
      run({ abi, arena }, [out, x, order]) {
        arena.u32(order!, n).set(indices);
        abi[name](out!, x!, order!, n);
      },
    };
  };
}
