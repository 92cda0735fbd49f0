import {
  base64url,
  certificateDer,
  equalBytes,
  fault,
  fromBase64url,
  organisationKeyOf,
  parseDocument,
  type SignedDocument,
  type SigningKey,
  signDocument,
  unverifiedPayload,
  utf8,
  verifyDocument,
} from '@symbolon/crypto';
import { z } from 'zod';
import { checked, type Frozen, keyFields, keyNames, line, moment, organisationId } from './fields.ts';

const typ = 'symbolon-card';

/** What runs at an organisation: it holds data, hands out one-time keys, or computes on what it cannot decrypt. */
export const organisationRoles = [
  'party',
  'keyservice',
  'compute',
  // Of a medical registry: who knows identities, who evaluates pseudonyms, who keeps records, and where physicians work.
  'module',
  'oprf',
  'centre',
  'workstation',
] as const;
/** One of {@link organisationRoles}. */
export type OrganisationRole = (typeof organisationRoles)[number];

const cardSchema = z.strictObject({
  kind: z.literal('card'),
  version: z.literal(1),
  id: organisationId,
  name: line(64),
  role: z.enum(organisationRoles),
  ...keyFields,
  certificate: z.base64url().min(1).max(4096),
  address: z.string().max(255).refine(isAddress, 'must be https://host:port'),
  /** It cannot be reached: it opens every connection itself, and the address is none. */
  outbound: z.literal(true).exactOptional(),
  issued: moment,
});

/**
 * What an organisation hands to its peers, signed by its organisation key: the dated statement by which that key vouches for
 * the signing and log keys. Keys and certificate (DER of the organisation's CA) in base64url. All of it is public.
 */
export type Card = Frozen<z.output<typeof cardSchema>>;

/**
 * Makes an organisation's card.
 * @param params.certificate the CA certificate of `organisationKey`, PEM
 * @param params.issued RFC 3339 in UTC, whole seconds
 */
export function createCard(params: {
  id: string;
  name: string;
  role: Card['role'];
  organisationKey: SigningKey;
  recoveryKey: Uint8Array;
  signingKey: Uint8Array;
  logKey: Uint8Array;
  certificate: string;
  address: string;
  outbound?: true;
  issued: string;
}): SignedDocument {
  const { organisationKey, recoveryKey, signingKey, logKey, certificate, ...rest } = params;
  const card = checkedCard({
    kind: 'card',
    version: 1,
    ...rest,
    organisationKey: base64url(organisationKey.publicKey),
    recoveryKey: base64url(recoveryKey),
    signingKey: base64url(signingKey),
    logKey: base64url(logKey),
    certificate: base64url(certificateDer(certificate)),
  });
  return signDocument(typ, card, organisationKey);
}

/**
 * Reads a card file. Checks its form, that its organisation key signed it, and that its certificate is that key's. Whether
 * the key is the right organisation's is for people: they compare fingerprints. Throws `bad-document`, `document-type`,
 * `document-signer`, `bad-signature`, `not-canonical` or `bad-certificate`.
 */
export function parseCard(file: Uint8Array | string): Card {
  return verifyCard(parseDocument(typeof file === 'string' ? utf8(file) : file));
}

/** {@link parseCard} for a card that came inside another message. */
export function verifyCard(doc: unknown): Card {
  const claimed = checkedCard(unverifiedPayload(doc));
  verifyDocument(typ, doc, [fromBase64url(claimed.organisationKey)]);
  return claimed;
}

function checkedCard(value: unknown): Card {
  const card = checked(cardSchema, value, 'bad-document', 'card');
  if (new Set(keyNames.map((name) => card[name])).size < keyNames.length) {
    throw fault('bad-document', 'the four keys of a card must differ', { culprit: card.id });
  }
  if (!equalBytes(organisationKeyOf(fromBase64url(card.certificate)), fromBase64url(card.organisationKey))) {
    throw fault('bad-certificate', "the card's certificate is not about its organisation key", { culprit: card.id });
  }
  return card;
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, port } = new URL(text);
  return protocol === 'https:' && text === `https://${hostname}:${port || '443'}`;
}
