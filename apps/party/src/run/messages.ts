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

/** A checkpoint, as its signed note. */
export const note = z.string().min(1).max(maxNoteLength);

/** The log as it stands, and a proof that it extends what the other side has seen of it. */
export const shownLog = z.strictObject({ note, from: z.int().min(0), proof: z.array(bytes32).max(64) });

/** A moment, UTC, whole seconds. */
export const at = z.iso.datetime({ precision: 0 });

/** First frame of a session, both ways: this side holds the keys of this session. */
export const readySchema = z.strictObject({ kind: z.literal('ready'), session: bytes32 });
export type Ready = z.output<typeof readySchema>;

const maxBytes = 8192;

export function encodeMessage<Message extends { readonly kind: string }>(message: Message): Uint8Array {
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

// Clocks of two organisations may differ by so much, in milliseconds.
const clockTolerance = 3_600_000;

/** Holds that two clocks agree, about. @param own, theirs moments */
export function requireClock(own: string, theirs: string, peer: string): void {
  if (Math.abs(Date.parse(theirs) - Date.parse(own)) <= clockTolerance) return;
  throw fault('peer-disagrees', `the clocks of ${peer} and this party differ by more than an hour`, {
    culprit: peer,
    hint: 'Set both clocks (UTC), best by NTP.',
  });
}

/** The present moment as messages carry it. */
export function moment(now: () => Date): string {
  return `${now().toISOString().slice(0, 19)}Z`;
}
