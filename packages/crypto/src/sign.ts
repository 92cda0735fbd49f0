import { createPrivateKey, createPublicKey, type KeyObject, sign, verify as verifySignature } from 'node:crypto';
import { base64url, concat, fromHex, hex } from './bytes.ts';
import { fault } from './errors.ts';
import { hashLabelled } from './hash.ts';
import type { Rng } from './random.ts';
import { rawPublicKeyObject } from './spki.ts';

// RFC 8410 §7 and §4: what stands before the 32 bytes of an Ed25519 private or public key in PKCS #8 and SPKI.
const pkcs8Prefix = fromHex('302e020100300506032b657004220420');
const spkiPrefix = fromHex('302a300506032b6570032100');

// The y of the points whose order divides 8, sign bit cleared, and their non-canonical spellings. Under such a "key" one
// signature fits many messages (Brendel et al., "The Provable Security of Ed25519", 2021), so a signature would bind nobody.
// OpenSSL 3.5 refuses such signatures; we refuse the keys, so that none gets into a card or an agreement.
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** An Ed25519 key pair (RFC 8032). Printing one shows the public half only. */
export class SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** See {@link keyId}. */
  readonly keyId: string;
  readonly #key: KeyObject;

  /** Use {@link generateSigningKey} or {@link importSigningKey}. */
  constructor(key: KeyObject) {
    this.#key = key;
    this.publicKey = rawPublicKey(createPublicKey(key));
    this.keyId = keyId(this.publicKey);
  }

  /** Signature of `bytes`, 64 bytes, deterministic. */
  sign(bytes: Uint8Array): Uint8Array {
    return new Uint8Array(sign(null, bytes, this.#key));
  }

  /** The private key as PKCS #8 PEM, for the organisation's key file only. */
  export(): string {
    return this.#key.export({ format: 'pem', type: 'pkcs8' }).toString();
  }
}

/** A fresh key pair from 32 bytes of `rng`. */
export function generateSigningKey(rng: Rng): SigningKey {
  const der = concat(pkcs8Prefix, rng(32));
  const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
  der.fill(0);
  return new SigningKey(key);
}

/** Reads what {@link SigningKey.export} wrote; anything else throws `bad-key`, without quoting it. */
export function importSigningKey(pem: string): SigningKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw fault('bad-key', 'not a private key in PKCS #8 PEM');
  }
  if (key.asymmetricKeyType !== 'ed25519') throw fault('bad-key', 'a private key, but not an Ed25519 one');
  return new SigningKey(key);
}

/** Whether `signature` (64 bytes) is `publicKey`'s (32 bytes) over `bytes`. Malformed and small-order keys verify nothing. */
export function verify(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || !isPublicKey(publicKey)) return false;
  return verifySignature(null, bytes, keyObject(publicKey), signature);
}

/** Whether these bytes can serve as an Ed25519 public key: 32 of them, and not a point of small order. */
export function isPublicKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32) return false;
  const y = publicKey.slice();
  y[31]! &= 0x7f;
  return !smallOrder.has(hex(y));
}

/** Names a public key: base64url of 16 bytes of hashLabelled('symbolon key', publicKey). */
export function keyId(publicKey: Uint8Array): string {
  return base64url(hashLabelled('symbolon key', publicKey).subarray(0, 16));
}

/** The public key as node's object, for TLS and X.509. */
export function keyObject(publicKey: Uint8Array): KeyObject {
  return rawPublicKeyObject(spkiPrefix, publicKey);
}

/** The 32 bytes of an Ed25519 public key object. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length));
}
