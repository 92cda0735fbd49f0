import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
} from 'node:crypto';
import { concat, fromBase64url, fromHex, utf8 } from './bytes.ts';
import { fault } from './errors.ts';
import type { Rng } from './random.ts';
import { rawPublicKeyObject } from './spki.ts';

// RFC 9180 (HPKE), base mode, single shot, with HKDF-SHA256 and AES-256-GCM. It stands here and not behind a library because the private
// key may be in a smartcard: then all that the card does is one Diffie–Hellman, which is an argument.

/** How keys are encapsulated (RFC 9180 §7.1): over Curve25519, or over the curves that smartcards have. */
export type Kem = keyof typeof kems;

const kems = {
  X25519: { id: 0x0020, hash: 'sha256', secret: 32, key: 32, dh: 32, curve: undefined },
  'P-256': { id: 0x0010, hash: 'sha256', secret: 32, key: 65, dh: 32, curve: 'prime256v1' },
  'P-384': { id: 0x0011, hash: 'sha384', secret: 48, key: 97, dh: 48, curve: 'secp384r1' },
} as const;

/** Bytes of a sealed text beyond those of the plain one: the encapsulated key and the tag. */
export function hpkeOverhead(kem: Kem): number {
  return kems[kem].key + tagBytes;
}

/** What both ends know; the text opens only where both give the same. */
export interface HpkeContext {
  /** What it is for. */
  readonly info: Uint8Array;
  /** What it belongs to. */
  readonly aad: Uint8Array;
}

/** Whoever can open: the public key, and the Diffie–Hellman of its private key with a public one (X25519: 32 bytes; else the x coordinate). */
export interface HpkeRecipient {
  readonly kem: Kem;
  /** X25519: 32 bytes; else the uncompressed point. */
  readonly publicKey: Uint8Array;
  readonly dh: (publicKey: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** A recipient whose private key is in this process. */
export interface SoftwareKey extends HpkeRecipient {
  readonly dh: (publicKey: Uint8Array) => Uint8Array;
}

const tagBytes = 16;
const keyBytes = 32;
const nonceBytes = 12;
const none = new Uint8Array();

/**
 * Seals `plaintext` to a public key: encapsulated key ‖ ciphertext ‖ tag. RFC 9180 §6.1.
 * Throws `bad-key` where `publicKey` is not one.
 */
export function hpkeSeal(
  { kem, publicKey }: Pick<HpkeRecipient, 'kem' | 'publicKey'>,
  plaintext: Uint8Array,
  { info, aad }: HpkeContext,
  rng: Rng,
): Uint8Array {
  const own = ephemeralKey(kem, rng);
  const shared = sharedSecret(kem, own.dh(publicKey), own.publicKey, publicKey);
  const { key, nonce } = keySchedule(kem, shared, info);
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce).setAAD(aad);
  const sealed = concat(own.publicKey, cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
  for (const secret of [shared, key]) secret.fill(0);
  return sealed;
}

/** Opens what {@link hpkeSeal} made. Throws `sealed-text` where it was not made for this recipient and context. */
export async function hpkeOpen(
  recipient: HpkeRecipient,
  sealed: Uint8Array,
  { info, aad }: HpkeContext,
): Promise<Uint8Array> {
  const { kem, publicKey } = recipient;
  const { key: length } = kems[kem];
  if (sealed.length < length + tagBytes) throw notSealed();
  const encapsulated = sealed.subarray(0, length);
  let dh: Uint8Array;
  try {
    dh = await recipient.dh(encapsulated);
  } catch {
    throw notSealed();
  }
  if (dh.length !== kems[kem].dh) throw fault('bad-key', 'a Diffie–Hellman of the wrong length');
  const shared = sharedSecret(kem, dh, encapsulated, publicKey);
  const { key, nonce } = keySchedule(kem, shared, info);
  try {
    const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), nonce)
      .setAAD(aad)
      .setAuthTag(sealed.subarray(-tagBytes));
    return concat(decipher.update(sealed.subarray(length, -tagBytes)), decipher.final());
  } catch {
    throw notSealed();
  } finally {
    for (const secret of [shared, key]) secret.fill(0);
  }
}

const notSealed = () => fault('sealed-text', 'it was sealed for another key, or for something else, or was changed');

/** A key pair that computes here: for servers, and the sender's ephemeral one. @param secret 32 bytes (X25519) or a scalar below the order */
export function softwareKey(kem: Kem, secret: Uint8Array): SoftwareKey {
  const { curve } = kems[kem];
  return curve === undefined ? x25519Key(secret) : curveKey(kem, curve, secret);
}

/** A fresh key pair from `rng`. */
export function ephemeralKey(kem: Kem, rng: Rng): SoftwareKey {
  const { curve, dh } = kems[kem];
  if (curve === undefined) return softwareKey(kem, rng(32));
  // A scalar is uniform below the order if larger ones are thrown away (FIPS 186-5 A.4.2); for these curves that happens once in 2^32 times at most.
  for (;;) {
    const secret = rng(dh);
    try {
      return softwareKey(kem, secret);
    } catch {}
  }
}

// RFC 8410: what stands before the 32 bytes of an X25519 key in PKCS #8 and SPKI.
const pkcs8Prefix = fromHex('302e020100300506032b656e04220420');
const spkiPrefix = fromHex('302a300506032b656e032100');

function x25519Key(secret: Uint8Array): SoftwareKey {
  const der = concat(pkcs8Prefix, secret);
  const privateKey = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
  der.fill(0);
  // Of all formats, node writes this one without OpenSSL's encoders, in a tenth of the time.
  const publicKey = fromBase64url(createPublicKey(privateKey).export({ format: 'jwk' }).x!);
  return { kem: 'X25519', publicKey, dh };

  function dh(other: Uint8Array): Uint8Array {
    if (other.length !== 32) throw fault('bad-key', 'an X25519 key has 32 bytes');
    const publicKey = rawPublicKeyObject(spkiPrefix, other);
    try {
      // RFC 7748 §6.1: an all-zero result, of a point of small order, is refused by OpenSSL.
      return new Uint8Array(diffieHellman({ privateKey, publicKey }));
    } catch {
      throw fault('bad-key', 'an X25519 key of small order');
    }
  }
}

function curveKey(kem: Kem, curve: string, secret: Uint8Array): SoftwareKey {
  const key = createECDH(curve);
  key.setPrivateKey(secret);
  return { kem, publicKey: new Uint8Array(key.getPublicKey()), dh };

  function dh(other: Uint8Array): Uint8Array {
    if (other.length !== kems[kem].key || other[0] !== 4) throw fault('bad-key', 'not an uncompressed point');
    try {
      return new Uint8Array(key.computeSecret(other));
    } catch {
      throw fault('bad-key', 'not a point of the curve');
    }
  }
}

/** RFC 9180 §4.1, ExtractAndExpand of DHKEM. */
function sharedSecret(kem: Kem, dh: Uint8Array, encapsulated: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const { id, hash, secret } = kems[kem];
  const suite = concat(utf8('KEM'), u16(id));
  const prk = extract(hash, suite, none, 'eae_prk', dh);
  return expand(hash, suite, prk, 'shared_secret', concat(encapsulated, publicKey), secret);
}

/** RFC 9180 §5.1, KeySchedule with mode_base. */
function keySchedule(kem: Kem, shared: Uint8Array, info: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  // HKDF-SHA256 is 1, AES-256-GCM is 2.
  const suite = concat(utf8('HPKE'), u16(kems[kem].id), u16(1), u16(2));
  const context = concat(
    Uint8Array.of(0),
    extract('sha256', suite, none, 'psk_id_hash', none),
    extract('sha256', suite, none, 'info_hash', info),
  );
  const secret = extract('sha256', suite, shared, 'secret', none);
  return {
    key: expand('sha256', suite, secret, 'key', context, keyBytes),
    nonce: expand('sha256', suite, secret, 'base_nonce', context, nonceBytes),
  };
}

// RFC 9180 §4, LabeledExtract and LabeledExpand; no output here is longer than the hash, so one block of RFC 5869 §2.3 is all.
function extract(hash: string, suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  return mac(hash, salt, concat(utf8('HPKE-v1'), suite, utf8(label), ikm));
}

function expand(hash: string, suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number) {
  const labelled = concat(u16(length), utf8('HPKE-v1'), suite, utf8(label), info, Uint8Array.of(1));
  return mac(hash, prk, labelled).subarray(0, length);
}

function mac(hash: string, key: Uint8Array, message: Uint8Array): Uint8Array {
  // As a KeyObject: finding out that bytes are none takes node longer than the HMAC.
  return new Uint8Array(createHmac(hash, createSecretKey(key)).update(message).digest());
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
