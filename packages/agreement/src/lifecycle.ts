import type { ErrorCode } from '@symbolon/crypto';
import { lastDay } from './commerce.ts';
import { lapseDay, type Notice, standingOf } from './notice.ts';
import type { Agreement } from './schema.ts';
import type { VerifiedAgreement } from './signing.ts';

/**
 * What has become of an agreement. Only one that is `active` lets anything run.
 *
 * - `draft`: nobody has signed; `proposed`: some have
 * - `countered`: a party answered with a changed version, which it has signed
 * - `declined`: a party has said that it will not sign
 * - `signed`: all have, and the term has not begun; `active`: it has; `expired`: it is over, signed or not
 * - `amended`: another version, signed by all, stands in its place
 * - `suspended`: by a party, which alone can resume it; `revoked`: by a party, for good
 */
export const agreementStates = [
  'draft',
  'proposed',
  'countered',
  'declined',
  'signed',
  'active',
  'expired',
  'amended',
  'suspended',
  'revoked',
] as const;
/** One of {@link agreementStates}. */
export type AgreementState = (typeof agreementStates)[number];

/** All that the state of an agreement follows from. */
export interface LifecycleFacts {
  readonly verified: VerifiedAgreement;
  /** About it, of all parties, each accepted by `requireNext`. */
  readonly notices: readonly Notice[];
  /** Versions that replace it or answer it: those that name it as `predecessor` or in `counters`. */
  readonly successors: readonly VerifiedAgreement[];
  /** YYYY-MM-DD, UTC. */
  readonly today: string;
}

/** The state of an agreement, and what it is so by. */
export interface Lifecycle {
  readonly state: AgreementState;
  /** The notices that make it so: of all parties that suspended, revoked or declined it. */
  readonly notices: readonly Notice[];
  /** Hash of the version that stands in its place, or is to. */
  readonly version: string | null;
}

/** The state of an agreement. Runs at: each party, by what it holds. */
export function lifecycle({ verified, notices, successors, today }: LifecycleFacts): Lifecycle {
  const { agreement, signedBy, missing } = verified;
  const standing = agreement.parties.flatMap(({ id }) => standingOf(notices, id) ?? []);
  const by = (action: Notice['action']): readonly Notice[] => standing.filter((notice) => notice.action === action);
  const inPlace = successors.find((next) => next.missing.length === 0);
  const answer = successors.find(
    ({ agreement: { counters }, signedBy: signers }) => counters === verified.hash && signers.length > 0,
  );
  const is = (state: AgreementState, made: readonly Notice[] = [], version?: VerifiedAgreement): Lifecycle => ({
    state,
    notices: made,
    version: version?.hash ?? null,
  });
  if (by('revoke').length > 0) return is('revoked', by('revoke'));
  if (by('decline').length > 0) return is('declined', by('decline'));
  if (inPlace !== undefined) return is('amended', [], inPlace);
  if (today > renewed(agreement, notices).term.until && signedBy.length > 0) return is('expired');
  if (by('suspend').length > 0) return is('suspended', by('suspend'));
  if (missing.length === 0) return is(today < agreement.term.from ? 'signed' : 'active');
  if (answer !== undefined) return is('countered', [], answer);
  return is(signedBy.length === 0 ? 'draft' : 'proposed');
}

/** An agreement with the last day of its term as renewals, and notices that it is not to be renewed, make it. */
export function renewed<Of extends Pick<Agreement, 'term' | 'renewal'>>(agreement: Of, notices: readonly Notice[]): Of {
  const { term, renewal } = agreement;
  return { ...agreement, term: { ...term, until: lastDay(term, renewal, lapseDay(notices)) } };
}

/** Why nothing may run under an agreement, if one of its parties or a later version has stopped it. */
export interface Stopped {
  readonly code: ErrorCode;
  readonly reason: string;
  /** The party that stopped it. */
  readonly culprit: string | undefined;
}

/** Whether an agreement was ended or put to rest before its term was over; whether all have signed, and its term, are looked at elsewhere. */
export function stopped(facts: Omit<LifecycleFacts, 'today'>): Stopped | undefined {
  const { title, term } = facts.verified.agreement;
  const { state, notices, version } = lifecycle({ ...facts, today: term.from });
  if (state === 'amended') {
    const reason = `"${title}" has been replaced by ${version}; use the newest version.`;
    return { code: 'agreement-superseded', reason, culprit: undefined };
  }
  const code = (
    { revoked: 'agreement-revoked', declined: 'agreement-revoked', suspended: 'agreement-suspended' } as const
  )[state as 'revoked' | 'declined' | 'suspended'] as ErrorCode | undefined;
  if (code === undefined) return undefined;
  const words = notices.map(({ by, at, reason }) => `${by} ${state} it on ${at.slice(0, 10)}: ${reason}`);
  const { by } = notices[0]!;
  return { code, reason: `The agreement "${title}" is ${state}. ${words.join('; ')}.`, culprit: by };
}
