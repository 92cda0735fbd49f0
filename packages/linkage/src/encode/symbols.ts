import type { Local } from '../rule/compile.ts';
import { outOfRange, textAt } from './table.ts';

/** Stands for a character outside the alphabet. */
export const outside = -1;

/** Calls `write` for every character of every text: row, position, symbol (its place in the alphabet, or `outside`); then `end` with the length, −1 for NULL. */
export function eachSymbol(
  local: Local,
  values: readonly unknown[],
  write: (row: number, position: number, symbol: number) => void,
  end: (row: number, length: number) => void,
): void {
  const symbols = [...local.alphabet!];
  // Alphabets are nearly always ASCII: a table for that, a map for the rest.
  const ascii = new Int16Array(128).fill(outside);
  const others = new Map<number, number>();
  for (const [i, symbol] of symbols.entries()) {
    const point = symbol.codePointAt(0)!;
    if (point < 128) ascii[point] = i;
    else others.set(point, i);
  }
  const most = local.maxLength!;
  for (let row = 0; row < values.length; row++) {
    const text = textAt(local, values, row);
    if (text === undefined) {
      end(row, -1);
      continue;
    }
    let position = 0;
    for (let i = 0; i < text.length; i++, position++) {
      const point = text.codePointAt(i)!;
      if (point > 0xffff) i++;
      if (position < most) write(row, position, point < 128 ? ascii[point]! : (others.get(point) ?? outside));
    }
    if (position > most)
      throw outOfRange(local, row, `has ${position} characters, more than the ${most} that the agreement allows`);
    end(row, position);
  }
}
