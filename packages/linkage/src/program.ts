import { type AllPairsProgram, allPairsProgram } from './all-pairs/program.ts';
import { keyEquality } from './encode/keys.ts';
import { type KeysProgram, keysProtocol } from './psi/protocol.ts';
import type { CompiledRule } from './rule/compile.ts';

/** The program of a rule for tables of these sizes; `plan-invalid` where they are empty or too large. */
export function linkProgram(rule: CompiledRule, rowsA: number, rowsB: number): AllPairsProgram | KeysProgram {
  return keyEquality(rule) === undefined
    ? allPairsProgram(rule, rowsA, rowsB)
    : keysProtocol.parse({ protocol: 'link-keys/1', rows: [rowsA, rowsB] });
}
