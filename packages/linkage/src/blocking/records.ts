import type { LanePart } from '../lanes/program.ts';
import { NONE } from '../psi/keys.ts';
import { fieldBytes, layoutOf, writeColumn } from './layout.ts';
import { laneParts } from './plan.ts';
import type { ShardProgram } from './program.ts';
import { resultRing, storedLayout } from './program.ts';

/** One side's records as a run's shards take them, row by row, in memory that threads share. Holds records. */
export interface Records {
  readonly rows: number;
  /** What the side adds to stored rows: S's whole record; H's own part, to be combined with what it decodes. */
  readonly stored: Uint8Array;
  /** H's: what only H knows of a lane, by the number of the part, in rows of whole vectors of 16 bytes. */
  readonly own: ReadonlyMap<number, Uint8Array>;
}

/**
 * @param columns of the leaves' parts, as `encodeParts` gives them: words little-endian or bits in whole bytes, row by row; empty where this side has none
 * @param numbers of the rows, in this run
 */
export function recordsOf(
  program: ShardProgram,
  side: 0 | 1,
  columns: readonly Uint8Array[],
  numbers: Uint32Array,
): Records {
  const rows = numbers.length;
  const parts = laneParts(program);
  const first = parts.length - columns.length;
  const { rowBytes, fields } = storedLayout(program);
  const stored = new Uint8Array(new SharedArrayBuffer(rows * rowBytes));
  const own = new Map<number, Uint8Array>();
  let field = 0;
  for (const [i, part] of parts.entries()) {
    const at = part.from === 'a' ? undefined : fields[field++]!;
    const column = i === first - 1 && side === 1 ? countdown(numbers, resultRing(program.prefer)) : columns[i - first];
    if (column === undefined || column.length === 0) continue;
    if (at === undefined) own.set(i, ownRows(part, column));
    else writeColumn(stored, rowBytes, at, column);
  }
  return { rows, stored, own };
}

/** A column by itself, each value in a row. */
function ownRows(part: LanePart, column: Uint8Array): Uint8Array {
  const { rowBytes, fields } = layoutOf([part]);
  const rows = new Uint8Array(new SharedArrayBuffer((column.length / fieldBytes(fields[0]!)) * rowBytes));
  writeColumn(rows, rowBytes, fields[0]!, column);
  return rows;
}

/** S's numbers from the last to the first, counted from 1: the largest is the first, 0 is none. */
function countdown(numbers: Uint32Array, ring: 32 | 64): Uint8Array {
  const words = new Uint32Array((numbers.length * ring) / 32);
  for (const [row, number] of numbers.entries()) words[(row * ring) / 32] = numbers.length - number;
  return new Uint8Array(words.buffer);
}

/** The number that stands behind one of `countdown`. */
export function countedDown(number: number, rows: number): number {
  return rows - number;
}

/** Rows of the records, gathered, of whole 32-bit words: those of `NONE` stay as `out` has them. */
export function gatherRows(out: Uint8Array, from: Uint8Array, rowBytes: number, records: Uint32Array): void {
  const words = rowBytes / 4;
  const [target, source] = [wordsOf(out), wordsOf(from)];
  for (let i = 0, to = 0; i < records.length; i++, to += words) {
    if (records[i] === NONE) continue;
    const at = records[i]! * words;
    for (let k = 0; k < words; k++) target[to + k] = source[at + k]!;
  }
}

function wordsOf({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length / 4);
}
