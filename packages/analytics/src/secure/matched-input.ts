import { fault, randomOrder } from '@symbolon/crypto';
import type { PsiKeys } from '@symbolon/linkage';
import { completeOrder, type HubJoin, hubJoin, type JoinTable, spokeJoin } from '../join/index.ts';
import type { EntryTools, MeetEntries, StudyInput } from '../session/index.ts';
import { columnsOf, type Rows } from './columns.ts';
import type { EncodeOptions } from './encode.ts';
import type { RegionShape } from './lanes.ts';
import { toldName } from './matched.ts';
import type { OwnTable } from './own.ts';
import { requireSize } from './place.ts';
import { keptName } from './spokes.ts';
import type { StudyRun } from './units.ts';
import { type Places, storedColumn } from './write.ts';

/**
 * What a party puts into a session that matches its rows with another's. Runs at: hub or spoke.
 *
 * @throws SymbolonError `data-out-of-range` where a table is larger than was agreed
 */
export function matchedInput({ run, unit, tables }: EncodeOptions, party: number): StudyInput {
  const { alias, join } = run.units[unit]!.matched!;
  const [hub] = run.rows.tables;
  const { name, alias: own } = party === 0 ? hub! : run.rows.tables.find((table) => table.alias === alias)!;
  const table = tables.get(own)!;
  const records = join.records[party]!;
  requireSize(name, 'rows', table.patients.length, records);
  const given = joinTable(run.rows, { alias, table, party, records });
  let hubSide: HubJoin | undefined;
  return {
    *make({ runKey, kernels, rng }: EntryTools): Generator<void, MeetEntries> {
      const options = { join, table: given, runKey, kernels, rng };
      if (party === 0) {
        hubSide = yield* hubJoin(options);
        const { hubKeys, added, cutRecords } = hubSide;
        return { hubKeys, added: new Map([[0, added]]), told: told(cutRecords) };
      }
      const { entries, cutRecords } = yield* spokeJoin(options, randomOrder(records, rng));
      return { spokes: new Map([[0, entries]]), told: told(cutRecords) };
    },
    inputs: (bins) => hubSide?.inputs(0, bins!) ?? {},
  };
}

function told(cutRecords: number): ReadonlyMap<string, Uint8Array> {
  return new Map([[toldName.cut, new Uint8Array(Uint32Array.of(cutRecords).buffer)]]);
}

/** How many rows of its own table a party heard that the cap cut in a matched unit; undefined of any other. */
export function cutRecords(
  { units }: StudyRun,
  unit: number,
  yielded: ReadonlyMap<string, Uint8Array>,
): number | undefined {
  const bytes = units[unit]?.kind === 'matched' ? yielded.get(toldName.cut) : undefined;
  return bytes && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

/** An own table as a join takes it, padded to what was agreed by rows without a key. */
function joinTable(
  rows: Rows,
  { alias, table, party, records }: { alias: string; table: OwnTable; party: number; records: number },
): JoinTable {
  const matched = table.matched?.get(alias);
  if (matched === undefined) throw fault('internal', `nothing was encoded for the join by a rule with ${alias}`);
  const entries: Places = table.patients.map((_, row) => row);
  const columns = party === 0 ? [] : columnsOf(rows, alias);
  return {
    keys: matched.keys.map((keys) => padded(keys, records)),
    parts: matched.parts,
    columns: columns.map((column) => storedColumn(rows, table, column, entries, records)),
  };
}

function padded({ data, offsets, present }: PsiKeys, rows: number): PsiKeys {
  const [ends, known] = [new Uint32Array(rows + 1).fill(offsets.at(-1)!), new Uint8Array(rows)];
  ends.set(offsets);
  known.set(present);
  return { data, offsets: ends, present: known };
}

/**
 * What a party gives of what was found in earlier units: its shares; the hub, the orders that bring them to its bins too.
 *
 * @param lanes of the hub: the lane of each of its rows
 */
export function keptShares(
  rows: Rows,
  { hub, spokes, bins }: RegionShape,
  {
    party,
    kept,
    lanes,
  }: { readonly party: number; readonly kept: EncodeOptions['kept']; readonly lanes: Places | undefined },
): Record<string, Uint8Array> {
  const inputs: Record<string, Uint8Array> = {};
  for (const { alias, source } of spokes.flat()) {
    if (source.kind !== 'kept' || !source.holders.includes(party)) continue;
    const { unit, at, orders } = source;
    const own = kept.get(unit)!;
    const columns = columnsOf(rows, alias).map((_, i) => keptName.column(at, i));
    for (const name of [keptName.found(at), ...columns]) inputs[keptName.share(unit, party, name)] = own.get(name)!;
    if (party !== hub || orders.length === 0) continue;
    const places = placesOf(own.get(toldName.places)!);
    inputs[keptName.order(unit, at, 'found')] = orderOf(lanes!, bins, (row) => places[row]!);
    if (orders.includes('columns') && columns.length > 0)
      inputs[keptName.order(unit, at, 'columns')] = orderOf(lanes!, bins, (row) => row);
  }
  return inputs;
}

/** For each bin what stands in it, by its place before; anything that is left where no row of the hub is. */
function orderOf(lanes: Places, bins: number, placeOf: (row: number) => number): Uint8Array {
  const given = lanes.flatMap((lane, row) => (lane === undefined ? [] : [[lane, placeOf(row)] as const]));
  return completeOrder(bins, given);
}

/** For each row of the hub where it stands, from the rows that stand there. @throws SymbolonError `frame-shape` */
function placesOf(bytes: Uint8Array): Uint32Array {
  const rows = new Uint32Array(bytes.slice().buffer);
  const places = new Uint32Array(rows.length);
  const seen = new Uint8Array(rows.length);
  for (const [place, row] of rows.entries()) {
    if (!(row < rows.length) || seen[row] === 1)
      throw fault('frame-shape', 'the rows of a join did not open as an order');
    seen[row] = 1;
    places[row] = place;
  }
  return places;
}
