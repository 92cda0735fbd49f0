import type { Ptr } from './abi.ts';
import type { OkvsOps } from './abi-link.ts';
import type { Arena } from './arena.ts';

/** Of a pivot, before its value. */
const HEAD_BYTES = 48;

export function okvsOps(arena: Arena): OkvsOps {
  const words = (ptr: Ptr, n: number) => joined([...arena.u64(ptr, n)]);
  const startOf = (rows: Ptr, k: number, slots: number) =>
    Number((arena.u64(rows + 64 * k + 32, 1)[0]! * BigInt(slots - 255)) >> 64n);
  /** The coefficients of row k: bit c belongs to slot c. */
  const coefficients = (rows: Ptr, k: number, slots: number) =>
    words(rows + 64 * k, 4) << BigInt(startOf(rows, k, slots));
  const setWords = (ptr: Ptr, n: number, value: bigint) => {
    arena.u64(ptr, n).set(Array.from({ length: n }, (_, i) => BigInt.asUintN(64, value >> BigInt(64 * i))));
  };
  const sumOf = (slots: Ptr, bits: bigint, blocks: number) =>
    setBits(bits).reduce((total, column) => total ^ words(slots + 16 * blocks * column, 2 * blocks), 0n);

  /** A pivot: 5 words from that of its column on, the second moved behind an unused one, and the value. */
  const pivotOf = (table: Ptr, column: number, blocks: number) => {
    const ptr = table + (HEAD_BYTES + 16 * blocks) * column;
    const shift = BigInt(column - (column % 64));
    return {
      get bits() {
        const [first, , ...rest] = arena.u64(ptr, 6);
        return joined([first!, ...rest]) << shift;
      },
      get value() {
        return words(ptr + HEAD_BYTES, 2 * blocks);
      },
      set(bits: bigint, value: bigint) {
        setWords(ptr, 1, bits >> shift);
        setWords(ptr + 16, 4, bits >> (shift + 64n));
        setWords(ptr + HEAD_BYTES, 2 * blocks, value);
      },
    };
  };
  /** Whether the row was independent of those in the table. */
  const insert = (table: Ptr, row: bigint, rowValue: bigint, blocks: number): boolean => {
    let [bits, value] = [row, rowValue];
    while (bits !== 0n) {
      const pivot = pivotOf(table, lowestBit(bits), blocks);
      if (pivot.bits === 0n) {
        pivot.set(bits, value);
        return true;
      }
      bits ^= pivot.bits;
      value ^= pivot.value;
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
    okvsEliminate(table, rows, values, order, from, to, slots, blocks) {
      for (let i = from; i < to; i++) {
        const k = arena.u32(order + 4 * i, 1)[0]!;
        const value = words(values + 16 * blocks * k, 2 * blocks);
        if (!insert(table, coefficients(rows, k, slots), value, blocks)) return i;
      }
      return to;
    },
    okvsSolve(slots, table, from, to, _count, blocks) {
      for (let column = to - 1; column >= from; column--) {
        const { bits, value } = pivotOf(table, column, blocks);
        if (bits === 0n) continue;
        const others = sumOf(slots, bits ^ (1n << BigInt(column)), blocks);
        setWords(slots + 16 * blocks * column, 2 * blocks, others ^ value);
      }
    },
    okvsDecode(out, rows, slots, order, from, to, count, blocks) {
      for (let i = from; i < to; i++) {
        const k = arena.u32(order + 4 * i, 1)[0]!;
        setWords(out + 16 * blocks * k, 2 * blocks, sumOf(slots, coefficients(rows, k, count), blocks));
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
