import { runClear } from '@symbolon/engine';
import {
  type AllPairsProgram,
  allPairsPlan,
  allPairsProgram,
  type CompiledRule,
  decodeVerdicts,
  encodeLeaf,
  type LocalTable,
  tilesOf,
  verdictName,
} from '../src/index.ts';

/** The pairs that the plan reveals, as a × rows of b + b, run in the clear with `tile` rows of a in a stage. */
export function runPlan(rule: CompiledRule, a: LocalTable, b: LocalTable, tile: number): number[] {
  const program: AllPairsProgram = { ...allPairsProgram(rule, a.rows, b.rows), tile };
  const inputs: Record<string, Uint8Array> = {};
  for (const leaf of rule.leaves.keys()) {
    inputs[`a/${leaf}`] = encodeLeaf(rule, leaf, 'a', a);
    inputs[`b/${leaf}`] = encodeLeaf(rule, leaf, 'b', b);
  }
  const revealed = runClear(allPairsPlan(program), inputs);
  return tilesOf(program).flatMap((_, i) =>
    [...decodeVerdicts(program, i, revealed[verdictName(i)]!)].map(([x, y]) => x * b.rows + y),
  );
}
