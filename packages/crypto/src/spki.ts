import { createPublicKey, type KeyObject } from 'node:crypto';
import { base64, concat } from './bytes.ts';

/**
 * An Ed25519 or X25519 public key (32 bytes) as node's object. As text: that bytes, or an object with a format, are no key object node finds out by catching an
 * error, and then has OpenSSL try its decoders, which together takes three times as long.
 */
export function rawPublicKeyObject(spkiPrefix: Uint8Array, publicKey: Uint8Array): KeyObject {
  return createPublicKey(
    `-----BEGIN PUBLIC KEY-----\n${base64(concat(spkiPrefix, publicKey))}\n-----END PUBLIC KEY-----`,
  );
}
