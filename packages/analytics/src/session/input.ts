import { fault, type Rng } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import { fieldBytes, firstRowsOf, writeColumn } from '@symbolon/linkage';
import { placesOf, rowLayout } from './meet.ts';
import type { Meet, MeetColumn, StudyProgram } from './program.ts';

const KEY_BYTES = 32;

/** A column of values for each of a meet's, for a party's entries in their order: words little-endian, single bits packed from the lowest. */
export type EntryColumns = readonly Uint8Array[];

/** A spoke's entries of a meet: distinct digests of their keys, 32 bytes each, and their columns. */
export interface SpokeEntries {
  readonly keys: Uint8Array;
  readonly columns: EntryColumns;
}

/** What one party puts into the meets of a session. Entries are as many as the program says, or fewer: the session adds dummies that meet nothing. */
export interface MeetEntries {
  /** Of the hub, where the program has meets: distinct digests of its entries' keys, 32 bytes each. */
  readonly hubKeys?: Uint8Array;
  /**
   * Of the hub, by the number of the meet: what is added to the columns of the entry that each of its entries meets (bits: ⊕). Costs nothing: it is
   * put in with what the hub decodes.
   */
  readonly added?: ReadonlyMap<number, EntryColumns>;
  /** Of a spoke, by the number of the meet. */
  readonly spokes?: ReadonlyMap<number, SpokeEntries>;
  /** What this party alone yields beside what the plan does: what making its entries told it. */
  readonly told?: ReadonlyMap<string, Uint8Array>;
}

/** What entries are made with that only the parties of a session can make. */
export interface EntryTools {
  /** 32 bytes that the parties of the session have and nobody else, fresh for each. */
  readonly runKey: Uint8Array;
  readonly kernels: Kernels;
  readonly rng: Rng;
}

/** What one party puts into a session. */
export interface StudyInput extends MeetEntries {
  /** In place of entries: makes them, once the parties have a run key. Asked for once. */
  make?(tools: EntryTools): Generator<void, MeetEntries>;
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
  { hubKeys, added, spokes }: MeetEntries,
  kernels: Kernels,
): Generator<void, void> {
  if (index === 0 && meets.length > 0) yield* checkKeys(kernels, hubKeys, meets[0]!.entries[0]);
  for (const [at, meet] of meets.entries()) {
    const own = meet.spoke === index ? spokes?.get(at) : undefined;
    if (meet.spoke === index) yield* checkKeys(kernels, own?.keys, meet.entries[1]);
    const columns = index === 0 ? added?.get(at) : own?.columns;
    if (columns === undefined) continue;
    const entries = entriesOf(index === 0 ? hubKeys! : own!.keys);
    const fits = columns.every(({ length }, i) => length === columnBytes(meet.columns[i], entries));
    if (fits && columns.length === meet.columns.length) continue;
    throw fault('internal', `the columns of meet ${at} are not those of the program`);
  }
}

function* checkKeys(kernels: Kernels, keys: Uint8Array | undefined, most: number): Generator<void, void> {
  const entries = (keys?.length ?? -1) / KEY_BYTES;
  if (keys === undefined || !Number.isInteger(entries) || entries > most) {
    throw fault('internal', `the entries are not up to ${most} keys of ${KEY_BYTES} bytes`);
  }
  const heads = yield* firstRowsOf(kernels, { bytes: keys, width: KEY_BYTES });
  const again = heads.findIndex((head, row) => head !== row);
  if (again === -1) return;
  throw fault('data-duplicate-id', `entries ${heads[again]! + 1} and ${again + 1} of a joined table have the same key`);
}

function columnBytes(of: MeetColumn | undefined, entries: number): number | undefined {
  if (of?.kind === 'bit') return Math.ceil(entries / 8);
  return of && entries * (of.kind === 'bits' ? Math.ceil(of.width / 8) : of.ring / 8);
}

/** How many keys. */
export function entriesOf(keys: Uint8Array): number {
  return keys.length / KEY_BYTES;
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

/** Puts entries into the first rows: the tag, which is 0, and the columns. */
export function writeEntries(meet: Meet, columns: EntryColumns, entries: number, rows: Uint8Array): void {
  const { rowBytes, fields } = rowLayout(meet);
  const places = placesOf(meet);
  const write = (field: number, column: Uint8Array): void => writeColumn(rows, rowBytes, fields[field]!, column);
  write(0, new Uint8Array(8 * entries));
  const single = fields.at(-1)!;
  const bits = new Uint8Array(entries * fieldBytes(single));
  for (const [i, column] of columns.entries()) {
    const { field, bit } = places[i]!;
    if (meet.columns[i]!.kind === 'bit') placeBits(bits, fieldBytes(single), bit, column, entries);
    else write(field, column);
  }
  if (meet.columns.some(({ kind }) => kind === 'bit')) write(fields.length - 1, bits);
}

/** A column of single bits, packed, as bit `place` of every entry's bytes. */
function placeBits(out: Uint8Array, bytes: number, place: number, column: Uint8Array, entries: number): void {
  for (let entry = 0, at = place >> 3; entry < entries; entry++, at += bytes) {
    out[at]! |= ((column[entry >> 3]! >> (entry & 7)) & 1) << (place & 7);
  }
}
