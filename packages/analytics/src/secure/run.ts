import { PlanBuilder } from '@symbolon/engine';
import type { BoundStudy } from '../sql/index.ts';
import { partyCells } from './cells.ts';
import { type Rows, rowsOf } from './columns.ts';
import { paddedBins } from './declare.ts';
import { declareCells, declareKept, keepCells } from './given.ts';
import { declareGroups, joinedGroups } from './group-rows.ts';
import { openGroups } from './groups.ts';
import { isSorted } from './keys.ts';
import { declareRegion, type RegionShape, RowLanes } from './lanes.ts';
import { matchUnits } from './matched.ts';
import { metRegions, metUnits } from './met.ts';
import { cellQuantiles } from './quantiles.ts';
import { regionOf } from './region.ts';
import { release, testPatients } from './release.ts';
import {
  programOf,
  type RunOptions,
  type Sizes,
  type StudyRun,
  type StudyUnit,
  seatsOf,
  sizeOf,
  slotsOf,
  unsupported,
} from './units.ts';

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
  if (!alone && hasQuantiles(bound)) {
    const met = metUnits(run.rows, sizes, { joined });
    return { ...run, units: [...met, regionsUnit(bound, metRegions(run.rows, sizes, met, { all }), all, to)] };
  }
  const units = joined.map((parties): StudyUnit => {
    return joinedUnit(bound, { sizes, options, parties, to: alone ? to : undefined });
  });
  return {
    ...run,
    units: alone ? [...matchUnits(run.rows, sizes), ...units] : [...units, combinedUnit(bound, units, all, to)],
  };
}

function refuse(bound: BoundStudy): void {
  const { tables, joins } = bound;
  if (isSorted(bound) && joins.length > 0 && tables[0]!.parties.length > 1)
    throw unsupported(
      `the rows of ${tables[0]!.name} are split over several parties and joined: then groups are of agreed values; list those of each key in the agreement`,
    );
  if (!hasQuantiles(bound)) return;
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
  const rows = rowsOf(bound);
  const [{ alias, parties: holders }] = rows.tables as [Rows['tables'][number]];
  const regions = holders.map((party, hub): RegionShape => {
    const size = sizeOf(sizes, alias, party);
    return { hub, slots: slotsOf(rows, size), bins: paddedBins(size.patients), spokes: [] };
  });
  return regionsUnit(bound, regions, parties, to);
}

/** The rows of several parties of the hub, of which nothing meets any more. */
function regionsUnit(
  bound: BoundStudy,
  regions: readonly RegionShape[],
  parties: readonly string[],
  to: readonly number[],
): StudyUnit {
  const builder = new PlanBuilder(parties.length);
  const rows = rowsOf(bound);
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
  requireSlots(bound, region);
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

/** Most rows of a patient, of which each two are compared where groups are found by sorting. */
const mostSlots = 64;

function requireSlots(bound: BoundStudy, { slots }: Pick<RegionShape, 'slots'>): void {
  if (!isSorted(bound) || slots <= mostSlots) return;
  const { name } = bound.tables[0]!;
  throw unsupported(
    `${name} may have ${slots} rows of a patient (rowsPerPatient), and ${mostSlots} are the most where groups are many or of values that nobody knows before; list the values of each key in the agreement, group by fewer or coarser ones, or agree on a table with fewer rows a patient`,
  );
}

/** Most words of the one-hot matrix of a unit: half a gigabyte, beside as much for its masks. */
const mostWords = 2 ** 26;

function requireSize({ cells }: BoundStudy, { slots, bins }: Pick<RegionShape, 'slots' | 'bins'>): void {
  if (cells! * slots * bins > mostWords)
    throw unsupported(`${cells} cells over ${slots * bins} rows are too many; group by fewer or coarser values`);
}
