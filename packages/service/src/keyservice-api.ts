import { canonicalBytes, concat, fromBase64url, hashLabelled, utf8 } from '@symbolon/crypto';
import { z } from 'zod';
import type { Client } from './client.ts';
import { decodeOpenAnswer, maxOpenAnswerBytes, type OpenAnswer } from './open-answer.ts';
import { type Program, parseProgram } from './programs.ts';
import { bytes32, size } from './shapes.ts';
import { maxNoteLength, seenAnswer, seenPath } from './witness.ts';

const signature = z.string().regex(/^[A-Za-z0-9_-]{85}[AQgw]$/, 'must be 64 bytes in base64url');
const partyId = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be the id of an organisation');

/** What a party asks to open a session with (PROTOCOLS §1 step 1). Parties that mean the same session send the same but for nonce, checkpoint, consistency and seen. */
export const openRequest = z.strictObject({
  /** Hash of the agreement. */
  agreement: bytes32,
  /** What is to be computed: numbers and shapes only. `parseProgram` bounds it; it throws `plan-invalid`. */
  program: z.unknown().transform((value): Program => parseProgram(value)),
  /** `programHash` of the program. */
  programHash: bytes32,
  /** p0 … pN−1 with the keys of their cards. */
  parties: z
    .array(z.strictObject({ id: partyId, organisationKey: bytes32, signingKey: bytes32 }))
    .min(2)
    .max(5),
  /** 32 bytes that the parties chose together for this attempt. */
  attempt: bytes32,
  /** 32 fresh random bytes of the caller. */
  nonce: bytes32,
  /** How inputs are masked, as the agreement says. */
  pads: z.enum(['expanded', 'full']),
  /** The newest checkpoint of the caller's log, a signed note. */
  checkpoint: z.string().min(1).max(2048),
  /** Proof that it extends the checkpoint of size `from`, the one last shown here (GET /v1/log/seen). */
  consistency: z.strictObject({ from: size, proof: z.array(bytes32).max(64) }),
  /** The newest checkpoint of the key service's log that the caller holds, a signed note; null if none. */
  seen: z.string().min(1).max(maxNoteLength).nullable(),
});

/** See {@link openRequest}. */
export type OpenRequest = z.output<typeof openRequest>;

/** What a party asks for the answer key with (PROTOCOLS §1 step 4). */
export const answerRequest = z.strictObject({
  /** Salted hash of the masked data that all parties hold. */
  dataHash: bytes32,
  /** By party id, each by that party's signing key over {@link dataToSign}. */
  signatures: z
    .record(partyId, signature)
    .refine((signatures) => Object.keys(signatures).length <= 5, 'must be at most 5 signatures'),
});

/** See {@link answerRequest}. */
export type AnswerRequest = z.output<typeof answerRequest>;

/** The id of a session, 32 bytes: a hash of everything that went into it. */
export function sessionId(params: {
  nonces: readonly string[];
  agreement: string;
  programHash: string;
  parties: OpenRequest['parties'];
  attempt: string;
  pads: OpenRequest['pads'];
}): Uint8Array {
  const { nonces, agreement, programHash, parties, attempt, pads } = params;
  return hashLabelled(
    'symbolon session',
    concat(...nonces.map(fromBase64url)),
    fromBase64url(agreement),
    fromBase64url(programHash),
    canonicalBytes(parties),
    fromBase64url(attempt),
    utf8(pads),
  );
}

/** What each party signs once it holds the masked data: this session, this data. @param dataHash 32 bytes */
export function dataToSign(session: Uint8Array, dataHash: Uint8Array): Uint8Array {
  return hashLabelled('symbolon data', session, dataHash);
}

/** A party's side of the key service's addresses. */
export interface KeyserviceClient {
  /** The checkpoint of this organisation's log that the key service last accepted, a signed note; null if none. */
  seenCheckpoint(): Promise<string | null>;
  /** Resolves when all parties have asked; the seeds are the caller's to overwrite. @param patienceMilliseconds longer than the key service waits for the others */
  open(request: OpenRequest, patienceMilliseconds: number, signal?: AbortSignal): Promise<OpenAnswer>;
  /** The caller's full-length pads, `length` bytes in all; once. */
  pads(session: string, length: number, signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  /** The corrections, `length` bytes in all (`programCost(program).answerKeyBytes`); for p0, once. */
  answer(session: string, request: AnswerRequest, length: number, signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  /** Tells the key service that this session will not go on; it wipes its secrets. */
  abort(session: string): Promise<void>;
}

/** Puts {@link KeyserviceClient} on a `peerClient` of the key service. */
export function keyserviceClient(client: Client): KeyserviceClient {
  const address = (session: string, what: string) => `/v1/sessions/${encodeURIComponent(session)}${what}`;
  const of = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });
  return {
    seenCheckpoint: async () => (await client.call('GET', seenPath, { answer: seenAnswer })).note,
    async open(body, timeoutMilliseconds, signal) {
      const maxBytes = maxOpenAnswerBytes;
      const options = { body, maxBytes, timeoutMilliseconds, ...of(signal) };
      const bytes = await client.secret('POST', '/v1/sessions', options);
      try {
        return decodeOpenAnswer(bytes, client.who);
      } finally {
        bytes.fill(0);
      }
    },
    pads: (session, length, signal) => client.stream('GET', address(session, '/pads'), { length, ...of(signal) }),
    answer: (session, body, length, signal) =>
      client.stream('POST', address(session, '/answer'), { body, length, ...of(signal) }),
    abort: async (session) => void (await client.call('DELETE', address(session, ''), { answer: z.undefined() })),
  };
}
