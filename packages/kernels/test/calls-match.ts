import type { Kernels, Ptr } from '../src/index.ts';
import type { MakeCall } from './calls.ts';
import type { Pick } from './harness.ts';

/** The kernels that find equal values: of `n` rows, some absent, many of them equal. */
export const matchCalls: Record<string, MakeCall> = {
  matchCount(n, pick) {
    const { width, bits, values, present } = rowsOf(n, pick);
    const all = pick(0, 3) === 0;
    return {
      sizes: [4 * 2 ** bits, width * n, n],
      exact: true,
      run({ abi, arena }, [sizes, ptr, there]) {
        arena.u32(sizes!, 2 ** bits).fill(0);
        arena.bytes(ptr!, width * n).set(values(1));
        arena.bytes(there!, n).set(present);
        abi.matchCount(sizes!, ptr!, width, all ? 0 : there!, n, bits);
      },
    };
  },
  // In two slices.
  matchScatter(n, pick) {
    const { width, bits, values, present } = rowsOf(n, pick);
    return {
      sizes: [16 * n, 4 * 2 ** bits, width * n, n],
      exact: true,
      run: (kernels, [entries, ends, ptr, there]) => {
        const { arena } = kernels;
        arena.bytes(ptr!, width * n).set(values(1));
        arena.bytes(there!, n).set(present);
        partition(kernels, { entries: entries!, ends: ends!, values: ptr!, present: there!, n, width, bits });
      },
    };
  },
  matchFirst(n, pick) {
    const { width, bits, values, present } = rowsOf(n, pick);
    return {
      sizes: [4 * n, 16 * n, 4 * 2 ** bits, width * n, n, 16 * n + 16],
      scratch: [5],
      exact: true,
      run(kernels, [heads, entries, ends, ptr, there, table]) {
        const { abi, arena } = kernels;
        arena.bytes(ptr!, width * n).set(values(1));
        arena.bytes(there!, n).set(present);
        partition(kernels, { entries: entries!, ends: ends!, values: ptr!, present: there!, n, width, bits });
        abi.matchFirst(heads!, entries!, ends!, ptr!, width, 0, 2 ** bits, bits, table!);
      },
    };
  },
  matchFind(n, pick) {
    const { width, bits, values } = rowsOf(n, pick);
    return {
      sizes: [4 * n, 16 * n, 4 * 2 ** bits, width * n, 16 * n, 4 * 2 ** bits, width * n, 16 * n + 16],
      scratch: [7],
      exact: true,
      run(kernels, [out, entries, ends, ptr, asked, askedEnds, askedPtr, table]) {
        const { abi, arena } = kernels;
        // Values that are apart, and others of which some are among them.
        arena.bytes(ptr!, width * n).set(values(0));
        arena.bytes(askedPtr!, width * n).set(values(1));
        const shape = { present: 0, n, width, bits };
        partition(kernels, { ...shape, entries: entries!, ends: ends!, values: ptr! });
        partition(kernels, { ...shape, entries: asked!, ends: askedEnds!, values: askedPtr! });
        const all = 2 ** bits;
        abi.matchFind(out!, entries!, ends!, ptr!, asked!, askedEnds!, askedPtr!, width, 0, all, bits, table!);
      },
    };
  },
};

interface Rows {
  readonly entries: Ptr;
  readonly ends: Ptr;
  readonly values: Ptr;
  readonly present: Ptr;
  readonly n: number;
  readonly width: number;
  readonly bits: number;
}

/** Entries by their parts, in two slices. */
function partition({ abi, arena }: Kernels, { entries, ends, values, present, n, width, bits }: Rows): void {
  const parts = arena.u32(ends, 2 ** bits);
  parts.fill(0);
  abi.matchCount(ends, values, width, present, n, bits);
  let begin = 0;
  for (const [part, size] of parts.entries()) {
    parts[part] = begin;
    begin += size;
  }
  const cut = n >> 1;
  abi.matchScatter(entries, ends, values, width, present, 0, cut, bits);
  const [rest, there] = [values + width * cut, present === 0 ? 0 : present + cut];
  abi.matchScatter(entries, ends, rest, width, there, cut, n - cut, bits);
}

function rowsOf(n: number, pick: Pick) {
  const width = pick(4, 33);
  // Two values differ in their last bytes, or their first.
  const value = (k: number): number[] => {
    const bytes = new Array<number>(width).fill(7);
    for (let i = 0; i < 4; i++) bytes[k % 2 === 0 ? i : width - 1 - i] = (k >> (8 * i)) & 0xff;
    return bytes;
  };
  const numbers = Array.from({ length: n }, () => pick(0, 2 * n));
  return {
    width,
    bits: pick(0, 6),
    /** 0: each number once; 1: any numbers. */
    values: (kind: 0 | 1) => numbers.flatMap((k, i) => value(kind === 0 ? i : k)),
    present: Uint8Array.from(numbers, (k) => (k % 5 === 0 ? 0 : 1)),
  };
}
