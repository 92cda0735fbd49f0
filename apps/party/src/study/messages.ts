import { purposeCode } from '@symbolon/agreement';
import { z } from 'zod';
import { at, bytes32, note, shownLog } from '../run/messages.ts';
import { askedSchema } from './asked.ts';

const party = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be the id of an organisation');
const most = 2 ** 31 - 1;
/** By alias of a table in the study; a table may be empty, but is laid out for one patient at least. */
const sizesOfOne = z.record(
  z.string().max(63),
  z.strictObject({ rows: z.int().min(0).max(most), patients: z.int().min(1).max(most) }),
);

/** Initiator → each party, POST /v1/studies: the wish to run a study. */
export const proposalSchema = z.strictObject({
  /** Hash of the agreement. */
  agreement: bytes32,
  /** Its name there. */
  study: z.string().max(63),
  /** Hash of what the initiator makes of it. */
  studyHash: bytes32,
  /** How it is asked; absent where the agreement lists it. */
  asked: askedSchema.optional(),
  /** What for, as the initiator states it; null where it does not. */
  purpose: purposeCode.nullable(),
  /** Of a study that joins by the pairs of a link: the attempt at it, if the initiator holds one of its tables. */
  link: bytes32.nullable(),
});
export type Proposal = z.output<typeof proposalSchema>;

/** Party → initiator: it has read its tables and will take part. A refusal is an error instead. */
export const acceptanceSchema = z.strictObject({
  /** Its part of the attempt's id: 32 fresh random bytes, by which it is spoken to from now on. */
  part: bytes32,
  sizes: sizesOfOne,
  /** The attempt at a link whose pairs it joins by; null if none. */
  link: bytes32.nullable(),
});
export type Acceptance = z.output<typeof acceptanceSchema>;

/** Initiator → each party, POST /v1/studies/start: all take part; lines will be opened. */
export const startSchema = z.strictObject({
  /** Of the one who is told. */
  part: bytes32,
  /** Of all, by id. */
  parts: z.record(party, bytes32),
  sizes: z.record(party, sizesOfOne),
  /** The attempt at a link whose pairs its holders join by; null if none. */
  link: bytes32.nullable(),
});
export type Start = z.output<typeof startSchema>;

/** Initiator → each party, POST /v1/studies/withdrawn: it will not start. */
export const withdrawalSchema = z.strictObject({
  part: bytes32,
  /** Why, as `code: message`. */
  reason: z.string().max(1000),
});
export type Withdrawal = z.output<typeof withdrawalSchema>;

/** First frame of a line, both ways: the newest checkpoint of the other's log that is held here. */
export const seenSchema = z.strictObject({ kind: z.literal('seen'), note: note.nullable() });
export type Seen = z.output<typeof seenSchema>;

/** Second frame, both ways: what this side is about to run. */
export const helloSchema = z.strictObject({
  kind: z.literal('hello'),
  version: z.literal(1),
  attempt: bytes32,
  agreement: bytes32,
  studyHash: bytes32,
  /** Hash of all programs that this side derived, with who runs each. */
  programs: bytes32,
  /** 32 fresh random bytes that keep what the run releases unguessable from its hash; never shown to the key service or a log. */
  salt: bytes32,
  /** p0's is the date of the run's statement. */
  at,
  log: shownLog,
});
export type Hello = z.output<typeof helloSchema>;
