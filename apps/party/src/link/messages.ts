import { purposeCode } from '@symbolon/agreement';
import { z } from 'zod';
import { at, bytes32, note, shownLog } from '../run/messages.ts';

const rows = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);

/** Initiator → peer, POST /v1/links: the wish to run a link. */
export const proposalSchema = z.strictObject({
  /** Hash of the agreement. */
  agreement: bytes32,
  /** What for, as the initiator states it; null where it does not. */
  purpose: purposeCode.nullable(),
  /** Rows of the initiator's table. */
  rows,
  /** The initiator's half of the attempt's id: 32 fresh random bytes. */
  half: bytes32,
  /** The newest checkpoint of the peer's log that the initiator holds, a signed note; null if none. */
  seen: note.nullable(),
});
export type Proposal = z.output<typeof proposalSchema>;

/** Peer → initiator: it will take part. A refusal is an error instead. */
export const acceptanceSchema = z.strictObject({
  /** Rows of the peer's table. */
  rows,
  /** The peer's half of the attempt's id. */
  half: bytes32,
  /** The newest checkpoint of the initiator's log that the peer holds, a signed note; null if none. */
  seen: note.nullable(),
});
export type Acceptance = z.output<typeof acceptanceSchema>;

/** First frame, both ways: what this side is about to run. */
export const helloSchema = z.strictObject({
  kind: z.literal('hello'),
  version: z.literal(1),
  attempt: bytes32,
  agreement: bytes32,
  /** Hash of the programs that this side derived, and how often each runs. */
  program: bytes32,
  /** Sessions that this side can compute at a time; the lesser number holds. */
  parallel: z.int().min(1).max(256),
  /** 32 fresh random bytes that keep what the run releases unguessable from its hash; never shown to the key service or a log. */
  salt: bytes32,
  /** p0's is the date of the run's statement. */
  at,
  log: shownLog,
});
export type Hello = z.output<typeof helloSchema>;

/**
 * A session has come to its end: last frame of its line, peer → initiator, once its result is in the peer's memory; then on the run's line,
 * initiator → peer: the result of no other try counts.
 */
export const doneSchema = z.strictObject({ kind: z.literal('done'), unit: z.int().min(0), session: bytes32 });
export type Done = z.output<typeof doneSchema>;
