import type { Ptr } from './abi.ts';
import type { MatchOps } from './abi-link.ts';
import type { Arena } from './arena.ts';

const ENTRY = 16;

export function matchOps(arena: Arena): MatchOps {
  const valueAt = (values: Ptr, width: number, row: number): Uint8Array => arena.bytes(values + width * row, width);
  const partOf = (value: Uint8Array, bits: number): number => (value[0]! | (value[1]! << 8)) & (2 ** bits - 1);
  const hex = (values: Ptr, width: number, row: number): string =>
    Buffer.from(valueAt(values, width, row)).toString('hex');
  const presentRows = (present: Ptr, n: number): number[] =>
    Array.from({ length: n }, (_, i) => i).filter((i) => present === 0 || arena.bytes(present + i, 1)[0] !== 0);
  /** The rows of one part, in their order. */
  const rowsOf = (entries: Ptr, ends: Ptr, part: number): number[] => {
    const [begin, end] = [part === 0 ? 0 : arena.u32(ends + 4 * (part - 1), 1)[0]!, arena.u32(ends + 4 * part, 1)[0]!];
    return Array.from({ length: end - begin }, (_, i) => arena.u32(entries + ENTRY * (begin + i), 1)[0]!);
  };

  return {
    matchCount(sizes, values, width, present, n, bits) {
      const counts = arena.u32(sizes, 2 ** bits);
      for (const i of presentRows(present, n)) counts[partOf(valueAt(values, width, i), bits)]!++;
    },
    matchScatter(entries, ends, values, width, present, first, n, bits) {
      const next = arena.u32(ends, 2 ** bits);
      for (const i of presentRows(present, n)) {
        const value = valueAt(values, width, i);
        const at = entries + ENTRY * next[partOf(value, bits)]!++;
        arena.u32(at, 1)[0] = first + i;
        const start = arena.bytes(at + 4, 12);
        start.fill(0);
        start.set(value.subarray(0, 12));
      }
    },
    matchFirst(heads, entries, ends, values, width, from, to) {
      for (let part = from; part < to; part++) {
        const first = new Map<string, number>();
        for (const row of rowsOf(entries, ends, part)) {
          const value = hex(values, width, row);
          if (!first.has(value)) first.set(value, row);
          arena.u32(heads + 4 * row, 1)[0] = first.get(value)!;
        }
      }
    },
    matchFind(out, entries, ends, values, asked, askedEnds, askedValues, width, from, to) {
      for (let part = from; part < to; part++) {
        const rows = new Map(rowsOf(entries, ends, part).map((row) => [hex(values, width, row), row]));
        for (const row of rowsOf(asked, askedEnds, part)) {
          const found = rows.get(hex(askedValues, width, row));
          if (found !== undefined) arena.u32(out + 4 * row, 1)[0] = found;
        }
      }
    },
  };
}
