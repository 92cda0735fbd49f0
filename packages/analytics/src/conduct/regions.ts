import { PlanBuilder } from '@symbolon/engine';
import { paddedBins } from '../secure/declare.ts';
import {
  declareRegion,
  RowLanes,
  type Rows,
  type RunOptions,
  regionOf,
  type Sizes,
  type StudyUnit,
} from '../secure/index.ts';
import type { RegionShape } from '../secure/lanes.ts';
import { hubSize, programOf, sizeOf, unsupported } from '../secure/units.ts';

/** What a unit's plan is written by. */
export interface UnitPlan {
  readonly builder: PlanBuilder;
  /** The rows of each party of the hub that the unit is of, in their order. */
  readonly lanes: readonly RowLanes[];
}

interface UnitOptions extends Pick<RunOptions, 'aligned'> {
  readonly sizes: Sizes;
  /** p0 first. */
  readonly parties: readonly string[];
}

/**
 * A unit over the rows of p0's part of the hub, joined; or over those of all parties of the hub: where nothing is joined, or what was found in units
 * before is given.
 */
export function rowUnit(
  rows: Rows,
  options: UnitOptions,
  write: (plan: UnitPlan) => void,
  given: readonly RegionShape[] = rows.joins.length === 0 ? ownRegions(rows, options.sizes) : [],
): StudyUnit {
  const { sizes, parties, aligned = false } = options;
  const builder = new PlanBuilder(parties.length);
  const { regions, meets } =
    given.length > 0 ? { regions: given, meets: [] } : joinedRegion(regionOf(rows, { sizes, parties, aligned }));
  const declared = regions.map((region) => declareRegion(builder, rows, region));
  write({ builder, lanes: declared.map((region) => new RowLanes(builder, rows, region)) });
  return { kind: 'joined', parties, program: programOf(builder, parties, meets), regions };
}

function joinedRegion({ region, meets }: ReturnType<typeof regionOf>) {
  return { regions: [region], meets };
}

/** A region for each party of the hub, by their order, of its own rows. */
function ownRegions({ tables: [hub] }: Rows, sizes: Sizes): RegionShape[] {
  return hub!.parties.map((party, at) => ({
    hub: at,
    slots: 1,
    bins: paddedBins(Math.max(1, sizeOf(sizes, hub!.alias, party).patients)),
    spokes: [],
  }));
}

/** Patients of all parties of the hub, at most. */
export function mostPatients(rows: Rows, sizes: Sizes): number {
  const [hub] = rows.tables;
  const patients = (party: string): number => hubSize(rows, sizeOf(sizes, hub!.alias, party)).patients;
  return hub!.parties.reduce((sum, party) => sum + Math.max(1, patients(party)), 0);
}

/** @throws SymbolonError `study-unsupported` */
export function requireOneRow({ tables: [hub] }: Rows, method: string): void {
  if (hub!.onePerPatient) return;
  throw unsupported(
    `${method}: ${hub!.name} may have several rows of a patient, and each counts once; agree on a table with one row a patient, such as a first visit`,
  );
}
