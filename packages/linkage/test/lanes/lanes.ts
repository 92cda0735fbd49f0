import { type Plan, PlanBuilder, runClear } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import type { CompiledRule, LocalTable } from '../../src/index.ts';
import { encodeParts, laneLeaf } from '../../src/lanes/encode.ts';
import { pairBytes, pairInputs, pairWires } from '../../src/lanes/pairs.ts';
import type { LaneLeaf } from '../../src/lanes/program.ts';
import { laneScored } from '../../src/lanes/verdict.ts';

const kernels = createKernels();

/** The plan that reveals the verdict of every pair as `verdict`, its score, if the rule has one, as `score`; and its inputs. */
export function lanesOf(
  rule: CompiledRule,
  a: LocalTable,
  b: LocalTable,
): { plan: Plan; inputs: Record<string, Uint8Array>; leaves: LaneLeaf[] } {
  const builder = new PlanBuilder(2);
  const leaves = rule.leaves.map((_, i) => laneLeaf(rule, i));
  const rows = { a: a.rows, b: b.rows };
  const of = (side: 'a' | 'b') => leaves.map((leaf, i) => pairInputs(builder, leaf, side, rows[side], `${side}/${i}`));
  const [left, right] = [of('a'), of('b')];
  const wires = leaves.flatMap((leaf, i) =>
    pairWires(builder, leaf, { a: left[i]!, b: right[i]! }, rows, { from: 0, rows: a.rows }),
  );
  const { verdict, score } = laneScored(builder, leaves, rule.verdict, wires, 32);
  builder.reveal(verdict, [0, 1], 'verdict');
  if (score !== undefined) builder.reveal(score, [0, 1], 'score');
  const inputs = Object.assign(
    {},
    ...(['a', 'b'] as const).flatMap((side) =>
      leaves.map((leaf, i) =>
        pairBytes(leaf, side, encodeParts(rule, i, side, side === 'a' ? a : b, kernels), `${side}/${i}`),
      ),
    ),
  ) as Record<string, Uint8Array>;
  return { plan: builder.build(), inputs, leaves };
}

/** The pairs that match by lanes, as a × rows of b + b. */
export function matchesByLanes(rule: CompiledRule, a: LocalTable, b: LocalTable): number[] {
  const { plan, inputs } = lanesOf(rule, a, b);
  return positions(runClear(plan, inputs).verdict!);
}

/** Where bits are 1. */
export function positions(bits: Uint8Array): number[] {
  return Array.from({ length: 8 * bits.length }, (_, i) => i).filter((i) => (bits[i >> 3]! >> (i & 7)) & 1);
}
