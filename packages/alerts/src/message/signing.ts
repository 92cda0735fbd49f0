import type { Card } from '@symbolon/agreement';
import {
  documentBytes,
  fault,
  fromBase64url,
  parseDocument,
  type SigningKey,
  signDocument,
  verifyDocument,
} from '@symbolon/crypto';

import type { AlertMessage } from './message.ts';
import { readBundle } from './read.ts';
import { writeBundle } from './write.ts';

const typ = 'symbolon-alert';

/** The largest signed message, in bytes. */
export const maxDocumentBytes = 32_768;

/** A message as its sender signs it: the bytes of a signed document. Its payload has the Bundle as text: FHIR's decimals have no canonical form. */
export function signMessage(message: AlertMessage, key: SigningKey): Uint8Array {
  return documentBytes(signDocument(typ, { bundle: writeBundle(message) }, key));
}

/**
 * The message of a signed document, after checking that the organisation with this card signed it as its own.
 * Throws `bad-document`, `bad-signature`, `document-type`, `document-signer`, `not-canonical`.
 */
export function openMessage(document: Uint8Array, card: Card): AlertMessage {
  if (document.length > maxDocumentBytes) {
    throw fault('bad-document', `an alert message has at most ${maxDocumentBytes} bytes`);
  }
  const payload = verifyDocument(typ, parseDocument(document), [fromBase64url(card.signingKey)]);
  const { bundle, ...more } = (payload ?? {}) as { bundle?: unknown };
  if (typeof bundle !== 'string' || Object.keys(more).length > 0) {
    throw fault('bad-document', 'the payload of an alert message has exactly a bundle');
  }
  const message = readBundle(bundle);
  if (message.from !== card.id) {
    throw fault('document-signer', `${card.id} signed an alert message as ${message.from}`, { culprit: card.id });
  }
  return message;
}
