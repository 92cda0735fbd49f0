import type { PlanBuilder, Ring, Wire } from '@symbolon/engine';
import { combine, combineScored } from '../verdict/combine.ts';
import type { Formula } from '../verdict/formula.ts';
import { type LaneWires, leafCircuit } from './circuit.ts';
import { type LaneLeaf, lanePartsOf } from './program.ts';

/** A bit a lane: the rule is TRUE. `wires`: of all parts of all leaves, in order. */
export function laneVerdict(
  builder: PlanBuilder,
  leaves: readonly LaneLeaf[],
  verdict: Formula,
  wires: LaneWires,
): Wire {
  return combine(builder, verdict, leavesBelow(builder, leaves, wires));
}

/** The same and, for a rule that is one gate, a word a lane: how far its score lies above the bound. @param ring of the score */
export function laneScored(
  builder: PlanBuilder,
  leaves: readonly LaneLeaf[],
  verdict: Formula,
  wires: LaneWires,
  ring?: Ring,
): { verdict: Wire; score: Wire | undefined } {
  return combineScored(builder, verdict, leavesBelow(builder, leaves, wires), ring);
}

/** For each leaf the bits that say it is not true. */
function leavesBelow(builder: PlanBuilder, leaves: readonly LaneLeaf[], wires: LaneWires): Wire[] {
  let at = 0;
  return leaves.map((leaf) => {
    const from = at;
    at += lanePartsOf(leaf).length;
    return builder.not(leafCircuit(builder, leaf, wires.slice(from, at)));
  });
}
