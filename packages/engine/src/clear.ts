import { SymbolonError } from '@symbolon/crypto';
import type { StepNode } from './ops/index.ts';
import { operationOf } from './ops/index.ts';
import type { ClearValue } from './ops/operation.ts';
import type { Plan, WireType } from './plan/types.ts';
import { byteLength } from './plan/types.ts';
import { isSource } from './sources.ts';

/**
 * Runs a plan in the clear, in plain integers: the oracle of the other interpreters.
 *
 * @param inputs by name, as the owner gives them, random values and orders too: words little-endian, bits packed from the lowest
 * @returns what each reveal opens and the sum of what each `keep` leaves to the parties, by name, in the same form
 */
export function runClear(plan: Plan, inputs: Readonly<Record<string, Uint8Array>>): Record<string, Uint8Array> {
  const values = new Map<number, ClearValue>();
  const outputs: Record<string, Uint8Array> = {};
  for (const node of plan.nodes) {
    if (isSource(node)) {
      values.set(node.out[0]!, unpack(plan.wires[node.out[0]!]!, inputOf(plan, node, inputs)));
    } else if (node.op === 'reveal' || node.op === 'keep') {
      outputs[node.name] = pack(plan.wires[node.in[0]!]!, values.get(node.in[0]!)!);
    } else {
      const step = node as StepNode;
      const made = operationOf(step).clear(
        step,
        [...orderOf(plan, step, inputs), ...step.in.map((wire) => values.get(wire)!)],
        (wire) => plan.wires[wire]!,
      );
      for (const [j, wire] of step.out.entries()) values.set(wire, made[j]!);
    }
  }
  return outputs;
}

/** The bytes of an input, checked for length. */
export function inputOf(
  plan: Plan,
  node: { readonly name: string; readonly out: readonly number[] },
  inputs: Readonly<Record<string, Uint8Array>>,
): Uint8Array {
  return bytesOf(node.name, byteLength(plan.wires[node.out[0]!]!), inputs);
}

function bytesOf(name: string, expected: number, inputs: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const bytes = inputs[name];
  if (bytes?.length === expected) return bytes;
  throw new SymbolonError('plan-invalid', `input '${name}' takes ${expected} bytes, not ${bytes?.length ?? 'none'}`);
}

/** The order of a permutation is given like an input; its `clear` takes it before the columns. */
function orderOf(plan: Plan, node: StepNode, inputs: Readonly<Record<string, Uint8Array>>): ClearValue[] {
  if (node.op !== 'permute') return [];
  const { size } = plan.wires[node.in[0]!]!;
  return [unpack({ kind: 'ring', bits: 32, size }, bytesOf(node.name, 4 * size, inputs))];
}

/** Little-endian words or packed bits as integers. */
export function unpack(type: WireType, bytes: Uint8Array): bigint[] {
  if (type.kind === 'bits') return Array.from({ length: type.size }, (_, i) => BigInt((bytes[i >> 3]! >> (i & 7)) & 1));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: type.size }, (_, i) => {
    if (type.bits === 16) return BigInt(view.getUint16(2 * i, true));
    return type.bits === 32 ? BigInt(view.getUint32(4 * i, true)) : view.getBigUint64(8 * i, true);
  });
}

/** Integers as little-endian words (modulo the ring) or packed bits. */
export function pack(type: WireType, values: ClearValue): Uint8Array {
  const bytes = new Uint8Array(byteLength(type));
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) {
    if (type.kind === 'bits') bytes[i >> 3]! |= Number(value & 1n) << (i & 7);
    else if (type.bits === 16) view.setUint16(2 * i, Number(BigInt.asUintN(16, value)), true);
    else if (type.bits === 32) view.setUint32(4 * i, Number(BigInt.asUintN(32, value)), true);
    else view.setBigUint64(8 * i, BigInt.asUintN(64, value), true);
  }
  return bytes;
}
