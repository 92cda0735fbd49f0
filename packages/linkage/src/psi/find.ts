import type { Kernels, Ptr } from '@symbolon/kernels';
import { NONE, SLICE } from './keys.ts';

/*
 * Which rows hold equal values. Values are looked up in a hash table, part by part: rows whose values begin alike are moved together first, so
 * that a part and its table stay in the cache (Manegold, Boncz, Kersten, "Optimizing Main-Memory Join on Modern Hardware", 2002).
 */

type Steps<Result = void> = Generator<void, Result>;

/** One value a row, of `width` ≥ 4 bytes. In the arena, and its owner's to free. */
export interface Values {
  readonly ptr: Ptr;
  readonly rows: number;
  readonly width: number;
  /** A byte a row, 0 for one that equals nothing; absent where all are present. */
  readonly present?: Ptr | undefined;
}

/** The rows that are present, by parts. */
export interface Parts {
  readonly values: Values;
  readonly bits: number;
  readonly entries: Ptr;
  readonly ends: Ptr;
  /** Rows of the largest part. */
  readonly most: number;
}

/** For each row the first row with equal bytes, itself where there is none before; NONE where it is not present. Values must be uniform or equal. */
export function* firstRows(kernels: Kernels, values: Values): Steps<Uint32Array> {
  const { abi, arena } = kernels;
  const { rows, width } = values;
  const parts = yield* partRows(kernels, values, partBits(rows));
  const { bits, entries, ends, most } = parts;
  const [heads, table] = [arena.alloc(4 * rows), arena.alloc(tableBytes(most))];
  arena.u32(heads, rows).fill(NONE);
  for (const { from, to } of slices(bits)) {
    abi.matchFirst(heads, entries, ends, values.ptr, width, from, to, bits, table);
    yield;
  }
  const result = arena.u32(heads, rows).slice();
  arena.free(heads);
  arena.free(table);
  freeParts(kernels, parts);
  return result;
}

/** The same of bytes that are not in the arena. @param values `present` as in the arena */
export function* firstRowsOf(
  kernels: Kernels,
  values: { readonly bytes: Uint8Array; readonly width: number; readonly present?: Uint8Array },
): Steps<Uint32Array> {
  const { arena } = kernels;
  const { bytes, width, present } = values;
  const placed = [bytes, ...(present === undefined ? [] : [present])].map((part) => {
    const ptr = arena.alloc(part.length);
    arena.bytes(ptr, part.length).set(part);
    return ptr;
  });
  const heads = yield* firstRows(kernels, { ptr: placed[0]!, rows: bytes.length / width, width, present: placed[1] });
  for (const block of placed) arena.free(block);
  return heads;
}

/**
 * For each row of those asked the row of `values` with equal bytes; NONE where there is none. Values must be uniform and apart: they make the
 * table, and those asked, which may be a peer's, are looked up in it only.
 *
 * @param asked of `partRows`, by the bits of `partBits` for the rows of `values`; freed
 * @param out a number for each of those asked
 */
export function* findRows(kernels: Kernels, values: Values, asked: Parts, out: Uint32Array): Steps {
  const { abi, arena } = kernels;
  const { rows, width } = asked.values;
  const own = yield* partRows(kernels, values, asked.bits);
  const [found, table] = [arena.alloc(4 * rows), arena.alloc(tableBytes(own.most))];
  arena.u32(found, rows).fill(NONE);
  for (const { from, to } of slices(own.bits)) {
    const [there, others] = [values.ptr, asked.values.ptr];
    abi.matchFind(
      found,
      own.entries,
      own.ends,
      there,
      asked.entries,
      asked.ends,
      others,
      width,
      from,
      to,
      own.bits,
      table,
    );
    yield;
  }
  out.set(arena.u32(found, rows));
  arena.free(found);
  arena.free(table);
  freeParts(kernels, own);
  freeParts(kernels, asked);
}

/** Rows in a part, about. */
const PART = 4096;

/** Bits that tell parts of so many rows apart. */
export function partBits(rows: number): number {
  return Math.min(10, Math.max(0, Math.ceil(Math.log2(rows / PART))));
}

/** Moves rows whose values begin alike together. */
export function* partRows({ abi, arena }: Kernels, values: Values, bits: number): Steps<Parts> {
  const { ptr, rows, width, present = 0 } = values;
  const count = 2 ** bits;
  const [entries, ends] = [arena.alloc(16 * rows), arena.alloc(4 * count)];
  const at = (from: number) => [ptr + width * from, width, present === 0 ? 0 : present + from] as const;
  arena.u32(ends, count).fill(0);
  for (let from = 0; from < rows; from += SLICE) {
    abi.matchCount(ends, ...at(from), Math.min(SLICE, rows - from), bits);
    yield;
  }
  const most = beginnings(arena.u32(ends, count));
  for (let from = 0; from < rows; from += SLICE) {
    abi.matchScatter(entries, ends, ...at(from), from, Math.min(SLICE, rows - from), bits);
    yield;
  }
  return { values, bits, entries, ends, most };
}

function freeParts({ arena }: Kernels, { entries, ends }: Parts): void {
  arena.free(entries);
  arena.free(ends);
}

/** Sizes of parts give way to where each begins. @returns the largest */
function beginnings(sizes: Uint32Array): number {
  let [begin, most] = [0, 0];
  for (const [part, size] of sizes.entries()) {
    sizes[part] = begin;
    begin += size;
    most = Math.max(most, size);
  }
  return most;
}

function tableBytes(rows: number): number {
  return 16 * rows + 16;
}

/** Parts that are looked through in one call. */
function slices(bits: number): { from: number; to: number }[] {
  const [parts, size] = [2 ** bits, SLICE / PART];
  return Array.from({ length: Math.ceil(parts / size) }, (_, i) => ({
    from: i * size,
    to: Math.min(parts, (i + 1) * size),
  }));
}
