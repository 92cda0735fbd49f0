import type { Plan } from '@symbolon/engine';
import { PlanBuilder, pack } from '@symbolon/engine';
import type { LogisticResult } from '../../src/index.ts';
import {
  type LogisticRule,
  logisticResult,
  openLogistic,
  readLogistic,
  type Scaling,
  scalingOf,
} from '../../src/regression/index.ts';

/** A column of a test: bits, or whole numbers in a range. */
export interface Column {
  readonly name: string;
  readonly values: readonly number[];
  readonly range?: readonly [number, number];
  readonly unit?: number;
}

export interface Regression {
  readonly plan: Plan;
  readonly inputs: Record<string, Uint8Array>;
  readonly read: (bytes: Uint8Array) => LogisticResult;
}

/** Outcome and weight are p0's, the columns p1's; revealed to p0 as `fit`. */
export function regression(
  columns: readonly Column[],
  outcome: readonly number[],
  rule: LogisticRule,
  {
    weight = outcome.map(() => 1),
    parties = 2,
    may,
  }: { weight?: readonly number[]; parties?: number; may?: 0 | 1 } = {},
): Regression {
  const size = outcome.length;
  const bits = (values: readonly number[]) => pack({ kind: 'bits', size }, values.map(BigInt));
  const inputs: Record<string, Uint8Array> = { outcome: bits(outcome), weight: bits(weight) };
  const b = new PlanBuilder(parties);
  const lanes = {
    outcome: b.inputBits('outcome', 0, size),
    weight: b.inputBits('weight', 0, size),
    columns: columns.map(({ name, values, range }) => {
      inputs[name] = range === undefined ? bits(values) : pack({ kind: 'ring', bits: 64, size }, values.map(BigInt));
      return range === undefined
        ? b.inputBits(name, 1, size)
        : b.input(name, 1, { ring: 64, size, range: [BigInt(range[0]), BigInt(range[1])] });
    }),
  };
  const bit = may === undefined ? undefined : b.xor([b.slice(lanes.weight, 0, 1)], may === 1 ? 0 : 1);
  const scalings: Scaling[] = lanes.columns.map((column) => scalingOf(b, column, size));
  openLogistic(b, lanes, { ...rule, may: bit }, { to: [0], name: 'fit' });
  const named = columns.map(({ name, unit }, i) => ({ name, unit, scaling: scalings[i]! }));
  const names = columns.map(({ name }) => name);
  const read = (bytes: Uint8Array) => logisticResult(readLogistic(bytes, named, size, rule), names) as LogisticResult;
  return { plan: b.build(), inputs, read };
}
