import {
  base64url,
  fault,
  type Rng,
  type SignedDocument,
  type SigningKey,
  signDocument,
  verifyDocument,
} from '@symbolon/crypto';
import { z } from 'zod';
import { bytesOf, milliseconds } from './shapes.ts';

// Module and centre tell each other things that must not be lost: POST /v1/notices { notice }, over mutual TLS, again until it is taken: those of one
// patient or physician one after the other. A notice that was taken before is answered alike and changes nothing. What one can say stands in `centre.ts`
// (to the centre) and here (to a module).

const typ = 'symbolon-registry-notice';

const documentSchema = z.strictObject({
  payload: z.base64url().max(2 ** 20),
  signatures: z
    .array(z.strictObject({ protected: z.base64url().max(512), signature: z.base64url().max(128) }))
    .length(1),
});

/** The body of a request. */
export const noticeRequest = z.strictObject({ notice: documentSchema });
/** Its length, at most. */
export const noticeBytes = 2 ** 21;

const noticeSchema = z.strictObject({
  kind: z.literal('registry-notice'),
  version: z.literal(1),
  id: bytesOf(16),
  from: z.string().max(100),
  to: z.string().max(100),
  at: milliseconds,
  what: z.unknown(),
});

/** A notice, its signature verified. */
export type RegistryNotice<What> = Omit<z.output<typeof noticeSchema>, 'kind' | 'version' | 'what'> & {
  readonly what: What;
};

/** Signs a notice with the signing key of the sender's card. */
export function signNotice(
  { from, to, at, what }: Omit<RegistryNotice<unknown>, 'id'>,
  key: SigningKey,
  rng: Rng,
): { readonly id: string; readonly document: SignedDocument } {
  const id = base64url(rng(16));
  const notice = noticeSchema.parse({ kind: 'registry-notice', version: 1, id, from, to, at, what });
  return { id, document: signDocument(typ, notice, key) };
}

/**
 * Reads a notice. Throws `bad-signature` and what else {@link verifyDocument} throws, and `bad-document` for one of or for another server, or that says
 * something else than `shape`. @param key of the sender's card
 */
export function openNotice<Shape extends z.ZodType>(
  document: SignedDocument,
  expected: { readonly from: string; readonly to: string; readonly key: Uint8Array; readonly shape: Shape },
): RegistryNotice<z.output<Shape>> {
  const { from, to, key, shape } = expected;
  const read = noticeSchema.safeParse(verifyDocument(typ, document, [key]));
  if (!read.success) throw fault('bad-document', 'the notice is malformed', { culprit: from });
  const { kind: _, version: __, ...notice } = read.data;
  if (notice.from !== from || notice.to !== to) {
    throw fault('bad-document', 'the notice is of or for another server', { culprit: from });
  }
  const what = shape.safeParse(notice.what);
  if (what.success) return { ...notice, what: what.data };
  const { path, message } = what.error.issues[0]!;
  throw fault('bad-document', `the notice says what is not known here: ${path.join('.')}: ${message}`, {
    culprit: from,
  });
}

/** What a centre tells a module. */
export const toModule = z.discriminatedUnion('about', [
  /** Something that administrators should look at; a patient is named by the pseudonym, which the module alone can follow back. */
  z.strictObject({
    about: z.literal('alarm'),
    alarm: z.string().regex(/^[a-z][a-z-]{2,40}$/),
    pseudonym: bytesOf(32).nullable(),
    physician: z.string().max(100).nullable(),
    installation: z.string().max(100).nullable(),
    /** In words, without anything of a record. */
    text: z.string().max(1000),
    /** Whether the patient has to be told. */
    patient: z.boolean(),
  }),
  /** The centre has done what a patient's ticket asked for. */
  z.strictObject({
    about: z.literal('right'),
    right: z.enum(['withdraw', 'object', 'erase', 'export', 'view']),
    pseudonym: bytesOf(32),
  }),
]);
export type ToModule = z.output<typeof toModule>;
