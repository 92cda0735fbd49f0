import { PlanBuilder, type Wire } from '@symbolon/engine';
import { meetInputs, meetWires } from '../session/index.ts';
import type { Rows } from './columns.ts';
import { paddedBins } from './declare.ts';
import type { RegionShape } from './lanes.ts';
import { regionOf } from './region.ts';
import { keptName, type SpokePart } from './spokes.ts';
import { programOf, type Seats, type Sizes, type StudyUnit, sizeOf } from './units.ts';

/** Name of the order that brings what met from the hub's bins to its entries. */
export const metOrder = 'order';

/**
 * A session for each party of the hub, in which its rows meet those of all spokes by key. What was found stays as shares of all in it, a lane an
 * entry of the hub.
 */
export function metUnits(rows: Rows, sizes: Sizes, { joined }: Pick<Seats, 'joined'>): StudyUnit[] {
  return joined.map((parties): StudyUnit => {
    const { region, meets } = regionOf(rows, { sizes, parties, aligned: false });
    const lanes = entryLanes(rows, sizes, parties[0]!);
    const builder = new PlanBuilder(parties.length);
    const shares = meets.map((meet, at) => meetInputs(builder, at, meet));
    const met = shares.flatMap((share, at): (readonly [string, Wire])[] => {
      const { found, columns } = meetWires(builder, share);
      return [[keptName.found(at), found], ...columns.map((wire, i) => [keptName.column(at, i), wire] as const)];
    });
    builder.stage();
    const ordered = builder.permute(
      met.map(([, wire]) => wire),
      metOrder,
    );
    for (const [i, [name]] of met.entries()) builder.keep(builder.slice(ordered[i]!, 0, lanes), name);
    return { kind: 'met', parties, program: programOf(builder, parties, meets), regions: [region] };
  });
}

/** The regions of a last unit over what those kept, one a party of the hub. */
export function metRegions(
  rows: Rows,
  sizes: Sizes,
  met: readonly StudyUnit[],
  { all }: Pick<Seats, 'all'>,
): RegionShape[] {
  return met.map(({ parties, regions: [region] }, unit): RegionShape => {
    const bins = entryLanes(rows, sizes, parties[0]!);
    const holders = parties.map((party) => all.indexOf(party));
    const kept = ({ alias, party, source }: SpokePart): SpokePart => {
      if (source.kind !== 'meet') throw new TypeError('rows of a met unit meet');
      const { at } = source;
      return { alias, party: holders[party]!, source: { kind: 'kept', unit, at, holders, lanes: bins, orders: [] } };
    };
    return { hub: holders[0]!, slots: region!.slots, bins, spokes: region!.spokes.map((parts) => parts.map(kept)) };
  });
}

function entryLanes({ tables: [hub] }: Rows, sizes: Sizes, party: string): number {
  return paddedBins(sizeOf(sizes, hub!.alias, party).patients);
}
