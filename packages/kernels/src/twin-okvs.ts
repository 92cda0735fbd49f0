import type { OkvsOps, Ptr } from './abi.ts';
import type { Arena } from './arena.ts';
import { element, setElement } from './element.ts';

const PIVOT_BYTES = 64;

export function okvsOps(arena: Arena): OkvsOps {
  const words = (ptr: Ptr, n: number) => joined([...arena.u64(ptr, n)]);
  const startOf = (rows: Ptr, k: number, slots: number) =>
    Number((arena.u64(rows + 64 * k + 32, 1)[0]! * BigInt(slots - 255)) >> 64n);
  /** The coefficients of row k: bit c belongs to slot c. */
  const coefficients = (rows: Ptr, k: number, slots: number) =>
    words(rows + 64 * k, 4) << BigInt(startOf(rows, k, slots));
  const sumOf = (slots: Ptr, bits: bigint) =>
    setBits(bits).reduce((total, column) => total ^ element(arena, slots, column), 0n);

  // A pivot: 5 words from that of its column on, the second moved behind an unused one, and the value.
  const pivotAt = (table: Ptr, column: number) => {
    const [first, , ...rest] = arena.u64(table + PIVOT_BYTES * column, 6);
    return joined([first!, ...rest]) << BigInt(column - (column % 64));
  };
  const setPivot = (table: Ptr, column: number, bits: bigint, value: bigint) => {
    const entry = arena.u64(table + PIVOT_BYTES * column, 8);
    const from = bits >> BigInt(column - (column % 64));
    for (const [i, at] of [0, 2, 3, 4, 5].entries()) entry[at] = BigInt.asUintN(64, from >> BigInt(64 * i));
    setElement(arena, table + PIVOT_BYTES * column, 3, value);
  };
  /** Whether the row was independent of those in the table. */
  const insert = (table: Ptr, row: bigint, rowValue: bigint): boolean => {
    let [bits, value] = [row, rowValue];
    while (bits !== 0n) {
      const column = lowestBit(bits);
      const pivot = pivotAt(table, column);
      if (pivot === 0n) {
        setPivot(table, column, bits, value);
        return true;
      }
      bits ^= pivot;
      value ^= element(arena, table + PIVOT_BYTES * column, 3);
    }
    return false;
  };

  return {
    okvsCount(heads, rows, n, slots) {
      for (let i = 0; i < n; i++) arena.u32(heads + 4 * (startOf(rows, i, slots) >> 8), 1)[0]!++;
    },
    okvsScatter(pairs, heads, rows, first, n, slots) {
      for (let i = 0; i < n; i++) {
        const start = startOf(rows, i, slots);
        const at = arena.u32(heads + 4 * (start >> 8), 1)[0]!++;
        arena.u32(pairs + 8 * at, 2).set([first + i, start]);
      }
    },
    okvsSort(order, pairs, heads, from, to) {
      const ends = arena.u32(heads, to);
      const [begin, end] = [from === 0 ? 0 : ends[from - 1]!, to === 0 ? 0 : ends[to - 1]!];
      const sorted = Array.from({ length: end - begin }, (_, i) => arena.u32(pairs + 8 * (begin + i), 2));
      sorted.sort(([, start], [, other]) => start! - other!);
      arena.u32(order + 4 * begin, end - begin).set(sorted.map(([row]) => row!));
    },
    okvsEliminate(table, rows, values, order, from, to, slots) {
      for (let i = from; i < to; i++) {
        const k = arena.u32(order + 4 * i, 1)[0]!;
        if (!insert(table, coefficients(rows, k, slots), element(arena, values, k))) return i;
      }
      return to;
    },
    okvsSolve(slots, table, from, to) {
      for (let column = to - 1; column >= from; column--) {
        const pivot = pivotAt(table, column);
        if (pivot === 0n) continue;
        const others = sumOf(slots, pivot ^ (1n << BigInt(column)));
        setElement(arena, slots, column, others ^ element(arena, table + PIVOT_BYTES * column, 3));
      }
    },
    okvsDecode(out, rows, slots, order, from, to, count) {
      for (let i = from; i < to; i++) {
        const k = arena.u32(order + 4 * i, 1)[0]!;
        setElement(arena, out, k, sumOf(slots, coefficients(rows, k, count)));
      }
    },
  };
}

function joined(words: bigint[]): bigint {
  return words.reduceRight((bits, word) => (bits << 64n) | word, 0n);
}

function lowestBit(bits: bigint): number {
  return (bits & -bits).toString(2).length - 1;
}

function setBits(bits: bigint): number[] {
  const found: number[] = [];
  for (let rest = bits; rest !== 0n; rest &= rest - 1n) found.push(lowestBit(rest));
  return found;
}
