import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { LocalTable } from '../encode/table.ts';
import type { Encoding } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import type { LaneWires } from './circuit.ts';
import { conjunctions } from './logic.ts';
import type { LocalLeaf } from './program.ts';

type Local = Encoding & { kind: 'local' };

export function localLeaf({ a, b }: Local): LocalLeaf {
  return { kind: 'local', from: b === undefined ? 'a' : a === undefined ? 'b' : 'both' };
}

export function encodeLocal(encoding: Local, side: Side, table: LocalTable): Uint8Array {
  const { operand, is, negated } = encoding[side]!;
  return Uint8Array.from(table.columns[operand]!, (value) => ((value === is) !== negated ? 1 : 0));
}

export function localCircuit(builder: PlanBuilder, wires: LaneWires): Wire {
  return conjunctions(builder, [wires.flat()])[0]!;
}
