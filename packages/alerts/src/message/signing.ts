import type { Card } from '@symbolon/agreement';
import { fault, type SigningKey } from '@symbolon/crypto';
import type { AlertMessage } from './message.ts';

/** A message as its sender signs it: the bytes of a signed document. */
export function signMessage(_message: AlertMessage, _key: SigningKey): Uint8Array {
  throw fault('bad-document', 'messages cannot be signed yet');
}

/**
 * The message of a signed document, after checking that the organisation with this card signed it as its own.
 * Throws `bad-document`, `bad-signature`, `document-type`, `document-signer`, `not-canonical`.
 */
export function openMessage(_document: Uint8Array, _card: Card): AlertMessage {
  throw fault('bad-document', 'messages cannot be read yet');
}
