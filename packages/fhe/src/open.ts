import { fault } from '@symbolon/crypto';
import type { Circuit } from './circuit/circuit.ts';
import { proveCircuit } from './circuit/circuit.ts';
import { decryptSlots, type Result } from './decrypt/decrypt.ts';
import { plainModulus } from './parameters.ts';
import type { Checks } from './table/checks.ts';
import type { EncodedColumn, Layout } from './table/layout.ts';

/** Results of some chunks, one an output of the circuit. */
export interface Part {
  readonly first: number;
  readonly chunks: number;
  readonly results: readonly Result[];
}

/**
 * Decrypts what a server computed, and holds every check slot against what must be there, and every other against what can be.
 * Throws `fhe-check` at the first that is wrong: then table and key are to be retired. That one slot was altered is found once in ten times only; see
 * `missedWith`.
 *
 * What a secret model of the server's is in has neither checks nor ranges: its slots are hidden, and their sum is the total modulo the plain modulus.
 * Runs at: the owner. @returns the sum of each output over all rows
 */
export function openTotals(
  { layout, checks, circuit }: { layout: Layout; checks: Checks; circuit: Circuit },
  parts: readonly Part[],
  secret: Uint8Array,
): number[] {
  const totals = new Array<number>(circuit.outputs.length).fill(0);
  const bounds = new Map(layout.columns.map((column) => [column.id, column]));
  const proven = proveCircuit(circuit, bounds, layout.chunks);
  requireAll(parts, layout.chunks);
  for (const { first, chunks, results } of parts) {
    if (results.length !== circuit.outputs.length) throw wrong('it has another number of results');
    const expected = clearChecks(circuit, bounds, checks, first, chunks);
    for (const [i, result] of results.entries()) {
      const slots = decryptSlots(result, secret);
      if (proven[circuit.outputs[i]!]!.secret) {
        totals[i] = slots.reduce((sum, slot) => sum + slot, totals[i]!) % plainModulus;
        continue;
      }
      if (checks.slots.some((slot, j) => slots[slot] !== expected[i]![j])) throw wrong('a check row has another value');
      const most = proven[circuit.outputs[i]!]!.most * chunks;
      for (const slot of checks.rowSlots) {
        if (slots[slot]! > most) throw wrong('a number is larger than it can be');
        totals[i]! += slots[slot]!;
      }
    }
  }
  return totals;
}

const wrong = (why: string) => fault('fhe-check', `what the server returned is not what it was asked for: ${why}`);

/** All chunks, each once, in order. */
function requireAll(parts: readonly Part[], chunks: number): void {
  let next = 0;
  for (const part of parts) {
    if (part.first !== next || part.chunks < 1) throw wrong('parts of the table are missing or stand twice');
    next += part.chunks;
  }
  if (next !== chunks) throw wrong('parts of the table are missing or stand twice');
}

/** What check rows come to, in the clear: of each output, of each check slot. */
function clearChecks(
  circuit: Circuit,
  columns: ReadonlyMap<string, EncodedColumn>,
  checks: Checks,
  first: number,
  chunks: number,
): number[][] {
  const sums = circuit.outputs.map(() => checks.slots.map(() => 0));
  for (let chunk = first; chunk < first + chunks; chunk++) {
    for (const [place, row] of checks.rows(chunk).entries()) {
      const values = clearNodes(circuit, (id) => {
        const { of, from } = columns.get(id)!;
        return of(row[from] ?? null);
      });
      for (const [i, node] of circuit.outputs.entries()) sums[i]![place]! += values[node]!;
    }
  }
  return sums.map((of) => of.map((sum) => sum % plainModulus));
}

/** All nodes of a circuit for one row, by plain arithmetic: the meaning of a circuit. What a secret model is in is NaN. @param value of an encrypted column */
export function clearNodes({ nodes }: Circuit, value: (id: string) => number): number[] {
  const values: number[] = [];
  const sum = (ids: readonly string[]): number => ids.reduce((total, id) => total + value(id), 0);
  for (const node of nodes) {
    if (node.op === 'columns') values.push(sum(node.columns));
    else if (node.op === 'model') values.push(Number.NaN);
    else if (node.op === 'product') values.push(values[node.left]! * values[node.right]!);
    else {
      const branches = node.branches.map(({ columns, times }) => sum(columns) * (times === null ? 1 : values[times]!));
      values.push(branches.reduce((total, branch) => total + branch, 0));
    }
  }
  return values;
}
