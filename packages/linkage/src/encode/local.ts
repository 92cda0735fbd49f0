import type { LocalTest } from '../rule/leaf.ts';
import type { Words } from './encode.ts';
import type { LocalTable } from './table.ts';

/** 1 where the condition on the record holds; a side without condition always holds. */
export function writeLocal(words: Words, test: LocalTest | undefined, table: LocalTable): void {
  if (words instanceof BigInt64Array) throw new TypeError('conditions live in 16 bits');
  if (test === undefined) {
    words.fill(1);
    return;
  }
  const values = table.columns[test.operand]!;
  for (let row = 0; row < table.rows; row++) words[row] = (values[row] === test.is) !== test.negated ? 1 : 0;
}
