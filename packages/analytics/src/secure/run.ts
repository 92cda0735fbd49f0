import { fault } from '@symbolon/crypto';
import { PlanBuilder } from '@symbolon/engine';
import { binsOf, leastHubEntries, type Meet, type StudyProgram } from '../session/index.ts';
import { type BoundStudy, joinedOn } from '../sql/index.ts';
import { partyCells } from './cells.ts';
import { columnsOf, meetColumn, type Rows, rowsOf } from './columns.ts';
import { declareCells, declareKept, keepCells } from './given.ts';
import { declareGroups, joinedGroups } from './group-rows.ts';
import { openGroups } from './groups.ts';
import { isSorted } from './keys.ts';
import { declareRegion, paddedBins, type RegionShape, RowLanes, type SpokePart } from './lanes.ts';
import { cellQuantiles } from './quantiles.ts';
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
 * One session of a run. `own`: each party of the hub gives the aggregates of its own rows. `joined`: the rows of one party of the hub, with those of all spokes,
 * or, where nothing is joined, those of all its parties; what is made of them opens, or stays as shares. `combined`: opens the sum of what stayed.
 */
export interface StudyUnit {
  readonly kind: 'own' | 'joined' | 'combined';
  /** p0 first. */
  readonly parties: readonly string[];
  readonly program: StudyProgram;
  /** Of a joined unit: several have no spokes. */
  readonly regions: readonly RegionShape[];
}

/** The sessions of a study, in order; every party makes the same of the bound study and the public sizes. */
export interface StudyRun {
  /** What owners give of their rows. */
  readonly rows: Rows;
  /** Whose cells are computed; undefined where the rows go into a method. */
  readonly bound: BoundStudy | undefined;
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
  const { all, to, joined } = seatsOf(bound.tables, options);
  const run = { rows: rowsOf(bound), bound, sizes };
  if (bound.joins.length === 0)
    return { ...run, units: [(hasQuantiles(bound) ? rowsUnit : ownUnit)(bound, sizes, all, to)] };
  const alone = joined.length === 1;
  const units = joined.map((parties): StudyUnit => {
    return joinedUnit(bound, { sizes, options, parties, to: alone ? to : undefined });
  });
  return { ...run, units: alone ? units : [...units, combinedUnit(bound, units, all, to)] };
}

/** Who takes part in a run. */
export interface Seats {
  /** The hub's parties, the spokes', then who only learns. */
  readonly all: readonly string[];
  /** Who learns, as numbered in `all`. */
  readonly to: readonly number[];
  /** Of a joined study, who takes part for each party of the hub: that one first. */
  readonly joined: readonly (readonly string[])[];
}

/** @throws SymbolonError `study-unsupported` */
export function seatsOf([hub, ...spokes]: BoundStudy['tables'], options: Pick<RunOptions, 'to'>): Seats {
  const others = spokes.flatMap(({ parties }) => parties);
  const all = [...new Set([...hub!.parties, ...others, ...options.to])];
  if (all.length < 2 || all.length > 5)
    throw unsupported(`a study is computed by 2 to 5 parties, and this one has ${all.length}`);
  const alone = hub!.parties.length === 1;
  return {
    all,
    to: options.to.map((party) => all.indexOf(party)),
    joined: hub!.parties.map((party) => (alone ? all : [...new Set([party, ...others])])),
  };
}

/** Most rows of a patient at a party of the hub. */
export function slotsOf(rows: Pick<Rows, 'tables'>, { rowsPerPatient }: TableSize): number {
  const { onePerPatient, name } = rows.tables[0]!;
  if (onePerPatient) return 1;
  if (rowsPerPatient === undefined)
    throw unsupported(`${name} may have several rows of a patient; the agreement must say how many at most`);
  return Math.max(1, rowsPerPatient);
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
  if (!hasQuantiles(bound)) return;
  if (bound.joins.length > 0 && tables[0]!.parties.length > 1)
    throw unsupported(
      `the rows of ${tables[0]!.name} are split over several parties and joined: then no quantiles are computed; write AVG and STDDEV_SAMP, or join nothing`,
    );
  if (bound.cells === null || isSorted(bound))
    throw unsupported(
      'quantiles are of groups of agreed values; group by fewer or coarser values, or write AVG and STDDEV_SAMP',
    );
}

function hasQuantiles({ opened }: BoundStudy): boolean {
  return opened.some(({ kind }) => kind === 'quantile');
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
  return { kind: 'own', parties, program: programOf(builder, parties, []), regions: [] };
}

/** Every row of several parties, for what sums do not tell. */
function rowsUnit(bound: BoundStudy, sizes: Sizes, parties: readonly string[], to: readonly number[]): StudyUnit {
  const builder = new PlanBuilder(parties.length);
  const rows = rowsOf(bound);
  const [{ alias, parties: holders }] = rows.tables as [Rows['tables'][number]];
  const regions = holders.map((party, hub): RegionShape => {
    const size = sizeOf(sizes, alias, party);
    return { hub, slots: slotsOf(rows, size), bins: paddedBins(size.patients), spokes: [] };
  });
  const declared = regions.map((region) => declareRegion(builder, rows, region));
  releaseRows(
    builder,
    bound,
    declared.map((region) => new RowLanes(builder, rows, region)),
    to,
  );
  return { kind: 'joined', parties, program: programOf(builder, parties, []), regions };
}

/** Opens the cells of these rows, each region another party's. */
function releaseRows(
  builder: PlanBuilder,
  bound: BoundStudy,
  regions: readonly RowLanes[],
  to: readonly number[],
): void {
  for (const lanes of regions) requireSize(bound, lanes);
  const cells = regions.map((lanes) => partyCells(lanes, bound));
  const { quantiles, sides } = cellQuantiles(builder, regions, bound);
  const tested = cells.map(({ numbers, patients }, i) => ({
    numbers,
    ...testPatients(builder, bound, [...patients, ...sides[i]!]),
  }));
  release(builder, bound, tested, to, quantiles);
}

interface Joined {
  readonly sizes: Sizes;
  readonly options: RunOptions;
  readonly parties: readonly string[];
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
    return { kind: 'joined', parties, program: programOf(builder, parties, meets), regions: [region] };
  }
  if (to === undefined) {
    requireSize(bound, region);
    const cells = partyCells(lanes, bound);
    keepCells(builder, { ...cells, ...testPatients(builder, bound, cells.patients) });
  } else releaseRows(builder, bound, [lanes], to);
  return { kind: 'joined', parties, program: programOf(builder, parties, meets), regions: [region] };
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
  return { kind: 'combined', parties, program: programOf(builder, parties, []), regions: [] };
}

/** Most words of the one-hot matrix of a unit: half a gigabyte, beside as much for its masks. */
const mostWords = 2 ** 26;

function requireSize({ cells }: BoundStudy, { slots, bins }: Pick<RegionShape, 'slots' | 'bins'>): void {
  if (cells! * slots * bins > mostWords)
    throw unsupported(`${cells} cells over ${slots * bins} rows are too many; group by fewer or coarser values`);
}

/** Where the rows of p0's part of the hub stand, and how those of the spokes come to them. */
export function regionOf(
  rows: Rows,
  { sizes, parties, aligned: given }: { sizes: Sizes; parties: readonly string[]; aligned: boolean },
): { region: RegionShape; meets: Meet[] } {
  const [hub, ...spokes] = rows.tables;
  const size = sizeOf(sizes, hub!.alias, parties[0]!);
  const entries = Math.max(size.patients, leastHubEntries);
  const meets: Meet[] = [];
  const aligned = given || isLinked(rows);
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
      const at = meets.push({ spoke: party, entries: [entries, Math.max(1, patients)], columns }) - 1;
      return { alias, party, meet: { at, shape: meets[at]! } };
    }),
  );
  const bins = paddedBins(aligned ? size.patients : binsOf(entries));
  return { region: { hub: 0, slots: slotsOf(rows, size), bins, spokes: parts }, meets };
}

/** Whether both sides know which rows belong together. A bin is then a pair. @throws SymbolonError `study-unsupported` */
function isLinked({ joins, tables: [hub] }: Rows): boolean {
  if (!joins.some(({ kind }) => kind === 'linked')) return false;
  if (joins.length > 1)
    throw unsupported(
      `${hub!.alias} is joined by a known linkage, so with one table alone; join it in one study, others in another`,
    );
  if (!hub!.onePerPatient)
    throw unsupported(
      `${hub!.name} is joined by a known linkage and may have several rows of a patient; agree on a table with one row a patient`,
    );
  return true;
}

/** A bin is a patient: all spokes are found by the patient column alone, or by any columns where a patient has one row. */
function requireJoin({ joins, tables }: Rows): void {
  const [hub] = tables;
  const columns = joins.map((join) =>
    joinedOn(join)
      .map(([column]) => column)
      .sort(),
  );
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

export function programOf(builder: PlanBuilder, parties: readonly string[], meets: readonly Meet[]): StudyProgram {
  return { protocol: 'study/1', parties: parties.length, meets, plan: builder.build() };
}
