import { agreementHash } from './agreement.ts';
import type { Refusal } from './allows.ts';
import type { Agreement } from './schema.ts';

/** What a party's server knows of the agreement that a new version wants to replace. Read it under the lock that signing takes. */
export interface PredecessorState {
  /** Whether it is here and signed by all its parties. */
  readonly inForce: boolean;
  /** Hash of the successor that this party has signed already, or null. */
  readonly signedSuccessor: string | null;
}

/**
 * Whether a party may sign this version (PROTOCOLS §8): the version names a predecessor that is in force, and the party signs
 * one successor at a time, so that no two versions can both come into force.
 * @param state of `candidate.predecessor`; not looked at for a first version
 */
export function maySign(candidate: Agreement, state: PredecessorState): { readonly grant: true } | Refusal {
  const { predecessor, title } = candidate;
  if (predecessor === null) return { grant: true };
  if (!state.inForce) {
    return {
      grant: false,
      code: 'agreement-unsigned',
      reason: `"${title}" replaces ${predecessor}, which is not in force here.`,
    };
  }
  if (state.signedSuccessor !== null && state.signedSuccessor !== agreementHash(candidate)) {
    return {
      grant: false,
      code: 'agreement-superseded',
      reason: `"${title}" replaces ${predecessor}, but this party has signed another successor, ${state.signedSuccessor}. Sign one at a time.`,
    };
  }
  return { grant: true };
}
