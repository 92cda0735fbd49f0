import { fault } from '@symbolon/crypto';
import { PlanBuilder } from '@symbolon/engine';
import { binsOf, leastHubEntries, type Meet, type StudyProgram } from '../session/index.ts';
import type { BoundStudy } from '../sql/index.ts';
import { partyCells } from './cells.ts';
import { columnsOf, meetColumn, type Rows, rowsOf } from './columns.ts';
import { declareCells, declareKept, keepCells } from './given.ts';
import { declareGroups, joinedGroups } from './group-rows.ts';
import { openGroups } from './groups.ts';
import { isSorted } from './keys.ts';
import { declareRegion, paddedBins, type RegionShape, RowLanes, type SpokePart } from './lanes.ts';
import { release, testPatients } from './release.ts';

/** Of one party's table; public, and padded where the agreement says so. */
export interface TableSize {
  /** At most so many rows, */
  readonly rows: number;
  /** of at most so many patients; where the linkage is known to both sides, of so many bins. */
  readonly patients: number;
  /** and of each at most so many; of a hub that is not `onePerPatient`. */
  readonly rowsPerPatient?: number;
}

/** By a table's alias and its party. */
export type Sizes = Readonly<Record<string, Readonly<Record<string, TableSize>>>>;

export interface RunOptions {
  /** The parties that learn the result. */
  readonly to: readonly string[];
  /** Both sides know which rows belong together: each gives its own bin by bin, and nothing meets. */
  readonly aligned?: boolean;
}

/**
 * One session of a run. `own`: each party of the hub gives the aggregates of its own rows. `joined`: the rows of one party of the hub, with those of all spokes;
 * its cells open, or stay as shares. `combined`: opens the sum of what stayed.
 */
export interface StudyUnit {
  readonly kind: 'own' | 'joined' | 'combined';
  /** p0 first. */
  readonly parties: readonly string[];
  readonly program: StudyProgram;
  /** Of a joined unit. */
  readonly region: RegionShape | undefined;
}

/** The sessions of a study, in order; every party makes the same of the bound study and the public sizes. */
export interface StudyRun {
  readonly bound: BoundStudy;
  readonly sizes: Sizes;
  readonly units: readonly StudyUnit[];
}

/**
 * Lays a bound study out as sessions.
 *
 * @throws SymbolonError `study-unsupported` with what cannot be computed so, `plan-range`
 */
export function planStudy(bound: BoundStudy, sizes: Sizes, options: RunOptions): StudyRun {
  refuse(bound);
  const [hub, ...spokes] = bound.tables;
  const others = spokes.flatMap(({ parties }) => parties);
  const all = [...new Set([...hub!.parties, ...others, ...options.to])];
  if (all.length < 2 || all.length > 5)
    throw unsupported(`a study is computed by 2 to 5 parties, and this one has ${all.length}`);
  const to = options.to.map((party) => all.indexOf(party));
  if (spokes.length === 0) return { bound, sizes, units: [ownUnit(bound, sizes, all, to)] };
  const units = hub!.parties.map((party, i): StudyUnit => {
    const alone = hub!.parties.length === 1;
    const parties = alone ? all : [...new Set([party, ...others])];
    return joinedUnit(bound, { sizes, options, parties, unit: i, to: alone ? to : undefined });
  });
  return { bound, sizes, units: units.length === 1 ? units : [...units, combinedUnit(bound, units, all, to)] };
}

/** Most rows of a patient at a party of the hub. */
export function slotsOf(rows: Pick<Rows, 'tables'>, { rowsPerPatient }: TableSize): number {
  const { onePerPatient, name } = rows.tables[0]!;
  if (onePerPatient) return 1;
  if (rowsPerPatient === undefined)
    throw unsupported(`${name} may have several rows of a patient; the agreement must say how many at most`);
  return rowsPerPatient;
}

export function unsupported(message: string): Error {
  return fault('study-unsupported', message);
}

function refuse(bound: BoundStudy): void {
  const { tables, joins } = bound;
  if (isSorted(bound) && joins.length > 0 && tables[0]!.parties.length > 1)
    throw unsupported(
      `the rows of ${tables[0]!.name} are split over several parties and joined: then groups are of agreed values; list those of each key in the agreement`,
    );
  if (bound.opened.some(({ kind }) => kind === 'quantile')) throw unsupported('quantiles are not computed yet');
}

function ownUnit(bound: BoundStudy, sizes: Sizes, parties: readonly string[], to: readonly number[]): StudyUnit {
  const builder = new PlanBuilder(parties.length);
  const [{ alias, parties: holders }] = bound.tables as [BoundStudy['tables'][number]];
  if (isSorted(bound)) {
    const counts = holders.map((party) => sizeOf(sizes, alias, party).rows);
    openGroups(builder, bound, declareGroups(builder, bound, counts)(), to);
  } else {
    const cells = holders.map((_, party) => declareCells(builder, bound, party));
    release(builder, bound, cells, to);
  }
  return { kind: 'own', parties, program: programOf(builder, parties, []), region: undefined };
}

interface Joined {
  readonly sizes: Sizes;
  readonly options: RunOptions;
  readonly parties: readonly string[];
  readonly unit: number;
  /** Who learns; undefined where all is kept for a last session. */
  readonly to: readonly number[] | undefined;
}

function joinedUnit(bound: BoundStudy, { sizes, options, parties, to }: Joined): StudyUnit {
  const builder = new PlanBuilder(parties.length);
  const rows = rowsOf(bound);
  const { region, meets } = regionOf(rows, { sizes, parties, aligned: options.aligned === true });
  const lanes = new RowLanes(builder, rows, declareRegion(builder, rows, region));
  if (isSorted(bound)) {
    openGroups(builder, bound, joinedGroups(lanes, bound), to!);
    return { kind: 'joined', parties, program: programOf(builder, parties, meets), region };
  }
  requireSize(bound, region);
  const cells = partyCells(lanes, bound);
  const tested = { ...cells, ...testPatients(builder, bound, cells.patients) };
  if (to === undefined) keepCells(builder, tested);
  else release(builder, bound, [tested], to);
  return { kind: 'joined', parties, program: programOf(builder, parties, meets), region };
}

function combinedUnit(
  bound: BoundStudy,
  units: readonly StudyUnit[],
  parties: readonly string[],
  to: readonly number[],
): StudyUnit {
  const builder = new PlanBuilder(parties.length);
  const kept = units.map((unit, at) =>
    declareKept(builder, bound, { unit: at, parties: unit.parties.map((party) => parties.indexOf(party)) }),
  );
  release(
    builder,
    bound,
    kept.map((sum) => sum()),
    to,
  );
  return { kind: 'combined', parties, program: programOf(builder, parties, []), region: undefined };
}

/** Most words of the one-hot matrix of a unit: a gigabyte. */
const mostWords = 2 ** 27;

function requireSize({ cells }: BoundStudy, { slots, bins }: RegionShape): void {
  if (cells! * slots * bins > mostWords)
    throw unsupported(`${cells} cells over ${slots * bins} rows are too many; group by fewer or coarser values`);
}

/** Where the rows of p0's part of the hub stand, and how those of the spokes come to them. */
export function regionOf(
  rows: Rows,
  { sizes, parties, aligned }: { sizes: Sizes; parties: readonly string[]; aligned: boolean },
): { region: RegionShape; meets: Meet[] } {
  const [hub, ...spokes] = rows.tables;
  const size = sizeOf(sizes, hub!.alias, parties[0]!);
  const entries = Math.max(size.patients, leastHubEntries);
  const meets: Meet[] = [];
  if (!aligned) requireJoin(rows);
  const parts = spokes.map(({ alias, parties: holders }) =>
    holders.map((holder): SpokePart => {
      const party = parties.indexOf(holder);
      if (aligned) return { alias, party, meet: undefined };
      if (party === 0)
        throw unsupported(
          `${holder} holds ${hub!.name} and ${alias}; let it join them itself, and agree on the joined table`,
        );
      const { patients } = sizeOf(sizes, alias, holder);
      const columns = columnsOf(rows, alias).map(meetColumn);
      const at = meets.push({ spoke: party, entries: [entries, patients], columns }) - 1;
      return { alias, party, meet: { at, shape: meets[at]! } };
    }),
  );
  const bins = paddedBins(aligned ? size.patients : binsOf(entries));
  return { region: { hub: 0, slots: slotsOf(rows, size), bins, spokes: parts }, meets };
}

/** A bin is a patient: all spokes are found by the patient column alone, or by any columns where a patient has one row. */
function requireJoin({ joins, tables }: Rows): void {
  const [hub] = tables;
  const columns = joins.map(({ on }) => on.map(([column]) => column).sort());
  if (columns.some((own) => own.join() !== columns[0]!.join()))
    throw unsupported(`all tables join ${hub!.alias} on the same of its columns; join fewer tables in one study`);
  if (!hub!.onePerPatient && columns[0]!.join() !== hub!.patient)
    throw unsupported(
      `${hub!.alias} has several rows of a patient, so tables join it on ${hub!.patient} alone: else its patients cannot be counted`,
    );
}

export function sizeOf(sizes: Sizes, alias: string, party: string): TableSize {
  const size = sizes[alias]?.[party];
  if (size === undefined) throw fault('plan-invalid', `the size of ${alias} at ${party} is missing`);
  return size;
}

function programOf(builder: PlanBuilder, parties: readonly string[], meets: readonly Meet[]): StudyProgram {
  return { protocol: 'study/1', parties: parties.length, meets, plan: builder.build() };
}
