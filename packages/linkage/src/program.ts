import { type AllPairsProgram, allPairsProgram } from './all-pairs/program.ts';
import { keyEquality } from './encode/keys.ts';
import { everyPair, type Outcome } from './outcome.ts';
import { type KeysProgram, parseKeys } from './psi/program.ts';
import type { CompiledRule } from './rule/compile.ts';

/** The program of a rule for tables of these sizes; `plan-invalid` where they are empty or too large. */
export function linkProgram(
  rule: CompiledRule,
  rowsA: number,
  rowsB: number,
  outcome: Outcome = everyPair,
): AllPairsProgram | KeysProgram {
  const { cardinality, reveal, to } = outcome;
  // The receiver of an intersection learns which of its rows met: too much where only their number is agreed.
  return keyEquality(rule) === undefined || reveal === 'count'
    ? allPairsProgram(rule, rowsA, rowsB, outcome)
    : parseKeys({ protocol: 'link-keys/1', rows: [rowsA, rowsB], cardinality, to });
}
