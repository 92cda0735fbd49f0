import type { RadixOps } from './abi.ts';
import type { Arena } from './arena.ts';

export function radixOps(arena: Arena): RadixOps {
  /** Word `value` of row i of a block. */
  const block = (ptr: number, rows: number, width: number) => {
    const length = 2 ** width - 1;
    const words = arena.u32(ptr, rows * length);
    return {
      words,
      /** The words of all values, that of 0 being what the others lack of `sum`. */
      row(i: number, sum: number): number[] {
        const row = [...words.subarray(i * length, (i + 1) * length)];
        return [row.reduce((rest, word) => rest - word, sum) >>> 0, ...row];
      },
    };
  };
  const sumOf = (row: readonly number[]): number => row.slice(1).reduce((x, y) => x + y, 0);
  return {
    radixDigits(out, x, rows, rowBits, from, width) {
      const to = arena.bytes(out, rows);
      if (x === 0) return void to.fill(0);
      const bytes = arena.bytes(x, Math.ceil((rows * rowBits) / 8));
      const bit = (at: number): number => (bytes[at >>> 3]! >>> (at & 7)) & 1;
      for (let i = 0; i < rows; i++) {
        to[i] = 0;
        for (let k = 0; k < width; k++) to[i]! |= bit(i * rowBits + from + k) << k;
      }
    },
    radixUnits(out, lambda, rows, width) {
      const { words } = block(out, rows, width);
      const length = 2 ** width - 1;
      const digits = arena.bytes(lambda, rows);
      for (const at of words.keys()) words[at] = Number(digits[Math.floor(at / length)] === 1 + (at % length));
    },
    radixChosen(out, lambda, masks, rows, width) {
      const length = 2 ** width - 1;
      const [to, from] = [block(out, rows, width), block(masks, rows, width)];
      for (const [i, digit] of arena.bytes(lambda, rows).entries()) {
        const row = [0, ...from.row(i, 0).slice(1)];
        for (let v = 1; v <= length; v++) to.words[i * length + v - 1] = row[digit ^ v]!;
      }
    },
    radixCount(out, zeros, units, delta, one, rows, width) {
      const length = 2 ** width - 1;
      const [to, from, digits] = [block(out, rows, width), block(units, rows, width), arena.bytes(delta, rows)];
      const first = arena.u32(zeros, rows);
      let below = 0;
      for (let v = 0; v <= length; v++) {
        let counted = below;
        for (let i = 0; i < rows; i++) {
          counted = (counted + from.row(i, one)[v ^ digits[i]!]!) >>> 0;
          if (v === 0) first[i] = counted;
          else to.words[i * length + v - 1]! += counted - first[i]!;
        }
        below = counted;
      }
    },
    radixChoose(out, zeros, units, chosen, masks, opened, delta, one, rows, width) {
      const [to, first, digits] = [arena.u32(out, rows), arena.u32(zeros, rows), arena.bytes(delta, rows)];
      const [hot, picked, all, sums] = [units, chosen, masks, opened].map((ptr) => block(ptr, rows, width));
      for (let i = 0; i < rows; i++) {
        const [unit, shown] = [hot!.row(i, one), sums!.row(i, 0)];
        let share = to[i]! + first[i]! - one - picked!.row(i, sumOf(all!.row(i, 0)))[digits[i]!]!;
        for (let v = 1; v < 2 ** width; v++) share += Math.imul(unit[v ^ digits[i]!]!, shown[v]!);
        to[i] = share;
      }
    },
  };
}
