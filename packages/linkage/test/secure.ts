import { runClear } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import {
  type AllPairsProgram,
  allPairsPlan,
  allPairsProgram,
  type CompiledRule,
  decodeVerdicts,
  encodePairs,
  type LocalTable,
  leafInputs,
  tilesOf,
  verdictName,
} from '../src/index.ts';

const kernels = createKernels();

/** The pairs that the plan reveals, as a × rows of b + b, run in the clear with `tile` rows of a in a stage. */
export function runPlan(rule: CompiledRule, a: LocalTable, b: LocalTable, tile: number): number[] {
  const program: AllPairsProgram = { ...allPairsProgram(rule, a.rows, b.rows), tile };
  const inputs: Record<string, Uint8Array> = {};
  for (const leaf of rule.leaves.keys()) {
    Object.assign(inputs, leafInputs(program, leaf, 'a', encodePairs(rule, leaf, 'a', a, kernels)));
    Object.assign(inputs, leafInputs(program, leaf, 'b', encodePairs(rule, leaf, 'b', b, kernels)));
  }
  const revealed = runClear(allPairsPlan(program), inputs);
  return tilesOf(program).flatMap((_, i) =>
    [...decodeVerdicts(program, i, revealed[verdictName(i)]!)].map(([x, y]) => x * b.rows + y),
  );
}
