import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { RowLanes } from '../secure/lanes.ts';
import { Logic } from '../secure/logic.ts';
import { rangeOf } from '../secure/nodes.ts';
import { mayShowAll, type Patients, testPatients } from '../secure/release.ts';
import type { MethodResult } from '../statistics/result.ts';
import type { BoundMethod, Method, RowMethod } from '../study/index.ts';
import { timesOf } from '../survival/counts.ts';
import {
  type Crossing,
  openSurvival,
  readSurvival,
  type SurvivalLanes,
  type SurvivalRelease,
  type SurvivalRule,
  type SurvivalShape,
  survivalCounts,
  survivalResult,
} from '../survival/index.ts';

export type SurvivalWork = RowMethod & { readonly kind: 'survival' };

/** Name of what opens. */
export const survivalName = 'survival';

/** What every party knows of a survival before it runs. */
export interface SurvivalTerms {
  readonly shape: SurvivalShape;
  readonly rule: SurvivalRule;
  readonly names: readonly string[];
  /** How many units of the times make one of the data: 10 for tenths. */
  readonly perUnit: number;
}

export function survivalTerms({ rows, method }: BoundMethod, { time, groups, at }: SurvivalWork): SurvivalTerms {
  const { type } = rows.nodes[time]!;
  const [from, to] = rangeOf(type).map(Number) as [number, number];
  return {
    shape: { from, to, groups: Math.max(1, groups.length) },
    rule: {
      minimum: rows.release.minPatients,
      emptyParty: rows.release.allowEmptyParty,
      at: at.map(Number),
      level: Number(method.level),
    },
    names: groups.length === 0 ? ['all'] : groups.map(({ name }) => name),
    perUnit: type.kind === 'number' ? 10 ** type.scale : 1,
  };
}

/** How many of a party's patients ended at each time, and whether they are enough: first of all rows, then of each group. */
export interface TestedCounts extends Patients {
  readonly counts: Wire;
}

/** Of the rows of one party of the hub. */
export function partyCounts(lanes: RowLanes, { rows }: BoundMethod, work: SurvivalWork, terms: SurvivalTerms) {
  const { builder } = lanes;
  const counts = survivalCounts(builder, followUp(lanes, work), terms.shape);
  return {
    counts,
    /** Costs rounds, and a single party needs it not: opening tests the same. */
    tested: (): TestedCounts => ({ counts, ...testPatients(builder, rows, patients(builder, counts, lanes, terms)) }),
  };
}

function followUp(lanes: RowLanes, { time, event, groups }: SurvivalWork): SurvivalLanes {
  const truth = (node: number): Wire => lanes.bit(lanes.nodes.truth(node).truth);
  return {
    time: lanes.word(lanes.nodes.number(time).value),
    event: truth(event),
    weight: lanes.weight,
    groups: groups.length === 0 ? [lanes.weight] : groups.map(({ node }) => truth(node)),
  };
}

/** Of all rows, then of each group. */
function patients(b: PlanBuilder, counts: Wire, { lanes }: RowLanes, { shape }: SurvivalTerms): Wire[] {
  const times = timesOf(shape);
  const total = (wires: readonly Wire[]): Wire =>
    b.linear(
      wires.map((wire) => [1n, wire]),
      0n,
      [0n, BigInt(lanes)],
    );
  const row = (i: number): Wire => b.sum(b.slice(counts, i * times, times));
  const groups = Array.from({ length: shape.groups }, (_, g) => total([row(g), row(shape.groups + g)]));
  return [total(groups), ...groups];
}

/** Opens what the parties of the hub have together, where every party has enough patients behind it. */
export function openTogether(
  b: PlanBuilder,
  { rows }: BoundMethod,
  parties: readonly TestedCounts[],
  { terms, most, to }: { readonly terms: SurvivalTerms; readonly most: number; readonly to: readonly number[] },
): void {
  const release = { ...rows.release, allOrNone: false };
  const [, ...may] = mayShowAll(new Logic(b), { release }, parties);
  const counts = b.linear(
    parties.map((party) => [1n, party.counts]),
    0n,
    [0n, BigInt(most)],
  );
  const owned = parties.map((party) => party.counts);
  openSurvival(b, counts, { ...terms, most, may, parties: owned }, { to, name: survivalName });
}

/** The result, of what opened. */
export function finishSurvival(bytes: Uint8Array, terms: SurvivalTerms, method: Method): MethodResult {
  const { shape, rule, names, perUnit } = terms;
  const release = readSurvival(bytes, shape, rule, names);
  const inUnits = { ...rule, at: rule.at.map((time) => time / perUnit) };
  const scale = method.name === 'survival' ? { scale: method.scale } : {};
  return survivalResult(perUnit === 1 ? release : divided(release, perUnit), inUnits, scale);
}

/** With times in the unit of the data. */
function divided({ groups, logRank }: SurvivalRelease, perUnit: number): SurvivalRelease {
  const at = (crossing: Crossing): Crossing => (typeof crossing === 'number' ? crossing / perUnit : crossing);
  return {
    logRank,
    groups: groups.map(({ points, median, low, high, ...group }) => ({
      ...group,
      points: points.map((point) => ({ ...point, time: point.time / perUnit })),
      median: at(median),
      low: at(low),
      high: at(high),
    })),
  };
}
