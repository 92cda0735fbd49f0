import { canonicalBytes, hashLabelled } from '@symbolon/crypto';
import type { Plan } from './types.ts';

/** SHA-256 of the plan's canonical JSON (RFC 8785), 32 bytes. */
export function planHash(plan: Plan): Uint8Array {
  return hashLabelled('symbolon plan', canonicalBytes(plan));
}
