import { canonicalBytes, fromBase64url, hashLabelled, hpkeOverhead } from '@symbolon/crypto';
import { z } from 'zod';
import { envelopeBytes } from '../pair/envelope.ts';
import { deployedPairs, secretBytes } from '../pair/pair.ts';
import type { Answer, Challenge } from '../session/messages.ts';
import { operations, slots, ticketBytes } from '../session/ticket.ts';
import { physicianStates } from './module.ts';
import { bytesOf, cardSignature, milliseconds } from './shapes.ts';

// What a client asks a centre, with a login's token (`login.ts`); of records, see `records.ts`:
//
// POST /v1/sessions                    a module's ticket → the challenge. The same ticket again, or another for the same purpose while the session is open,
//                                      is answered with the same challenge: nothing is lost where a connection breaks
// GET  /v1/time                        so that there is a connection to sign for, and clocks are compared
// POST /v1/sessions/:session/answer    the card's answer → what came of it. The same answer again, signed for another connection, is answered alike

/** Answer of `GET /v1/time`, which needs no login: what opens a connection that an answer can be signed for. Milliseconds since 1970. */
export const timeAnswer = z.strictObject({ time: milliseconds });

/** A ticket, as the module gave it. */
export const sessionRequest = z.strictObject({ ticket: bytesOf(ticketBytes) });

/** Answer; `expires`: until then an answer is taken. */
export const challengeAnswer = z.strictObject({
  session: bytesOf(16),
  nonce: bytesOf(32),
  serverKey: bytesOf(32),
  envelopes: z.array(bytesOf(envelopeBytes)).max(slots),
  expires: milliseconds,
});
export type ChallengeAnswer = z.output<typeof challengeAnswer>;

/** The challenge that an answer of the centre holds. */
export function challengeIn({ session, nonce, serverKey, envelopes }: ChallengeAnswer): Challenge {
  return {
    session: fromBase64url(session),
    nonce: fromBase64url(nonce),
    serverKey: fromBase64url(serverKey),
    envelopes: envelopes.map(fromBase64url),
  };
}

/** Path parameter. */
export const sessionParams = z.strictObject({ session: bytesOf(16) });

const overhead = hpkeOverhead('X25519');

/** {@link Answer}; its session stands in the path. */
export const sessionAnswer = z.strictObject({
  clientKey: bytesOf(32),
  purpose: z.string().min(1).max(1000),
  groups: z.array(z.string().min(1).max(64)).max(100),
  status: z.enum(['good', 'unknown', 'expired', 'revoked', 'none']),
  secret: bytesOf(secretBytes + overhead).nullable(),
  pairs: bytesOf(deployedPairs * envelopeBytes + overhead).nullable(),
  signature: cardSignature,
});
export type SessionAnswer = z.output<typeof sessionAnswer>;

/** The answer that a request holds. */
export function answerIn(session: string, { clientKey, secret, pairs, signature, ...said }: SessionAnswer): Answer {
  return {
    ...said,
    session: fromBase64url(session),
    clientKey: fromBase64url(clientKey),
    secret: secret === null ? null : fromBase64url(secret),
    pairs: pairs === null ? null : fromBase64url(pairs),
    signature: fromBase64url(signature),
  };
}

/** What the centre lets a physician do after a session, until `until`. */
export const grantShown = z.strictObject({
  /**
   * `reopened`: whoever asked may have known the answer without the card, so it opens only what was open before. To read more, pairs of another institution
   * are needed, or of the module's terminal.
   */
  kind: z.enum(['consent', 'reopened', 'break-glass']),
  /** Of others' records. */
  groups: z.array(z.string()),
  until: milliseconds,
});
export type GrantShown = z.output<typeof grantShown>;

/**
 * What came of a session. `done`; or `draft`: another enrolment was first, and this physician's records are seen by others after the next consent;
 * or `waits`: the new card counts when somebody has confirmed the replacement.
 */
export const sessionOutcome = z.strictObject({
  operation: z.enum(operations),
  state: z.enum(['done', 'draft', 'waits']),
  /** Internal id of the relation, by which records are asked for. */
  relation: bytesOf(16),
  grant: grantShown.nullable(),
});
export type SessionOutcome = z.output<typeof sessionOutcome>;

/** Names what an answer says, but not the connection that it came through: 32 bytes. Runs at: the centre, to know an answer that comes again. */
export function answerHash({ session, clientKey, purpose, groups, status, secret, pairs }: Answer): Uint8Array {
  const none = new Uint8Array();
  const said = canonicalBytes({ purpose, groups: [...groups], status, secret: secret !== null, pairs: pairs !== null });
  return hashLabelled('symbolon consent answer again', session, clientKey, said, secret ?? none, pairs ?? none);
}

const pseudonym = bytesOf(32);
const relation = bytesOf(16);

/** What a module tells a centre (see `notice.ts`). */
export const toCentre = z.discriminatedUnion('about', [
  /** Who may log in, and by which certificates (their thumbprints). */
  z.strictObject({
    about: z.literal('physician'),
    physician: bytesOf(16),
    state: z.enum(physicianStates),
    certificates: z.array(bytesOf(32)).max(16),
  }),
  /** For whom an installation of the client works; null: for nobody any more. */
  z.strictObject({
    about: z.literal('installation'),
    installation: z.string().min(1).max(100),
    institution: z.string().min(1).max(100).nullable(),
  }),
  /** Two that were known as two are one patient: all that is `from`'s is `to`'s. */
  z.strictObject({ about: z.literal('merge'), from: pseudonym, to: pseudonym }),
  /** One that was known as one are two: these relations of `from` are `to`'s. Cards and windows of both end, as nobody knows whose they are. */
  z.strictObject({
    about: z.literal('split'),
    from: pseudonym,
    to: pseudonym,
    relations: z.array(relation).max(10_000),
  }),
  /** New pseudonyms of patients; the old ones count too until `pseudonyms-done`. */
  z.strictObject({
    about: z.literal('pseudonyms'),
    pairs: z
      .array(z.strictObject({ old: pseudonym, new: pseudonym }))
      .min(1)
      .max(1000),
  }),
  /** All patients have new pseudonyms: the old ones are forgotten. */
  z.strictObject({ about: z.literal('pseudonyms-done') }),
  /** A patient's right, asked for at the module and not with a ticket. */
  z.strictObject({ about: z.literal('right'), right: z.enum(['withdraw', 'object', 'erase']), pseudonym }),
  /** The replacement of a card, asked for at this relation, is confirmed by the module's administrators, or refused. */
  z.strictObject({ about: z.literal('replacement'), relation, decision: z.enum(['confirm', 'refuse']) }),
]);
export type ToCentre = z.output<typeof toCentre>;
