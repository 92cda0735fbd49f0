import { agreementHash } from './agreement.ts';
import type { Refusal } from './refusal.ts';
import type { Agreement } from './schema.ts';

/** What a party's server knows of the agreement that a new version wants to replace. Read it under the lock that signing takes. */
export interface PredecessorState {
  /** It, if it is here and signed by all its parties; else null. */
  readonly inForce: Agreement | null;
  /** Hash of the successor that this party has signed already, or null. */
  readonly signedSuccessor: string | null;
}

/**
 * Whether a party may sign this version (PROTOCOLS §8): the version names a predecessor that is in force and has the same parties, and
 * each signs one successor at a time. So no two versions can both come into force, and none ends an agreement without all its parties.
 * @param state of `candidate.predecessor`; not looked at for a first version
 */
export function maySign(candidate: Agreement, state: PredecessorState): { readonly grant: true } | Refusal {
  const { predecessor, title } = candidate;
  if (predecessor === null) return { grant: true };
  const { inForce, signedSuccessor } = state;
  if (inForce === null) {
    return {
      grant: false,
      code: 'agreement-unsigned',
      reason: `"${title}" replaces ${predecessor}, which is not in force here.`,
    };
  }
  if (partyIds(inForce) !== partyIds(candidate)) {
    return {
      grant: false,
      code: 'agreement-invalid',
      reason: `"${title}" replaces ${predecessor}, but names other parties. Draft it without a predecessor.`,
    };
  }
  if (signedSuccessor !== null && signedSuccessor !== agreementHash(candidate)) {
    return {
      grant: false,
      code: 'agreement-superseded',
      reason: `"${title}" replaces ${predecessor}, but this party has signed another successor, ${signedSuccessor}. Sign one at a time.`,
    };
  }
  return { grant: true };
}

function partyIds({ parties }: Agreement): string {
  return parties
    .map(({ id }) => id)
    .sort()
    .join(' ');
}
