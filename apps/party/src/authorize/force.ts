import { type Agreement, type Member, type Notice, type Purpose, requireCards, stopped } from '@symbolon/agreement';
import { type ErrorCode, fault, SymbolonError } from '@symbolon/crypto';
import type { Home } from '@symbolon/service';
import type { StoredAgreement } from '../agreements/store.ts';
import type { Approval } from '../approvals.ts';

/** What this party's server knows of an agreement at this moment. */
export interface AgreementFacts {
  readonly home: Pick<Home, 'card' | 'partners'>;
  /** The agreement as it is kept here, if it is. */
  readonly stored: StoredAgreement | undefined;
  /** Versions kept here that stand in its place, or want to. */
  readonly successors: readonly StoredAgreement[];
  /** Of what is asked, by people of this party. */
  readonly approvals: readonly Approval[];
  /** Attempts at what is asked that may have opened their result. */
  readonly runsSoFar: number;
  readonly now: Date;
}

/** Who asks this party to take part, and what for. */
export interface Asker {
  /** The organisation: this one, or the partner whose certificate the connection showed. */
  readonly by: string;
  /** Who of this organisation, where it is this one. */
  readonly person?: string | undefined;
  /** As it is stated; undefined where it is not. */
  readonly purpose?: Purpose | undefined;
}

/** What both kinds of grant say of the sessions that may be run. */
export interface SessionGrant {
  /** Of the agreement. */
  readonly hash: string;
  /** p0 … pN−1. */
  readonly parties: readonly Member[];
  /** This party's place among them. */
  readonly index: number;
  readonly keyService: string;
  readonly pads: Agreement['pads'];
}

/** Why not, in words that a privacy officer can act on. */
export interface PartyRefusal {
  readonly grant: false;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly culprit?: string | undefined;
}

/** Whether an agreement binds here and now, as all its parties signed it. */
export function inForce(
  hash: string,
  { home, stored, successors }: AgreementFacts,
): { readonly grant: true; readonly agreement: Agreement; readonly notices: readonly Notice[] } | PartyRefusal {
  const own = home.card.id;
  if (stored === undefined) return refuse('not-found', `There is no agreement ${hash} at ${own}.`);
  const { agreement, missing } = stored;
  if (stored.hash !== hash) return refuse('agreement-altered', 'The agreement kept here has another content.');
  if (missing.length > 0) {
    return refuse(
      'agreement-unsigned',
      `The agreement "${agreement.title}" is not signed by ${missing.join(', ')}.`,
      missing[0],
    );
  }
  const strangers = refusalOf(() => requireCards(agreement, [home.card, ...home.partners.list()]));
  if (strangers !== undefined) return strangers;
  const stop = stopped({ verified: stored, notices: stored.notices, successors });
  if (stop !== undefined) return refuse(stop.code, stop.reason, stop.culprit);
  if (stored.exhausted) {
    return refuse(
      'agreement-limit',
      `The store of ${own} was recovered, so nobody knows how many runs "${agreement.title}" has had: none is left. Agree on a successor.`,
    );
  }
  return { grant: true, agreement, notices: stored.notices };
}

/** What a partner, or nobody, may hand in: an agreement that names this organisation and whose members are who their cards say. */
export function authorizeAgreement(
  received: Pick<StoredAgreement, 'agreement' | 'signedBy'>,
  home: Pick<Home, 'card' | 'partners'>,
  by: string,
): { readonly grant: true } | PartyRefusal {
  const { agreement, signedBy } = received;
  if (!agreement.parties.some(({ id }) => id === home.card.id)) {
    return refuse('agreement-party', `The agreement "${agreement.title}" does not name ${home.card.id}.`);
  }
  if (by !== home.card.id && !agreement.parties.some(({ id }) => id === by)) {
    return refuse('agreement-party', `The agreement "${agreement.title}" does not name ${by}, who sent it.`, by);
  }
  if (signedBy.length === 0) {
    return refuse('agreement-unsigned', `Nobody has signed the agreement "${agreement.title}".`, by);
  }
  return refusalOf(() => requireCards(agreement, [home.card, ...home.partners.list()])) ?? { grant: true };
}

/** The grant, or the refusal as an error. */
export function granted<Grant extends { readonly grant: true }>(decision: Grant | PartyRefusal): Grant {
  if (decision.grant) return decision;
  throw fault(decision.code, decision.reason, { culprit: decision.culprit });
}

/** Parties of an agreement by their ids. */
export function membersOf({ parties }: Agreement, ids: readonly string[]): Member[] {
  return ids.map((id) => parties.find((party) => party.id === id)!);
}

/** The day of a time, UTC. */
export function day(now: Date): string {
  return now.toISOString().slice(0, 10);
}

/** A refusal. */
export function refuse(code: ErrorCode, reason: string, culprit?: string): PartyRefusal {
  return { grant: false, code, reason, culprit };
}

function refusalOf(check: () => void): PartyRefusal | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    return refuse(error.code, `${error.message}.`, error.culprit);
  }
}
