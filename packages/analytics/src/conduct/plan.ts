import { PlanBuilder } from '@symbolon/engine';
import {
  planStudy,
  type Rows,
  type RunOptions,
  rowsOf,
  type Sizes,
  type StudyRun,
  type StudyUnit,
} from '../secure/index.ts';
import { matchUnits } from '../secure/matched.ts';
import { metRegions, metUnits } from '../secure/met.ts';
import { programOf, type Seats, seatsOf } from '../secure/units.ts';
import type { BoundStudy } from '../sql/index.ts';
import { type BoundMethod, type RowMethod, readBy } from '../study/index.ts';
import { timesOf } from '../survival/counts.ts';
import { openSurvival } from '../survival/index.ts';
import { declareKeptCounts, keepCounts } from './kept.ts';
import { openFit } from './logistic.ts';
import { mostPatients, requireOneRow, rowUnit, type UnitPlan } from './regions.ts';
import { openTogether, partyCounts, type SurvivalWork, survivalName, survivalTerms } from './survival.ts';

/** Anything that parties approve and run: a SELECT of aggregates, or a method over a SELECT. */
export type Bound = BoundStudy | BoundMethod;

/** What owners give of their rows: `ownSql` and `readOwn` take it. */
export function ownRowsOf(bound: Bound): Rows {
  if (bound.kind === 'study/1') return rowsOf(bound);
  if (bound.work.kind === 'study') return rowsOf(bound.work.study);
  const { tables, joins, nodes, where } = bound.rows;
  return { tables, joins, nodes, where, keys: [], cells: 1, read: readBy(bound.work) };
}

/**
 * The sessions of whatever is bound; every party makes the same of it and of the public sizes.
 *
 * @throws SymbolonError `study-unsupported` with what cannot be computed so, `plan-range`
 */
export function planBound(bound: Bound, sizes: Sizes, options: RunOptions): StudyRun {
  return bound.kind === 'study/1' ? planStudy(bound, sizes, options) : planMethod(bound, sizes, options);
}

/** {@link planBound} of a method. */
export function planMethod(bound: BoundMethod, sizes: Sizes, options: RunOptions): StudyRun {
  const { work, method } = bound;
  if (work.kind === 'study') return planStudy(work.study, sizes, options);
  const rows = ownRowsOf(bound);
  requireOneRow(rows, method.name);
  const run = { rows, sizes, options, seats: seatsOf(rows.tables, options) };
  return { rows, bound: undefined, sizes, units: [...matchUnits(rows, sizes), ...unitsOf(bound, work, run)] };
}

interface RunPlan {
  readonly rows: Rows;
  readonly sizes: Sizes;
  readonly options: RunOptions;
  readonly seats: Seats;
}

function unitsOf(bound: BoundMethod, work: RowMethod, run: RunPlan): StudyUnit[] {
  const { rows, seats } = run;
  const isOne = rows.joins.length === 0 || seats.joined.length === 1;
  if (work.kind === 'survival') return isOne ? [survivalUnit(bound, work, run)] : combinedSurvival(bound, work, run);
  const fit = ({ builder, lanes }: UnitPlan): void => openFit(builder, bound, work, { parties: lanes, to: seats.to });
  if (isOne) return [rowUnit(rows, unitOptions(run), fit)];
  const met = metUnits(rows, run.sizes, seats);
  return [...met, rowUnit(rows, unitOptions(run), fit, metRegions(rows, run.sizes, met, seats))];
}

function unitOptions({ sizes, options: { aligned = false }, seats }: RunPlan) {
  return { sizes, aligned, parties: seats.all };
}

function survivalUnit(bound: BoundMethod, work: SurvivalWork, run: RunPlan): StudyUnit {
  const { rows, sizes, seats } = run;
  const terms = survivalTerms(bound, work);
  const most = mostPatients(rows, sizes);
  return rowUnit(rows, unitOptions(run), ({ builder, lanes }) => {
    const parties = lanes.map((own) => partyCounts(own, bound, work, terms));
    if (parties.length === 1)
      openSurvival(builder, parties[0]!.counts, { ...terms, most }, { to: seats.to, name: survivalName });
    else
      openTogether(
        builder,
        bound,
        parties.map(({ tested }) => tested()),
        { terms, most, to: seats.to },
      );
  });
}

/** A unit for each party of the hub, whose counts stay as shares; a last one adds and opens them. */
function combinedSurvival(bound: BoundMethod, work: SurvivalWork, run: RunPlan): StudyUnit[] {
  const { rows, sizes, seats } = run;
  const terms = survivalTerms(bound, work);
  const most = mostPatients(rows, sizes);
  const units = seats.joined.map((parties) =>
    rowUnit(rows, { ...unitOptions(run), parties }, ({ builder, lanes: [own] }) =>
      keepCounts(builder, partyCounts(own!, bound, work, terms).tested()),
    ),
  );
  const builder = new PlanBuilder(seats.all.length);
  const size = 2 * terms.shape.groups * timesOf(terms.shape);
  const kept = units.map(({ parties }, unit) => {
    const places = parties.map((party) => seats.all.indexOf(party));
    const shape = { size, supports: 1 + terms.shape.groups, most };
    return declareKeptCounts(builder, bound.rows, { unit, parties: places }, shape);
  });
  openTogether(
    builder,
    bound,
    kept.map((sum) => sum()),
    { terms, most, to: seats.to },
  );
  return [...units, { kind: 'combined', parties: seats.all, program: programOf(builder, seats.all, []), regions: [] }];
}
