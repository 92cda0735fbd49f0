import type { PlanBuilder, Wire } from '@symbolon/engine';
import {
  flagScaling,
  type LogisticRule,
  logisticResult,
  openLogistic,
  type RegressionLanes,
  readLogistic,
  scalingWithin,
} from '../regression/index.ts';
import { concatenated } from '../secure/hot.ts';
import type { RowLanes } from '../secure/lanes.ts';
import { Logic } from '../secure/logic.ts';
import { rangeOf } from '../secure/nodes.ts';
import { mayShowAll, type Patients, testPatients } from '../secure/release.ts';
import type { MethodResult } from '../statistics/result.ts';
import type { BoundMethod, RowMethod } from '../study/index.ts';

export type LogisticWork = RowMethod & { readonly kind: 'logistic' };

/** Name of what opens. */
export const logisticName = 'logistic';

function ruleOf({ method, rows }: BoundMethod): LogisticRule {
  if (method.name !== 'logistic-regression') throw new TypeError(`${method.name} is no logistic regression`);
  return { minimum: rows.release.minPatients, iterations: method.iterations };
}

/**
 * Fits over the rows of all parties of the hub; nothing opens unless every one of them has enough patients in each set of rows. Where one patient is
 * enough, and there is one party, a set may be empty.
 */
export function openFit(
  b: PlanBuilder,
  bound: BoundMethod,
  work: LogisticWork,
  { parties, to }: { readonly parties: readonly RowLanes[]; readonly to: readonly number[] },
): void {
  const rule = ruleOf(bound);
  const all = parties.length === 1 && rule.minimum <= 1;
  const may = all ? undefined : mayOpen(b, bound, work, parties);
  openLogistic(b, together(b, bound, work, parties), { ...rule, may }, { to, name: logisticName });
}

/** Of the patients of one party: one bit for each set of rows. */
function tested(lanes: RowLanes, { rows }: BoundMethod, { supports }: LogisticWork): Patients {
  const { builder } = lanes;
  const counts = supports.map((support) => builder.sum(builder.toRing(lanes.support(support), 32)));
  return testPatients(builder, rows, [concatenated(builder, counts)]);
}

function mayOpen(b: PlanBuilder, bound: BoundMethod, work: LogisticWork, parties: readonly RowLanes[]): Wire {
  const each = parties.map((lanes) => tested(lanes, bound, work));
  const release = { ...bound.rows.release, allOrNone: false };
  const [shown] = mayShowAll(new Logic(b), { release }, each) as [Wire];
  return b.isZero(b.sum(b.toRing(b.not(shown), 32)));
}

/** The lanes of all parties, one party's behind the other's. */
function together(
  b: PlanBuilder,
  { rows }: BoundMethod,
  { outcome, columns }: LogisticWork,
  parties: readonly RowLanes[],
): RegressionLanes {
  const of = (wire: (lanes: RowLanes) => Wire): Wire => concatenated(b, parties.map(wire));
  const truth = (node: number): Wire => of((lanes) => lanes.bit(lanes.nodes.truth(node).truth));
  return {
    outcome: truth(outcome),
    weight: of(({ weight }) => weight),
    columns: columns.map(({ node }) => {
      const { type } = rows.nodes[node]!;
      if (type.kind === 'boolean') return truth(node);
      const words = of((lanes) => lanes.word(lanes.nodes.number(node).value));
      // As it is where a lane counts.
      return b.linear([[1n, words]], 0n, rangeOf(type));
    }),
  };
}

/** The result, of what opened. @param lanes of the plan */
export function finishFit(
  bytes: Uint8Array,
  bound: BoundMethod,
  { columns }: LogisticWork,
  lanes: number,
): MethodResult {
  const { nodes } = bound.rows;
  const named = columns.map(({ name, node }) => {
    const { type } = nodes[node]!;
    const scaling = type.kind === 'boolean' ? flagScaling : scalingWithin(rangeOf(type), lanes);
    return { name, scaling, unit: type.kind === 'number' ? 10 ** -type.scale : 1 };
  });
  const names = columns.map(({ name }) => name);
  const released = readLogistic(bytes, named, lanes, ruleOf(bound));
  return logisticResult(released, names, { level: Number(bound.method.level) });
}
