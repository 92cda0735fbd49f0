import { runClear } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { planeBits } from '@symbolon/linkage';
import { type Bound, ownRowsOf } from '../../src/conduct/index.ts';
import type { ClearTables, Duck } from '../../src/index.ts';
import {
  compileJoins,
  decodeRun,
  encodeUnit,
  type OwnTable,
  ownSql,
  type Released,
  readOwn,
  type Sizes,
  type StudyRun,
} from '../../src/secure/index.ts';
import { binsOf, type Meet, type StudyInput } from '../../src/session/index.ts';
import type { BoundStudy } from '../../src/sql/index.ts';

/** Every party's own tables, by alias. */
export type Owned = ReadonlyMap<string, ReadonlyMap<string, OwnTable>>;

/** What every owner's database gives for a study. */
export async function ownTables(bound: Bound, tables: ClearTables, duck: Duck): Promise<Owned> {
  const rows = ownRowsOf(bound);
  const means = { compiled: await compileJoins(rows, duck), kernels: createKernels() };
  const owned = new Map<string, Map<string, OwnTable>>();
  for (const { name, alias, parties } of rows.tables)
    for (const party of parties) {
      const own = readOwn(rows, alias, await duck.rows(ownSql(rows, alias, tables[name]![party]!)), means);
      owned.set(party, (owned.get(party) ?? new Map<string, OwnTable>()).set(alias, own));
    }
  return owned;
}

/** The sizes of the tables as they are, with some room. */
export function sizesOf(bound: Pick<BoundStudy, 'tables'>, owned: Owned, room = 3): Sizes {
  return Object.fromEntries(
    bound.tables.map(({ alias, parties }) => [
      alias,
      Object.fromEntries(
        parties.map((party) => {
          const { patients } = owned.get(party)!.get(alias)!;
          const counts = [...Map.groupBy(patients, (patient) => patient).values()].map(({ length }) => length);
          const rowsPerPatient = Math.max(1, ...counts);
          return [party, { rows: patients.length + room, patients: counts.length + room, rowsPerPatient }];
        }),
      ),
    ]),
  );
}

/** A run with all roles in one, in plain integers; and all that opened, by its name. */
export function rehearse(run: StudyRun, owned: Owned): { released: Released; opened: ReadonlyMap<string, Uint8Array> } {
  const opened = openedBy(run, owned);
  return { released: decodeRun(run.bound!, opened), opened };
}

export function openedBy(run: StudyRun, owned: Owned): ReadonlyMap<string, Uint8Array> {
  const kept = new Map<string, Map<number, Map<string, Uint8Array>>>();
  let opened = new Map<string, Uint8Array>();
  for (const [unit, { parties, program }] of run.units.entries()) {
    const given = parties.map((party) =>
      encodeUnit({ run, unit, party, tables: owned.get(party) ?? new Map(), kept: kept.get(party) ?? new Map() }),
    );
    const inputs = Object.assign(
      {},
      ...given.map(({ inputs }, i) => inputs(i === 0 ? placed(given[0]!) : undefined)),
      ...program.meets.map((meet, at) => metInClear(at, meet, given)),
    ) as Record<string, Uint8Array>;
    opened = new Map(Object.entries(runClear(program.plan, inputs)));
    // The first party's share is the value, the others' are 0.
    for (const [i, party] of parties.entries()) {
      const shares = new Map(
        [...opened].map(([name, bytes]) => [name, i === 0 ? bytes : new Uint8Array(bytes.length)]),
      );
      kept.set(party, (kept.get(party) ?? new Map<number, Map<string, Uint8Array>>()).set(unit, shares));
    }
  }
  return opened;
}

/** Entry i in bin 2i. */
function placed({ hubKeys }: StudyInput): Uint32Array | undefined {
  return hubKeys && Uint32Array.from({ length: hubKeys.length / 32 }, (_, i) => (i % 2 === 0 ? i : 4096 + i));
}

/** What the hub decodes where the spoke's pads are all 0: its columns, and garbage where nothing met. */
function metInClear(at: number, meet: Meet, given: readonly StudyInput[]): Record<string, Uint8Array> {
  const lanes = binsOf(meet.entries[0]);
  const { keys, columns } = given[meet.spoke]!.spokes!.get(at)!;
  const hub = given[0]!.hubKeys!;
  const bins = placed(given[0]!)!;
  const found = new Map(Array.from({ length: keys.length / 32 }, (_, i) => [keyAt(keys, i), i] as const));
  const met = new Map(
    [...bins].flatMap((bin, i) => {
      const entry = found.get(keyAt(hub, i));
      return entry === undefined ? [] : [[bin, entry] as const];
    }),
  );
  const words = columns.filter((_, i) => meet.columns[i]!.kind === 'word');
  const bits = columns.filter((_, i) => meet.columns[i]!.kind === 'bit');
  const fields = [
    wordsOf(lanes, (bin) => (met.has(bin) ? 0n : 77n)),
    ...words.map((column) => {
      const values = new BigInt64Array(column.slice().buffer);
      return wordsOf(lanes, (bin) => (met.has(bin) ? values[met.get(bin)!]! : -123456789n));
    }),
    ...(bits.length === 0 ? [] : [bitPlanes(lanes, bits, met)]),
  ];
  return Object.fromEntries(
    fields.flatMap((bytes, i) => [
      [`meet/${at}/hub/${i}`, bytes],
      [`meet/${at}/spoke/${i}`, new Uint8Array(bytes.length)],
    ]),
  );
}

function keyAt(keys: Uint8Array, at: number): string {
  return Buffer.from(keys.subarray(32 * at, 32 * at + 32)).toString('hex');
}

function wordsOf(lanes: number, of: (bin: number) => bigint): Uint8Array {
  return new Uint8Array(BigInt64Array.from({ length: lanes }, (_, bin) => of(bin)).buffer);
}

function bitPlanes(lanes: number, columns: readonly Uint8Array[], met: ReadonlyMap<number, number>): Uint8Array {
  const plane = planeBits(lanes);
  const bytes = new Uint8Array((plane * columns.length) / 8).fill(0b10110101);
  for (const [i, column] of columns.entries())
    for (const [bin, entry] of met) {
      const at = i * plane + bin;
      const bit = (column[entry >> 3]! >> (entry & 7)) & 1;
      bytes[at >> 3] = (bytes[at >> 3]! & ~(1 << (at & 7))) | (bit << (at & 7));
    }
  return bytes;
}

/** Tables whose linkage is known: every patient of a hub's party has a bin, in some order; rows of spokes that have its key are in it. */
export function aligned({ tables: [hub, ...spokes] }: Pick<BoundStudy, 'tables'>, owned: Owned): Owned {
  const all = new Map([...owned].map(([party, tables]) => [party, new Map(tables)] as const));
  const link = (party: string, alias: string, holder: string, bins: ReadonlyMap<string, number>): void => {
    const own = all.get(party)!.get(alias)!;
    const places = own.keys.map((key) => (key === null ? undefined : bins.get(key)));
    all.get(party)!.set(alias, { ...own, bins: { ...own.bins, [holder]: places } });
  };
  for (const holder of hub!.parties) {
    const { keys } = owned.get(holder)!.get(hub!.alias)!;
    const known = [...new Set(keys)].filter((key) => key !== null);
    const bins = new Map(known.map((key, i) => [key, known.length - 1 - i] as const));
    link(holder, hub!.alias, holder, bins);
    for (const { alias, parties } of spokes) for (const party of parties) link(party, alias, holder, bins);
  }
  return all;
}
