import { binsOf, leastHubEntries, type Meet } from '../session/index.ts';
import { columnsOf, meetColumn, type Rows } from './columns.ts';
import { paddedBins } from './declare.ts';
import type { RegionShape } from './lanes.ts';
import { ruleJoins } from './matched.ts';
import { requireMeet } from './meet-limits.ts';
import type { Ordered, SpokePart, SpokeSource } from './spokes.ts';
import { hubSize, type Sizes, sizeOf, slotsOf, unsupported } from './units.ts';

/** Where the rows of p0's part of the hub stand, and how those of the spokes come to them. */
export function regionOf(
  rows: Rows,
  { sizes, parties, aligned: given }: { sizes: Sizes; parties: readonly string[]; aligned: boolean },
): { region: RegionShape; meets: Meet[] } {
  const [hub, ...spokes] = rows.tables;
  const size = hubSize(rows, sizeOf(sizes, hub!.alias, parties[0]!));
  const entries = Math.max(size.patients, leastHubEntries);
  const meets: Meet[] = [];
  const known = given || isLinked(rows);
  const meeting = !known && rows.joins.some(({ kind }) => kind === 'keys');
  if (meeting) requireJoin(rows);
  const matched = ruleJoins(rows).map(({ spoke }) => spoke);
  const sourceOf = (alias: string, holder: string): SpokeSource => {
    const unit = matched.indexOf(alias);
    if (unit >= 0) {
      const orders: readonly Ordered[] = meeting || known ? ['found', 'columns'] : ['found'];
      return { kind: 'kept', unit, at: 0, holders: [0, parties.indexOf(holder)], lanes: paddedBins(size.rows), orders };
    }
    if (known) return { kind: 'known' };
    const spoke = parties.indexOf(holder);
    if (spoke === 0)
      throw unsupported(
        `${holder} holds ${hub!.name} and ${alias}; let it join them itself, and agree on the joined table`,
      );
    const { patients } = sizeOf(sizes, alias, holder);
    const shape = {
      spoke,
      entries: [entries, Math.max(1, patients)],
      columns: columnsOf(rows, alias).map(meetColumn),
    } as const;
    requireMeet(
      `the join of ${hub!.name} with ${rows.tables.find((table) => table.alias === alias)!.name}`,
      shape,
      'keys',
    );
    return { kind: 'meet', at: meets.push(shape) - 1, shape };
  };
  const parts = spokes.map(({ alias, parties: holders }) =>
    holders.map((holder): SpokePart => ({ alias, party: parties.indexOf(holder), source: sourceOf(alias, holder) })),
  );
  // Of the rows that were matched some may have no key to meet by.
  const lanes = matched.length > 0 ? size.rows : 0;
  const bins = paddedBins(Math.max(lanes, meeting ? binsOf(entries) : size.patients));
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
  const columns = joins.flatMap((join) => (join.kind === 'keys' ? [join.on.map(([column]) => column).sort()] : []));
  if (columns.some((own) => own.join() !== columns[0]!.join()))
    throw unsupported(
      `all tables that join ${hub!.alias} by equal columns do so on the same of its columns; join fewer tables in one study`,
    );
  if (!hub!.onePerPatient && columns[0]!.join() !== hub!.patient)
    throw unsupported(
      `${hub!.alias} has several rows of a patient, so tables join it on ${hub!.patient} alone: else its patients cannot be counted`,
    );
}
