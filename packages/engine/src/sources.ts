import { SymbolonError } from '@symbolon/crypto';
import type { Masks } from './masks.ts';
import { inputLabel } from './masks.ts';
import type { NodeOf, Plan, PlanNode, WireType } from './plan/types.ts';
import { byteLength, clearTail } from './plan/types.ts';

/** Where values come from: before every operation, each under a one-time pad that its owner alone knows. */
export type SourceNode = NodeOf<'input' | 'random'>;

export function isSource(node: PlanNode): node is SourceNode {
  return node.op === 'input' || node.op === 'random';
}

/** The one-time pads of p_owner, in the order of its nodes: what `pads: full` replaces by full-length random bytes. */
export function inputPads(plan: Plan, owner: number): { node: number; bytes: number }[] {
  return plan.nodes.flatMap((node, index) =>
    isSource(node) && node.owner === owner ? [{ node: index, bytes: byteLength(plan.wires[node.out[0]!]!) }] : [],
  );
}

/**
 * The value of a random wire: −λ, bits: λ. Words little-endian, bits packed from the lowest. Runs at: its owner. Learns: nothing new; λ is its pad.
 * @param masks the owner's own, the very ones of its session
 * @throws SymbolonError `plan-invalid` where the plan has no such random wire
 */
export function randomInput(plan: Plan, name: string, masks: Masks): Uint8Array {
  const index = plan.nodes.findIndex((node) => node.op === 'random' && node.name === name);
  if (index < 0) throw new SymbolonError('plan-invalid', `the plan has no random value '${name}'`);
  const type = plan.wires[plan.nodes[index]!.out[0]!]!;
  const bytes = new Uint8Array(byteLength(type));
  masks.stream(inputLabel(index)).fill(bytes, 0);
  return type.kind === 'bits' ? clearTail(type, bytes) : negate(type, bytes);
}

/** −x in each word, in place: its complement, and one more. */
function negate({ bits }: WireType & { kind: 'ring' }, bytes: Uint8Array): Uint8Array {
  for (let word = 0; word < bytes.length; word += bits / 8) {
    for (let at = word, carry = 1; at < word + bits / 8; at++) {
      const sum = (bytes[at]! ^ 255) + carry;
      bytes[at] = sum;
      carry = sum >> 8;
    }
  }
  return bytes;
}
