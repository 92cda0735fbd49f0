import { agreementHash } from './agreement.ts';
import type { AgreementState } from './lifecycle.ts';
import type { Refusal } from './refusal.ts';
import type { Agreement } from './schema.ts';

/** What a party's server knows of the version that a new one wants to replace or answers. Read it under the lock that signing takes. */
export interface EarlierVersion {
  readonly agreement: Agreement;
  readonly state: AgreementState;
}

/** What has to be known before a party signs. */
export interface SigningFacts {
  /** Of the candidate itself. */
  readonly state: AgreementState;
  /** `candidate.predecessor`, if it is here. */
  readonly predecessor: EarlierVersion | undefined;
  /** `candidate.counters`, if it is here. */
  readonly countered: EarlierVersion | undefined;
  /**
   * Hash of another version that this party has signed and nobody has ended: a successor of the same predecessor, or one that answers the
   * candidate or the same proposal.
   */
  readonly signedRival: string | null;
}

/**
 * Whether a party may sign this version (PROTOCOLS §8). One that names a predecessor must have the same parties, all of which signed the
 * predecessor and none has ended it; and each signs one successor, or one answer, at a time. So no two versions can both come into force, and none
 * ends an agreement without all its parties.
 */
export function maySign(candidate: Agreement, facts: SigningFacts): { readonly grant: true } | Refusal {
  const { title, predecessor, counters } = candidate;
  const { state, signedRival } = facts;
  const refuse = (code: Refusal['code'], reason: string): Refusal => ({ grant: false, code, reason });
  if (state === 'revoked' || state === 'declined') {
    return refuse('agreement-revoked', `"${title}" is ${state}. Propose a new version.`);
  }
  if (predecessor !== null && !(facts.predecessor && replaceable.has(facts.predecessor.state))) {
    return refuse('agreement-unsigned', `"${title}" replaces ${predecessor}, which is not in force here.`);
  }
  for (const earlier of [facts.predecessor, facts.countered]) {
    if (earlier === undefined || partyIds(earlier.agreement) === partyIds(candidate)) continue;
    const hash = agreementHash(earlier.agreement);
    return refuse('agreement-invalid', `"${title}" names other parties than ${hash}, which it replaces or answers.`);
  }
  if (
    counters !== undefined &&
    facts.countered !== undefined &&
    facts.countered.agreement.predecessor !== predecessor
  ) {
    return refuse('agreement-invalid', `"${title}" answers ${counters}, but does not replace what that would replace.`);
  }
  if (signedRival !== null && signedRival !== agreementHash(candidate)) {
    const reason = `this party has signed another version, ${signedRival}, in the same place. Revoke that one, or sign one at a time.`;
    return refuse('agreement-superseded', `"${title}": ${reason}`);
  }
  return { grant: true };
}

/** States of a version that another may replace: all have signed it, and it was not ended before its time. */
const replaceable: ReadonlySet<AgreementState> = new Set(['signed', 'active', 'expired', 'suspended', 'amended']);

function partyIds({ parties }: Agreement): string {
  return parties
    .map(({ id }) => id)
    .sort()
    .join(' ');
}
