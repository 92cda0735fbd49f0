import {
  fault,
  fromBase64url,
  type SignedDocument,
  type SigningKey,
  signDocument,
  unverifiedPayload,
  verifyDocument,
} from '@symbolon/crypto';
import { z } from 'zod';
import { checked, type Frozen, hash, line, moment, organisationId } from './fields.ts';
import type { Agreement } from './schema.ts';
import type { VerifiedAgreement } from './signing.ts';

const typ = 'symbolon-notice';

/** Notices that a party may give of one agreement; the last number is kept for its revocation. */
const maxSequence = 1000;

/** What a party says of an agreement by itself: it stops for a while, goes on, ends for good, was never wanted, or is not to be renewed. */
export const noticeActions = ['suspend', 'resume', 'revoke', 'decline', 'lapse'] as const;

/** Why, in words for people at all parties. */
export const noticeReason = line(300);

const noticeSchema = z
  .strictObject({
    kind: z.literal('notice'),
    version: z.literal(1),
    agreement: hash,
    /** The party that gives it. */
    by: organisationId,
    action: z.enum(noticeActions),
    reason: noticeReason,
    /** Grows from one notice of a party about an agreement to the next. */
    sequence: z.int().min(1).max(maxSequence),
    at: moment,
  })
  .refine(({ sequence, action }) => sequence < maxSequence || action === 'revoke', {
    path: ['sequence'],
    message: `must be less than ${maxSequence}, but for a revocation`,
  });

/** What one party tells all others about an agreement, signed by it alone (PROTOCOLS §8). Effects begin where it is kept, not at `at`. */
export type Notice = Frozen<z.output<typeof noticeSchema>>;

/** Signs a notice; throws `bad-document` naming the field if it is malformed. */
export function signNotice(notice: Omit<Notice, 'kind' | 'version'>, key: SigningKey): SignedDocument {
  return signDocument(typ, checkedNotice({ kind: 'notice', version: 1, ...notice }), key);
}

/** The hash of the agreement that a notice says it is about: unverified, to look the agreement up for {@link verifyNotice}. */
export function claimedAgreement(doc: unknown): string {
  return checkedNotice(unverifiedPayload(doc)).agreement;
}

/**
 * The notice of a party to `verified`, if that party's pinned key alone has signed it. Throws what `verifyDocument` throws, `hash-mismatch`
 * if it is about another agreement, and `agreement-party` if its author is no party.
 */
export function verifyNotice(
  doc: unknown,
  { agreement, hash: agreed }: Pick<VerifiedAgreement, 'agreement' | 'hash'>,
): Notice {
  const claimed = checkedNotice(unverifiedPayload(doc));
  if (claimed.agreement !== agreed) throw fault('hash-mismatch', 'the notice is about another agreement');
  verifyDocument(typ, doc, [signingKeyOf(agreement, claimed.by)]);
  return claimed;
}

// Clocks of two organisations may differ by so much, in milliseconds.
const clockTolerance = 3_600_000;

/**
 * Holds a new notice against what its author has said before: `notice-order` for one that is repeated, back-dated, dated ahead, or says what
 * cannot follow.
 * @param before notices about the same agreement, of all parties
 * @param signed whether the author's signature of the agreement is known here
 */
export function requireNext(
  notice: Notice,
  { before, signed, now }: { readonly before: readonly Notice[]; readonly signed: boolean; readonly now: Date },
): void {
  const refuse = (rule: string): never => {
    const message = `notice ${notice.sequence} of ${notice.by}, to ${notice.action}, ${rule}`;
    throw fault('notice-order', message, { culprit: notice.by });
  };
  const last = lastOf(before, notice.by);
  if (last !== undefined) {
    if (isFinal(last)) refuse(`follows its notice ${last.sequence} to ${last.action}, which is final`);
    if (notice.sequence <= last.sequence) refuse(`does not follow its notice ${last.sequence}`);
    if (notice.at < last.at) refuse(`is dated before its notice ${last.sequence}`);
  }
  if (Date.parse(notice.at) > now.getTime() + clockTolerance) refuse('is dated more than an hour ahead');
  const standing = standingOf(before, notice.by)?.action;
  if (notice.action === 'resume' && standing !== 'suspend') refuse('has no suspension before it');
  if (notice.action === 'suspend' && standing === 'suspend') refuse('follows one to suspend');
  if (notice.action === 'lapse' && hasLapsed(before, notice.by)) refuse('follows one to lapse');
  if (notice.action === 'decline' && signed) refuse('comes after its signature; what is signed can be revoked');
}

/** The last notice that a party has given, if any. */
export function lastOf(notices: readonly Notice[], party: string): Notice | undefined {
  return notices
    .filter(({ by }) => by === party)
    .reduce<Notice | undefined>(
      (last, notice) => (last === undefined || notice.sequence > last.sequence ? notice : last),
      undefined,
    );
}

/** The last notice of a party that says whether work may go on: that it is not to be renewed stands beside it. */
export function standingOf(notices: readonly Notice[], party: string): Notice | undefined {
  return lastOf(
    notices.filter(({ action }) => action !== 'lapse'),
    party,
  );
}

/** Whether a party has said that it is not to be renewed. */
export function hasLapsed(notices: readonly Notice[], party: string): boolean {
  return notices.some(({ by, action }) => by === party && action === 'lapse');
}

/** The day on which the first party said that it is not to be renewed; null if none has. */
export function lapseDay(notices: readonly Notice[]): string | null {
  const days = notices.filter(({ action }) => action === 'lapse').map(({ at }) => at.slice(0, 10));
  return days.toSorted()[0] ?? null;
}

/** Whether its author can say nothing after it. */
export function isFinal({ action }: Pick<Notice, 'action'>): boolean {
  return action === 'revoke' || action === 'decline';
}

function signingKeyOf({ parties, title }: Agreement, party: string): Uint8Array {
  const member = parties.find(({ id }) => id === party);
  if (member !== undefined) return fromBase64url(member.signingKey);
  throw fault('agreement-party', `${party} is not a party to the agreement "${title}"`, { culprit: party });
}

function checkedNotice(value: unknown): Notice {
  return checked(noticeSchema, value, 'bad-document', 'notice');
}
