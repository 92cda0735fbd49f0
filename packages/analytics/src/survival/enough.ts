import type { PlanBuilder, Wire } from '@symbolon/engine';
import { type Bit, Logic } from '../secure/logic.ts';
import type { SurvivalRule } from './release.ts';

/*
 * Whether counts of patients may be told, element by element. Counts are given for each party whose rows they are of: whoever knows its own takes them
 * off the sum, so every party's must be enough (PROTOCOLS §5).
 */

type Fewest = Pick<SurvivalRule, 'minimum' | 'emptyParty'>;

/** k patients or more of every party; where the agreement allows it, of some party none. */
export function areEnough(b: PlanBuilder, parties: readonly Wire[], rule: Fewest): Wire {
  const logic = new Logic(b);
  const enough = parties.map((counts) => reach(b, counts, rule));
  if (!rule.emptyParty || parties.length === 1) return logic.and(...enough) as Wire;
  return logic.and(logic.or(...enough), ...enoughOrNone(b, logic, parties, enough)) as Wire;
}

/** The same; or none of all. */
export function areEnoughOrNone(b: PlanBuilder, parties: readonly Wire[], rule: Fewest): Wire {
  const logic = new Logic(b);
  const enough = parties.map((counts) => reach(b, counts, rule));
  if (rule.emptyParty || parties.length === 1) return logic.and(...enoughOrNone(b, logic, parties, enough)) as Wire;
  return logic.or(logic.and(...enough), logic.and(...parties.map((counts) => b.isZero(counts)))) as Wire;
}

function reach(b: PlanBuilder, counts: Wire, { minimum }: Fewest): Wire {
  return b.not(b.lessThanZero(b.linear([[1n, counts]], -BigInt(minimum))));
}

function enoughOrNone(b: PlanBuilder, logic: Logic, parties: readonly Wire[], enough: readonly Wire[]): Bit[] {
  return parties.map((counts, i) => logic.or(enough[i]!, b.isZero(counts)));
}
