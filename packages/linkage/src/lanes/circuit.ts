import type { PlanBuilder, Wire } from '@symbolon/engine';
import { editCircuit } from './edit.ts';
import { equalCircuit } from './equal.ts';
import { intervalCircuit } from './interval.ts';
import { localCircuit } from './local.ts';
import { positionsCircuit } from './positions.ts';
import type { LaneLeaf } from './program.ts';
import { qgramsCircuit } from './qgrams.ts';

/** The wires of a leaf's parts: one a word, one a bit. */
export type LaneWires = readonly (readonly Wire[])[];

/** A bit a lane: the leaf is TRUE. `wires`: part by part, as `lanePartsOf` lists them. */
export function leafCircuit(builder: PlanBuilder, leaf: LaneLeaf, wires: LaneWires): Wire {
  switch (leaf.kind) {
    case 'local':
      return localCircuit(builder, wires);
    case 'equal':
      return equalCircuit(builder, leaf, wires);
    case 'interval':
      return intervalCircuit(builder, leaf, wires);
    case 'positions':
      return positionsCircuit(builder, leaf, wires);
    case 'qgrams':
      return qgramsCircuit(builder, leaf, wires);
    case 'edit':
      return editCircuit(builder, leaf, wires);
  }
}
