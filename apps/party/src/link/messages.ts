import { canonicalBytes, fault, fromBase64url, parseCanonical, SymbolonError } from '@symbolon/crypto';
import { maxNoteLength } from '@symbolon/service';
import { z } from 'zod';

/** 32 bytes in base64url. */
export const bytes32 = z.string().refine((text) => {
  try {
    return fromBase64url(text).length === 32;
  } catch (error) {
    if (error instanceof SymbolonError) return false;
    throw error;
  }
}, 'must be 32 bytes in base64url');

const rows = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);
const logSize = z.int().min(0);
const note = z.string().min(1).max(maxNoteLength);

/** Initiator → peer, POST /v1/links: the wish to run a link. */
export const proposalSchema = z.strictObject({
  /** Hash of the agreement. */
  agreement: bytes32,
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
  at: z.iso.datetime({ precision: 0 }),
  /** The log as it stands, and a proof that it extends what the other side has seen of it. */
  log: z.strictObject({ note, from: logSize, proof: z.array(bytes32).max(64) }),
});
export type Hello = z.output<typeof helloSchema>;

/** First frame of a session's line, both ways: this side holds the keys of this session. */
export const readySchema = z.strictObject({ kind: z.literal('ready'), session: bytes32 });
export type Ready = z.output<typeof readySchema>;

/**
 * A session has come to its end: last frame of its line, peer → initiator, once its result is in the peer's memory; then on the run's line,
 * initiator → peer: the result of no other try counts.
 */
export const doneSchema = z.strictObject({ kind: z.literal('done'), unit: z.int().min(0), session: bytes32 });
export type Done = z.output<typeof doneSchema>;

const maxBytes = 8192;

export function encodeMessage(message: Hello | Ready | Done): Uint8Array {
  return canonicalBytes(message);
}

/** Reads a frame that must be canonical JSON of this shape. Throws `frame-too-long` or `frame-shape`, naming the peer. */
export function decodeMessage<Schema extends z.ZodType>(
  schema: Schema,
  frame: Uint8Array,
  peer: string,
): z.output<Schema> {
  if (frame.length > maxBytes) {
    throw fault('frame-too-long', `a message of ${frame.length} bytes came where at most ${maxBytes} may`, {
      culprit: peer,
    });
  }
  let value: unknown;
  try {
    value = parseCanonical(frame);
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw fault('frame-shape', `${peer} sent a message that is not canonical JSON`, { culprit: peer });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw fault('frame-shape', `${peer} sent a message with ${issue!.path.join('.') || 'a field'}: ${issue!.message}`, {
    culprit: peer,
  });
}
