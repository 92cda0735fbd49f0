import {
  base64url,
  canonicalBytes,
  fault,
  fromBase64url,
  parseCanonical,
  readU32,
  SymbolonError,
  u32,
} from '@symbolon/crypto';
import { z } from 'zod';
import { bytes32, size } from './shapes.ts';
import { maxNoteLength, type ShownCheckpoint } from './witness.ts';

/**
 * What a party gets when its session opens (PROTOCOLS §1 steps 1 and 2). On the wire it is
 *
 *     length of the head: 4 bytes | head: canonical JSON, no secret in it | seeds: 32 bytes for each party, in their order
 *
 * so that no secret is ever part of a text, which JavaScript cannot overwrite.
 */
export interface OpenAnswer {
  /** See `sessionId`; every party computes it too. */
  readonly session: string;
  /** Of all parties, in their order. */
  readonly nonces: readonly string[];
  /** The key service's own log, from what the caller holds of it. */
  readonly log: ShownCheckpoint;
  /** 32 bytes each, by party: at the caller's own place its own seed, at another's that of the pair. */
  readonly seeds: readonly Uint8Array[];
}

const seedLength = 32;
const lengthBytes = 4;
/** Longest {@link OpenAnswer}. */
export const maxOpenAnswerBytes = 16_384;

const headSchema = z.strictObject({
  session: bytes32,
  nonces: z.array(bytes32).min(2).max(5),
  log: z.strictObject({ note: z.string().min(1).max(maxNoteLength), from: size, proof: z.array(bytes32).max(64) }),
});

/** One buffer, which is the caller's to overwrite; the seeds are copied into it. */
export function encodeOpenAnswer({ session, nonces, log, seeds }: OpenAnswer): Uint8Array {
  const { note, from, proof } = log;
  const head = canonicalBytes({ session, nonces, log: { note, from, proof: proof.map(base64url) } });
  const bytes = new Uint8Array(lengthBytes + head.length + seeds.length * seedLength);
  bytes.set(u32(head.length));
  bytes.set(head, lengthBytes);
  for (const [i, seed] of seeds.entries()) bytes.set(seed, lengthBytes + head.length + i * seedLength);
  return bytes;
}

/** Reads what {@link encodeOpenAnswer} wrote; the seeds are copies. Throws `frame-shape` naming `who` sent it. */
export function decodeOpenAnswer(bytes: Uint8Array, who: string): OpenAnswer {
  const refuse = (rule: string, cause?: unknown): SymbolonError =>
    fault('frame-shape', `${who} opened a session in another shape: ${rule}`, { culprit: who, cause });
  if (bytes.length < lengthBytes) throw refuse('the length is cut off');
  const seedsAt = lengthBytes + readU32(bytes);
  if (seedsAt > bytes.length) throw refuse('the head is cut off');
  const { session, nonces, log } = head(bytes.subarray(lengthBytes, seedsAt), refuse);
  if (bytes.length !== seedsAt + nonces.length * seedLength) throw refuse('not one seed for each party');
  const seedAt = (party: number): number => seedsAt + party * seedLength;
  // Not `slice`: of a Buffer that is a view.
  const seeds = nonces.map((_, party) => new Uint8Array(bytes.subarray(seedAt(party), seedAt(party + 1))));
  return { session, nonces, log: { ...log, proof: log.proof.map(fromBase64url) }, seeds };
}

function head(
  bytes: Uint8Array,
  refuse: (rule: string, cause?: unknown) => SymbolonError,
): z.output<typeof headSchema> {
  let value: unknown;
  try {
    value = parseCanonical(bytes);
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw refuse('the head is not canonical JSON', error);
  }
  const result = headSchema.safeParse(value);
  if (result.success) return result.data;
  throw refuse(result.error.issues[0]!.path.join('.') || 'the head');
}
