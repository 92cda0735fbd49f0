import { concat, fault } from '@symbolon/crypto';
import { pack } from '@symbolon/engine';
import { completeOrder } from '../join/index.ts';
import { binsOf, type StudyInput, type StudyProgram } from '../session/index.ts';
import type { BoundStudy } from '../sql/index.ts';
import { columnsOf, isRowCondition, type Rows } from './columns.ts';
import { inputName } from './declare.ts';
import { cellName } from './given.ts';
import { groupLanes, groupName, groupTest } from './group-rows.ts';
import { isSorted, keyPlan } from './keys.ts';
import type { RegionShape } from './lanes.ts';
import { keptShares, matchedInput } from './matched-input.ts';
import { metOrder } from './met.ts';
import { keyDigest, type OwnTable } from './own.ts';
import { entryBins, ownBins, placeHub, requireSize } from './place.ts';
import { keyPlacer, type OwnCell, type OwnCells, type OwnGroup, ownCells, ownGroups, placedCells } from './plain.ts';
import { saysNone } from './release.ts';
import { hubSize, type Sizes, type StudyRun, sizeOf } from './units.ts';
import { codeColumns, columnInputs, type Places, setBit, storedColumn } from './write.ts';

export interface EncodeOptions {
  readonly run: StudyRun;
  /** Number of the unit. */
  readonly unit: number;
  readonly party: string;
  /** This party's tables, by alias. */
  readonly tables: ReadonlyMap<string, OwnTable>;
  /** What this party kept of earlier units, by their numbers and names. */
  readonly kept: ReadonlyMap<number, ReadonlyMap<string, Uint8Array>>;
  /** In an `own` unit, in place of this party's rows: its cells of known keys, the first key slowest. */
  readonly cells?: readonly OwnCell[];
}

/**
 * What a party puts into a session. Runs at: the party, on its own rows.
 *
 * @throws SymbolonError `data-out-of-range` where a table is larger than was agreed, naming table and row
 */
export function encodeUnit(options: EncodeOptions): StudyInput {
  const { run, unit, party } = options;
  const { kind, parties } = run.units[unit]!;
  const index = parties.indexOf(party);
  if (kind === 'own') return { inputs: () => ownInputs(options, index) };
  if (kind === 'combined') return { inputs: () => keptInputs(options, index) };
  if (kind === 'matched') return matchedInput(options, index);
  return joinedInput(options, index);
}

function ownInputs({ run, tables, cells }: EncodeOptions, party: number): Record<string, Uint8Array> {
  const { sizes } = run;
  const bound = run.bound!;
  if (party >= bound.tables[0]!.parties.length) return {};
  if (cells !== undefined) return cellInputs(bound, placedCells(bound, cells), party);
  const [{ alias, name, parties }] = bound.tables as [BoundStudy['tables'][number]];
  const own = tables.get(alias)!;
  const most = sizeOf(sizes, alias, parties[party]!).rows;
  requireSize(name, 'rows', own.patients.length, most);
  if (isSorted(bound)) return groupInputs(bound, ownGroups(bound, own), { party, size: groupLanes(most) });
  return cellInputs(bound, ownCells(bound, own), party);
}

function cellInputs(bound: BoundStudy, { numbers, patients }: OwnCells, party: number): Record<string, Uint8Array> {
  const size = bound.cells!;
  const k = bound.release.minPatients;
  const bits = (of: readonly number[], test: (count: number) => boolean): Uint8Array =>
    pack(
      { kind: 'bits', size },
      of.map((count) => BigInt(test(count))),
    );
  const entries = [
    ...numbers.flatMap((values, i) =>
      values === undefined ? [] : [[cellName.number(i), pack({ kind: 'ring', bits: 64, size }, values)] as const],
    ),
    ...patients.map((counts, i) => [cellName.enough(i), bits(counts, (count) => count >= k)] as const),
    ...(saysNone(bound)
      ? patients.map((counts, i) => [cellName.none(i), bits(counts, (count) => count === 0)] as const)
      : []),
  ];
  return Object.fromEntries(entries.map(([name, bytes]) => [cellName.own(party, name), bytes]));
}

/** The groups that a party made of its own rows, in no order that matters: they are sorted inside. */
function groupInputs(
  bound: BoundStudy,
  groups: readonly OwnGroup[],
  { party, size }: { party: number; size: number },
): Record<string, Uint8Array> {
  const words = (bits: 32 | 64, of: (group: OwnGroup) => bigint): Uint8Array =>
    pack(
      { kind: 'ring', bits, size },
      Array.from({ length: size }, (_, i) => (i < groups.length ? of(groups[i]!) : 0n)),
    );
  const keys = bound.keys.flatMap(({ node }, key) => {
    const values = groups.map((group) => group.keys[key]!);
    const { code, bits, texts } = codeColumns(bound.nodes[node]!, values, size);
    return [
      [groupName.code(party, key), code] as const,
      [groupName.bits(party, key), bits] as const,
      ...texts.map((bytes, place) => [groupName.text(party, key, place), bytes] as const),
    ];
  });
  return Object.fromEntries([
    ...keys,
    ...bound.opened.map((_, i) => [groupName.number(party, i), words(64, ({ numbers }) => numbers[i]!)] as const),
    ...bound.supports.map(
      (_, i) => [groupName.test(party, i), words(32, ({ patients }) => groupTest(bound, patients[i]!))] as const,
    ),
  ]);
}

function keptInputs({ run, kept }: EncodeOptions, party: number): Record<string, Uint8Array> {
  return Object.fromEntries(
    run.units.flatMap((_, unit) =>
      [...(kept.get(unit) ?? [])].map(([name, bytes]) => [cellName.kept(unit, party, name), bytes]),
    ),
  );
}

function joinedInput({ run, unit, party, tables, kept }: EncodeOptions, index: number): StudyInput {
  const { regions, program, kind } = run.units[unit]!;
  const { rows } = run;
  // Several regions have no spokes that meet.
  const shape = regions.find(({ hub }) => hub === index) ?? regions[0]!;
  const meets = new Map(
    shape.spokes
      .flat()
      .flatMap(({ alias, party: at, source }) =>
        at === index && source.kind === 'meet'
          ? [[source.at, storedRows(rows, alias, tables.get(alias)!, { sizes: run.sizes, party })] as const]
          : [],
      ),
  );
  const aligned = shape.spokes.flatMap((parts, i) =>
    parts
      .filter(({ party: at, source }) => at === index && source.kind === 'known')
      .map(({ alias }) => ({ alias, table: i + 1 })),
  );
  const [{ alias: hubAlias, name }] = rows.tables as [Rows['tables'][number]];
  const hubTable = index === shape.hub ? tables.get(hubAlias)! : undefined;
  const hubName = run.units[unit]!.parties[shape.hub]!;
  const hub =
    hubTable &&
    placeHub(hubTable, knownBins(rows, hubTable, shape, hubName), {
      name,
      size: hubSize(rows, sizeOf(run.sizes, hubAlias, party)),
      slots: shape.slots,
      lanes: shape.bins,
    });
  const entries = {
    ...(hub !== undefined && program.meets.length > 0 ? { hubKeys: digests(hub.keys) } : {}),
    ...(meets.size > 0 ? { spokes: meets } : {}),
  };
  if (kind === 'met') return { ...entries, inputs: (bins) => (bins === undefined ? {} : metInputs(program, bins)) };
  return {
    ...entries,
    inputs: (bins) => ({
      ...(hub === undefined ? {} : hubInputs(rows, hubTable!, shape, hub.lanesOf(bins))),
      ...Object.assign(
        {},
        ...regions.map((region) => keptShares(rows, region, { party: index, kept, lanes: hub?.lanesOf(bins) })),
        ...aligned.map(({ alias, table }) => {
          const own = tables.get(alias)!;
          return alignedInputs(rows, own, own.bins![hubName]!, { shape, alias, table, party: index });
        }),
      ),
    }),
  };
}

/** The bin of each row of the hub where it is known before anything meets; undefined where it is not. */
function knownBins({ joins }: Rows, own: OwnTable, { spokes }: RegionShape, hub: string): Places | undefined {
  const sources = spokes.flat().map(({ source }) => source);
  if (joins.length === 0) return ownBins(own);
  if (sources.some(({ kind }) => kind === 'meet')) return undefined;
  if (sources.some(({ kind }) => kind === 'known')) return own.bins![hub];
  // Of rows that were matched a bin is a row, of rows that met an entry.
  return joins.every(({ kind }) => kind === 'rule') ? own.patients.map((_, row) => row) : entryBins(own);
}

/** What met, from its bins to the hub's entries, in their order. */
function metInputs({ meets }: StudyProgram, bins: Uint32Array): Record<string, Uint8Array> {
  return { [metOrder]: completeOrder(binsOf(meets[0]!.entries[0]), bins.entries()) };
}

function hubInputs(rows: Rows, own: OwnTable, shape: RegionShape, lanes: Places): Record<string, Uint8Array> {
  const { hub, slots, bins } = shape;
  const conditions = rows.where.filter((at) => isRowCondition(rows, at));
  const counts = lanes.map((lane, row) =>
    conditions.every((at) => own.locals.get(at)![row] === true) ? lane : undefined,
  );
  const { alias } = rows.tables[0]!;
  const at = { party: hub, table: 0, slots, bins };
  const row = new Uint8Array((slots * bins) / 8);
  for (const lane of counts) if (lane !== undefined) setBit(row, lane);
  return {
    [inputName.row(hub)]: row,
    ...columnInputs(rows, own, columnsOf(rows, alias), counts, at),
    ...leftWords(rows, own, counts, shape),
  };
}

/** One-hot words of the left key, where the hub owns it. */
function leftWords(
  rows: Rows,
  own: OwnTable,
  lanes: Places,
  { hub, slots, bins }: RegionShape,
): Record<string, Uint8Array> {
  const { left, lines, hot } = keyPlan(rows);
  const at = rows.keys[left]?.node;
  const column = at === undefined || !hot.includes(at) ? undefined : own.locals.get(at);
  if (column === undefined) return {};
  const words = new BigInt64Array(lines * slots * bins);
  const place = keyPlacer(rows.nodes[at!]!);
  for (const [row, lane] of lanes.entries())
    if (lane !== undefined) words[place(column[row]!) * slots * bins + lane] = 1n;
  return { [inputName.words(hub)]: new Uint8Array(words.buffer) };
}

function alignedInputs(
  rows: Rows,
  own: OwnTable,
  lanes: Places,
  { shape, alias, table, party }: { shape: RegionShape; alias: string; table: number; party: number },
): Record<string, Uint8Array> {
  const found = new Uint8Array(shape.bins / 8);
  for (const lane of lanes) if (lane !== undefined) setBit(found, lane);
  return {
    [inputName.found(party, table)]: found,
    ...columnInputs(rows, own, columnsOf(rows, alias), lanes, { party, table, slots: 1, bins: shape.bins }),
  };
}

/** A spoke's entries: those of its rows that have a key, behind them padding. */
function storedRows(
  rows: Rows,
  alias: string,
  own: OwnTable,
  { sizes, party }: { sizes: Sizes; party: string },
): { keys: Uint8Array; columns: Uint8Array[] } {
  const { name } = rows.tables.find((table) => table.alias === alias)!;
  const seen = new Set<string>();
  const lanes = own.keys.map((key, row) => {
    if (key === null) return undefined;
    if (seen.has(key))
      throw fault(
        'data-duplicate-id',
        `row ${row + 1} of ${name} has the same key as a row before it; it joins by one row a key`,
        {
          culprit: name,
        },
      );
    seen.add(key);
    return seen.size - 1;
  });
  requireSize(name, 'rows with a key', seen.size, sizeOf(sizes, alias, party).patients);
  return {
    keys: digests([...seen]),
    columns: columnsOf(rows, alias).map((column) => storedColumn(rows, own, column, lanes, seen.size)),
  };
}

function digests(keys: readonly string[]): Uint8Array {
  return concat(...keys.map(keyDigest));
}
