import type { MakeCall } from './calls.ts';
import type { Pick } from './harness.ts';

/** The steps of a radix sort. */
export const radixCalls: Record<string, MakeCall> = {
  radixDigits(rows, pick) {
    const rowBits = [1, 8, 16, 24, 64][pick(0, 4)]!;
    const width = rowBits === 1 ? 1 : pick(1, 4);
    const from = rowBits === 1 ? 0 : pick(0, rowBits - width);
    const none = pick(0, 9) === 0;
    return {
      sizes: [rows, Math.ceil((rows * rowBits) / 8)],
      exact: true,
      run: ({ abi }, [out, x]) => abi.radixDigits(out!, none ? 0 : x!, rows, rowBits, from, width),
    };
  },
  radixUnits(rows, pick) {
    const { width, block, digits } = digitsOf(rows, pick);
    return {
      sizes: [block, rows],
      exact: true,
      run({ abi, arena }, [out, lambda]) {
        arena.bytes(lambda!, rows).set(digits);
        abi.radixUnits(out!, lambda!, rows, width);
      },
    };
  },
  radixChosen(rows, pick) {
    const { width, block, digits } = digitsOf(rows, pick);
    return {
      sizes: [block, rows, block],
      exact: true,
      run({ abi, arena }, [out, lambda, masks]) {
        arena.bytes(lambda!, rows).set(digits);
        abi.radixChosen(out!, lambda!, masks!, rows, width);
      },
    };
  },
  radixCount(rows, pick) {
    const { width, block, digits } = digitsOf(rows, pick);
    const one = pick(0, 1);
    return {
      sizes: [block, 4 * rows, block, rows],
      exact: true,
      run({ abi, arena }, [out, zeros, units, delta]) {
        arena.bytes(delta!, rows).set(digits);
        abi.radixCount(out!, zeros!, units!, delta!, one, rows, width);
      },
    };
  },
  radixChoose(rows, pick) {
    const { width, block, digits } = digitsOf(rows, pick);
    const one = pick(0, 1);
    return {
      sizes: [4 * rows, 4 * rows, block, block, block, block, rows],
      exact: true,
      run({ abi, arena }, [out, zeros, units, chosen, masks, opened, delta]) {
        arena.bytes(delta!, rows).set(digits);
        abi.radixChoose(out!, zeros!, units!, chosen!, masks!, opened!, delta!, one, rows, width);
      },
    };
  },
};

function digitsOf(rows: number, pick: Pick) {
  const width = pick(1, 4);
  return {
    width,
    block: 4 * rows * (2 ** width - 1),
    digits: Uint8Array.from({ length: rows }, () => pick(0, 2 ** width - 1)),
  };
}
