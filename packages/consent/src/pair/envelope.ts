import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concat, fault, hashLabelled, type Rng, utf8 } from '@symbolon/crypto';

/** Bytes of an envelope: the same for every card, so that the central server cannot tell kinds and sizes of keys. */
export const envelopeBytes = 2048;

const nonceBytes = 12;
const tagBytes = 16;
const lengthBytes = 2;
/** Bytes that an envelope holds, at most: enough for RSA of 4096 bits. */
export const envelopeSpace = envelopeBytes - nonceBytes - tagBytes - lengthBytes;

/** Which registry something belongs to: what was made for one means nothing in another. */
export interface Registry {
  readonly server: string;
  readonly module: string;
}

/**
 * Puts a text that is sealed to a card into an envelope under the patient's key W (AES-256-GCM), which the module gives to the client: the central
 * server never sees a ciphertext of a card, and the client asks the card to open nothing that the module's W does not vouch for.
 * Runs at: the client; of decoys, the module. @param key W, 32 bytes
 */
export function wrap(key: Uint8Array, text: Uint8Array, registry: Registry, rng: Rng): Uint8Array {
  if (text.length > envelopeSpace) throw new RangeError(`a text of ${text.length} bytes for an envelope`);
  const nonce = rng(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound(registry));
  const length = Uint8Array.of(text.length >> 8, text.length & 0xff);
  const padding = new Uint8Array(envelopeSpace - text.length);
  return concat(nonce, cipher.update(concat(length, text, padding)), cipher.final(), cipher.getAuthTag());
}

/** Takes it out again. Throws `sealed-text`. Runs at: the client. */
export function unwrap(key: Uint8Array, envelope: Uint8Array, registry: Registry): Uint8Array {
  if (envelope.length !== envelopeBytes) throw notSealed();
  const decipher = createDecipheriv('aes-256-gcm', key, envelope.subarray(0, nonceBytes))
    .setAAD(bound(registry))
    .setAuthTag(envelope.subarray(-tagBytes));
  let opened: Uint8Array;
  try {
    opened = concat(decipher.update(envelope.subarray(nonceBytes, -tagBytes)), decipher.final());
  } catch {
    throw notSealed();
  }
  const length = opened[0]! * 256 + opened[1]!;
  if (length > envelopeSpace) throw notSealed();
  return opened.slice(lengthBytes, lengthBytes + length);
}

function bound({ server, module }: Registry): Uint8Array {
  return hashLabelled('symbolon consent envelope', utf8(server), utf8(module));
}

const notSealed = () => fault('sealed-text', 'the envelope was not made for this patient in this registry');
