import { fault } from '@symbolon/crypto';
import { firstRows, type Layout, writeColumn } from '@symbolon/linkage';
import { rowLayout } from './meet.ts';
import type { Meet, StudyProgram } from './program.ts';

const KEY_BYTES = 32;

/** A spoke's entries of a meet: distinct digests of their keys, 32 bytes each, and a column of values for each of the meet's. */
export interface SpokeEntries {
  readonly keys: Uint8Array;
  /** Words little-endian, or bits packed from the lowest; as many as keys. */
  readonly columns: readonly Uint8Array[];
}

/** What one party puts into a session. Entries are as many as the program says, or fewer: the session adds dummies that meet nothing. */
export interface StudyInput {
  /** Of the hub, where the program has meets: distinct digests of its entries' keys, 32 bytes each. */
  readonly hubKeys?: Uint8Array;
  /** Of a spoke, by the number of the meet. */
  readonly spokes?: ReadonlyMap<number, SpokeEntries>;
  /**
   * This party's inputs of the plan by name, the shares of meets excepted. Asked for once. The session overwrites them.
   * @param bins of the hub: the bin of each of its entries, so the lane
   */
  inputs(bins: Uint32Array | undefined): Record<string, Uint8Array>;
}

/**
 * Whether a party's entries are what the program asks of it. Runs at: their owner, before anything is sent; content steers look-ups here.
 *
 * @throws SymbolonError `data-duplicate-id`; `internal` where numbers differ from the program's
 */
export function* checkInput(
  { meets }: StudyProgram,
  index: number,
  { hubKeys, spokes }: StudyInput,
): Generator<void, void> {
  if (index === 0 && meets.length > 0) yield* checkKeys(hubKeys, meets[0]!.entries[0]);
  for (const [at, meet] of meets.entries()) {
    if (meet.spoke !== index) continue;
    const own = spokes?.get(at);
    yield* checkKeys(own?.keys, meet.entries[1]);
    const entries = own!.keys.length / KEY_BYTES;
    const fits = (bytes: number | undefined, i: number): boolean => bytes === columnBytes(meet, i, entries);
    if (own!.columns.length === meet.columns.length && own!.columns.every(({ length }, i) => fits(length, i))) continue;
    throw fault('internal', `the columns of meet ${at} are not those of the program`);
  }
}

function* checkKeys(keys: Uint8Array | undefined, most: number): Generator<void, void> {
  const entries = (keys?.length ?? -1) / KEY_BYTES;
  if (keys === undefined || !Number.isInteger(entries) || entries > most) {
    throw fault('internal', `the entries are not up to ${most} keys of ${KEY_BYTES} bytes`);
  }
  const present = new Uint8Array(entries).fill(1);
  const heads = yield* firstRows({ bytes: keys, width: KEY_BYTES, present });
  const again = heads.findIndex((head, row) => head !== row);
  if (again === -1) return;
  throw fault('data-duplicate-id', `entries ${heads[again]! + 1} and ${again + 1} of a joined table have the same key`);
}

function columnBytes({ columns }: Meet, column: number, entries: number): number {
  const of = columns[column]!;
  return of.kind === 'bit' ? Math.ceil(entries / 8) : (entries * of.ring) / 8;
}

/** The keys, and behind them random ones up to so many. */
export function paddedKeys(keys: Uint8Array, entries: number, rng: (bytes: number) => Uint8Array): Uint8Array {
  const padded = new Uint8Array(KEY_BYTES * entries);
  padded.set(keys);
  for (let at = keys.length; at < padded.length; at += 1 << 20) {
    padded.set(rng(Math.min(1 << 20, padded.length - at)), at);
  }
  return padded;
}

/** Puts a spoke's entries into the first rows: the tag, which is 0, and the columns. */
export function writeEntries(meet: Meet, { keys, columns }: SpokeEntries, rows: Uint8Array): void {
  const layout = rowLayout(meet);
  const entries = keys.length / KEY_BYTES;
  writeColumn(rows, layout.rowBytes, layout.fields[0]!, new Uint8Array(8 * entries));
  const of = (kind: 'word' | 'bit'): Uint8Array[] => columns.filter((_, i) => meet.columns[i]!.kind === kind);
  for (const [i, column] of of('word').entries()) writeColumn(rows, layout.rowBytes, layout.fields[i + 1]!, column);
  writeBits(rows, layout, of('bit'), entries);
}

/** Bit columns, packed, into the bits at the end of each row. */
function writeBits(
  rows: Uint8Array,
  { rowBytes, fields }: Layout,
  columns: readonly Uint8Array[],
  entries: number,
): void {
  if (columns.length === 0) return;
  const { at } = fields.at(-1)!;
  for (let entry = 0, row = at; entry < entries; entry++, row += rowBytes) {
    rows.fill(0, row, row + Math.ceil(columns.length / 8));
    for (let i = 0; i < columns.length; i++) {
      const bit = (columns[i]![entry >> 3]! >> (entry & 7)) & 1;
      rows[row + (i >> 3)]! |= bit << (i & 7);
    }
  }
}
