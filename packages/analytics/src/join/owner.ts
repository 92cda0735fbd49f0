import { fault, type Rng } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import { makeEntries, NONE, type PsiKeys, planesOf } from '@symbolon/linkage';
import { binsOf, type EntryColumns, type MeetColumn, type SpokeEntries, type StudyInput } from '../session/index.ts';
import { joinLanes, joinMeet, joinNames, joinParts, type RuleJoin } from './join.ts';

type Steps<Result> = Generator<void, Result>;

/** An owner's records as a join takes them. */
export interface JoinTable {
  /** Of each blocking key, record by record. */
  readonly keys: readonly PsiKeys[];
  /** What the owner gives to the parts of the rule's leaves, as `encodeParts`: empty where it gives nothing. */
  readonly parts: readonly Uint8Array[];
  /** Of a spoke: what its records carry along, packed. */
  readonly columns: EntryColumns;
}

/** How an owner makes its entries. */
export interface JoinOptions {
  readonly join: RuleJoin;
  readonly table: JoinTable;
  /** 32 bytes that both sides have and nobody else. */
  readonly runKey: Uint8Array;
  readonly kernels: Kernels;
  readonly rng: Rng;
}

/** What the hub puts into a session for a join. Holds records. */
export interface HubJoin extends Required<Pick<StudyInput, 'hubKeys'>> {
  readonly added: EntryColumns;
  /** Own records of which the cap cut one entry at least; for their owner only. */
  readonly cutRecords: number;
  /** Its inputs of the plan, once the bins are known. `at`: the number of the meet. */
  inputs(at: number, bins: Uint32Array): Record<string, Uint8Array>;
}

/** Where each entry of a side belongs: the digests, the record and the slot. */
interface Placed {
  readonly digests: Uint8Array;
  readonly records: Uint32Array;
  readonly slots: Uint32Array;
  readonly cutRecords: number;
}

/** Runs at: the hub. */
export function* hubJoin(options: JoinOptions): Steps<HubJoin> {
  const { join, table } = options;
  const placed = yield* entriesOf(options, 0, undefined);
  const { records, slots } = placed;
  const meet = joinMeet(join);
  const lanes = binsOf(meet.entries[0]);
  const parts = joinParts(join);
  const both = parts.flatMap((part, i) =>
    part.from === 'a' ? [] : [part.from === 'both' ? table.parts[i]! : undefined],
  );
  // Behind the number, and before what the spoke's records carry along.
  const added = meet.columns.map((column, i) => {
    const own = both[i - 1];
    const bytes = bytesOf(column, records.length);
    return own === undefined ? new Uint8Array(bytes) : gather(own, bytes / records.length, records);
  });
  return {
    hubKeys: placed.digests,
    added,
    cutRecords: placed.cutRecords,
    inputs(at, bins) {
      const recordIn = new Uint32Array(lanes).fill(NONE);
      for (const [entry, bin] of bins.entries()) recordIn[bin] = records[entry]!;
      const inputs: Record<string, Uint8Array> = { [joinNames.order(at)]: orderOf(join, bins, slots, records, lanes) };
      for (const [i, part] of parts.entries()) {
        if (part.from !== 'a') continue;
        const own = gather(table.parts[i]!, part.kind === 'word' ? part.ring / 8 : Math.ceil(part.width / 8), recordIn);
        inputs[joinNames.part(at, i)] = part.kind === 'word' ? own : planesOf(own, part.width);
      }
      return inputs;
    },
  };
}

/**
 * Runs at: the spoke. Learns: how many of its records the cap cut.
 *
 * @param order the record of each number: fresh, secret, random; of several that match a record of the hub the first counts
 */
export function* spokeJoin(
  options: JoinOptions,
  order: Uint32Array,
): Steps<{ readonly entries: SpokeEntries; readonly cutRecords: number }> {
  const { join, table } = options;
  const { digests, records, cutRecords } = yield* entriesOf(options, 1, order);
  const meet = joinMeet(join);
  const stored = joinParts(join).flatMap((part, i) => (part.from === 'a' ? [] : [table.parts[i]!]));
  const [word] = meet.columns;
  const columns = [countdown(order, bytesOf(word!, 1)), ...stored].map((column, i) =>
    gather(column, bytesOf(meet.columns[i]!, 1), records),
  );
  const carried = table.columns.map((column, i) =>
    join.columns[i]!.kind === 'bit'
      ? gatherBits(column, records)
      : gather(column, bytesOf(join.columns[i]!, 1), records),
  );
  return { entries: { keys: digests, columns: [...columns, ...carried] }, cutRecords };
}

/** The entries of a side, dummies excepted. */
function* entriesOf(
  { join, table, runKey, kernels, rng }: JoinOptions,
  side: 0 | 1,
  order: Uint32Array | undefined,
): Steps<Placed> {
  const rows = join.records[side];
  const numbers = Uint32Array.from({ length: rows }, (_, i) => i);
  for (const [number, record] of order?.entries() ?? []) numbers[record] = number;
  if (table.keys.some(({ present }) => present.length !== rows)) {
    throw fault('internal', `the records of a join are not the ${rows} that were agreed`);
  }
  const { entries: capacity } = joinMeet(join);
  const sharding = { shards: 1, capacity, bins: binsOf(capacity[0]) };
  const made = yield* makeEntries({ kernels, keys: table.keys, numbers, side, cap: join.cap, sharding, runKey, rng });
  const end = made.places.indexOf(NONE);
  const places = end === -1 ? made.places : made.places.subarray(0, end);
  return {
    digests: made.digests.slice(0, 32 * places.length),
    records: places.map((place) => order?.[place % rows] ?? place % rows),
    slots: places.map((place) => Math.floor(place / rows)),
    cutRecords: made.cutRecords,
  };
}

/** The bin at each place slot · lanes + record; any other bin, where nothing matches, where no entry belongs. */
function orderOf(
  join: RuleJoin,
  bins: Uint32Array,
  slots: Uint32Array,
  records: Uint32Array,
  lanes: number,
): Uint8Array {
  const given = Array.from(bins, (bin, entry) => {
    return [slots[entry]! * joinLanes(join) + records[entry]!, bin] as const;
  });
  return completeOrder(lanes, given);
}

/** An order as a plan takes it: at each of these places what stood elsewhere before, each once; the rest anywhere. */
export function completeOrder(size: number, given: Iterable<readonly [place: number, from: number]>): Uint8Array {
  const order = new Uint32Array(size).fill(NONE);
  const taken = new Uint8Array(size);
  for (const [place, from] of given) {
    order[place] = from;
    taken[from] = 1;
  }
  for (let place = 0, free = 0; place < size; place++) {
    if (order[place] !== NONE) continue;
    while (taken[free] === 1) free++;
    order[place] = free++;
  }
  return new Uint8Array(order.buffer);
}

/** For each record its number from the last to the first, counted from 1: the largest is the first, 0 is none. */
function countdown(order: Uint32Array, bytes: number): Uint8Array {
  const words = new Uint32Array((order.length * bytes) / 4);
  for (const [number, record] of order.entries()) words[(record * bytes) / 4] = order.length - number;
  return new Uint8Array(words.buffer);
}

/** Bytes of a column of so many entries, single bits packed. */
function bytesOf(column: MeetColumn, entries: number): number {
  if (column.kind === 'bit') return Math.ceil(entries / 8);
  return entries * (column.kind === 'word' ? column.ring / 8 : Math.ceil(column.width / 8));
}

/** Values of some records, each of `bytes`; zeros for NONE. */
function gather(column: Uint8Array, bytes: number, records: Uint32Array): Uint8Array {
  const out = new Uint8Array(bytes * records.length);
  for (let i = 0, to = 0; i < records.length; i++, to += bytes) {
    if (records[i] === NONE) continue;
    const from = bytes * records[i]!;
    for (let k = 0; k < bytes; k++) out[to + k] = column[from + k]!;
  }
  return out;
}

function gatherBits(column: Uint8Array, records: Uint32Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(records.length / 8));
  for (const [i, record] of records.entries()) out[i >> 3]! |= ((column[record >> 3]! >> (record & 7)) & 1) << (i & 7);
  return out;
}
