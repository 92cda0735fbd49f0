import { PlanBuilder } from '@symbolon/engine';
import { joinInputs, joinMeet, joinWires, type RuleJoin } from '../join/index.ts';
import type { RuleJoined } from '../sql/index.ts';
import { columnsOf, meetColumn, type Rows } from './columns.ts';
import { requireMeet } from './meet-limits.ts';
import { keptName } from './spokes.ts';
import { programOf, type Sizes, type StudyUnit, sizeOf } from './units.ts';

/** Names of what a join by a rule tells its two parties alone. */
export const toldName = {
  /** To the hub: which of its rows stands where, of what was found. */
  places: 'places',
  /** To each: how many of its own rows the cap cut. */
  cut: 'cut',
};

/** The joins by a rule, in the order of their units, which are the first of a run. */
export function ruleJoins({ joins }: Pick<Rows, 'joins'>): RuleJoined[] {
  return joins.filter((join) => join.kind === 'rule');
}

/**
 * A session for each join by a rule, of the two parties that it is of: what it finds stays as their shares.
 *
 * @throws SymbolonError `study-unsupported` where it is too large
 */
export function matchUnits(rows: Rows, sizes: Sizes): StudyUnit[] {
  return ruleJoins(rows).map((bound): StudyUnit => {
    const [hub] = rows.tables;
    const spoke = rows.tables.find(({ alias }) => alias === bound.spoke)!;
    const parties = [hub!, spoke].map((table) => table.parties[0]!);
    const records = [hub!, spoke].map(({ alias }, i) => Math.max(1, sizeOf(sizes, alias, parties[i]!).rows));
    const join = ruleJoin(rows, bound, records as [number, number]);
    const meet = joinMeet(join);
    requireMeet(`the join of ${hub!.name} with ${spoke.name} by a rule`, meet, 'rule');
    const builder = new PlanBuilder(2);
    const { places, found, columns } = joinWires(builder, joinInputs(builder, 0, join));
    builder.reveal(places, [0], toldName.places);
    builder.keep(found, keptName.found(0));
    for (const [i, column] of columns.entries()) builder.keep(column, keptName.column(0, i));
    const matched = { alias: bound.spoke, join };
    return { kind: 'matched', parties, program: programOf(builder, parties, [meet]), regions: [], matched };
  });
}

function ruleJoin(rows: Rows, bound: RuleJoined, records: readonly [number, number]): RuleJoin {
  const { keys, cap, leaves, verdict, prefer, spoke } = bound;
  const columns = columnsOf(rows, spoke).map(meetColumn);
  return { spoke: 1, records, keys: keys.length, cap, leaves, verdict, prefer, columns };
}
