import {
  constants,
  createECDH,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  sign,
} from 'node:crypto';
import { type Card, cardKey, oaepUnpad } from '@symbolon/consent';
import { fromBase64url } from '@symbolon/crypto';

/** Kinds of keys that cards have. */
export const cardKinds = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'P-256', 'P-384'] as const;
export type CardKind = (typeof cardKinds)[number];

/** A fresh private key, of the system's randomness. */
export function cardPrivateKey(kind: CardKind): KeyObject {
  if (kind === 'P-256' || kind === 'P-384') return generateKeyPairSync('ec', { namedCurve: kind }).privateKey;
  return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) }).privateKey;
}

/** A card in software: what a smartcard does with its keys. @param raw whether an RSA card only computes c^d mod n, as many do */
export function softwareCard(privateKey: KeyObject, { raw = false } = {}): Card {
  const key = cardKey(createPublicKey(privateKey));
  const hash = key.kind === 'ec' && key.curve === 'P-384' ? 'sha384' : 'sha256';
  return {
    signing: key,
    sealing: key,
    sign: async (message) => new Uint8Array(sign(hash, message, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
    open: async (input) => (key.kind === 'rsa' ? decrypted(privateKey, input, raw) : agreed(privateKey, input)),
  };
}

function decrypted(key: KeyObject, input: Uint8Array, raw: boolean): Uint8Array {
  if (raw) return oaepUnpad(new Uint8Array(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, input)));
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return new Uint8Array(privateDecrypt({ key, padding, oaepHash: 'sha256' }, input));
}

function agreed(key: KeyObject, point: Uint8Array): Uint8Array {
  const { crv, d } = key.export({ format: 'jwk' });
  const ecdh = createECDH(crv === 'P-256' ? 'prime256v1' : 'secp384r1');
  ecdh.setPrivateKey(fromBase64url(d!));
  return new Uint8Array(ecdh.computeSecret(point));
}
