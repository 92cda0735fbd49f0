import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { concat, fault, fromBase64url } from '@symbolon/crypto';

/** A public key of a card: RSA of 2048 to 4096 bits, or on one of the curves that cards have. */
export type CardKey =
  | {
      readonly kind: 'rsa';
      readonly key: KeyObject;
      readonly modulus: bigint;
      readonly exponent: bigint;
      readonly bytes: number;
    }
  | { readonly kind: 'ec'; readonly key: KeyObject; readonly curve: 'P-256' | 'P-384'; readonly point: Uint8Array };

/**
 * A smartcard that is open: what its private keys do, and nothing else. One key may serve for both, or two, as on PIV cards (9A signs, 9D opens).
 * Runs at: the physician's client.
 */
export interface Card {
  readonly signing: CardKey;
  readonly sealing: CardKey;
  /** RSASSA-PKCS1-v1_5 with SHA-256; ECDSA, r ‖ s, with SHA-256 on P-256 and SHA-384 on P-384. */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /**
   * RSA: what RSAES-OAEP with SHA-256 and no label has sealed (a card that only computes c^d mod n leaves the rest to {@link oaepUnpad}). Else
   * ECDH: the x coordinate of the private key times this uncompressed point. Rejects where the card refuses.
   */
  open(input: Uint8Array): Promise<Uint8Array>;
}

/** The key that a certificate (DER) is about. Throws `card-key` for a kind of key that this protocol cannot use. */
export function certifiedKey(certificate: Uint8Array): CardKey {
  let key: KeyObject;
  try {
    key = new X509Certificate(certificate).publicKey;
  } catch {
    throw fault('card-key', 'not an X.509 certificate');
  }
  return cardKey(key);
}

/** Throws `card-key`. @param key a public key, as node has it, or SubjectPublicKeyInfo in DER */
export function cardKey(key: KeyObject | Uint8Array): CardKey {
  const object = key instanceof Uint8Array ? parse(key) : key;
  const jwk = object.export({ format: 'jwk' });
  if (jwk.kty === 'RSA') return rsaKey(object, jwk.n!, jwk.e!);
  if (jwk.kty === 'EC' && (jwk.crv === 'P-256' || jwk.crv === 'P-384')) {
    const point = concat(Uint8Array.of(4), fromBase64url(jwk.x!), fromBase64url(jwk.y!));
    return { kind: 'ec', key: object, curve: jwk.crv, point };
  }
  throw fault('card-key', `a card with a key of the kind ${jwk.crv ?? jwk.kty} cannot be used`);
}

function parse(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    throw fault('card-key', 'not a public key');
  }
}

function rsaKey(key: KeyObject, n: string, e: string): CardKey {
  const modulus = toBigInt(fromBase64url(n));
  const exponent = toBigInt(fromBase64url(e));
  const bits = modulus.toString(2).length;
  if (bits < 2048 || bits > 4096) throw fault('card-key', `an RSA key of ${bits} bits; 2048 to 4096 are asked for`);
  if (exponent < 65537n || exponent % 2n === 0n) throw fault('card-key', 'an RSA key whose exponent is below 65537');
  return { kind: 'rsa', key, modulus, exponent, bytes: Math.ceil(bits / 8) };
}

const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);

/** Whether a card with this key signed `message`. Malformed signatures are just wrong. */
export function cardSigned(card: CardKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (card.kind === 'rsa') return verify('sha256', message, card.key, signature);
  const [hash, bytes] = card.curve === 'P-256' ? ['sha256', 64] : ['sha384', 96];
  return signature.length === bytes && verify(hash, message, card.key, ecdsaDer(signature));
}

/** r ‖ s as OpenSSL has it (RFC 3279 §2.2.3): node takes a key with an option about encodings, but half as long again for it. */
function ecdsaDer(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const integers = [signature.subarray(0, half), signature.subarray(half)].map((number) => {
    const first = number.findIndex((byte) => byte !== 0);
    const digits = first === -1 ? number.subarray(-1) : number.subarray(first);
    const content = digits[0]! < 0x80 ? digits : concat(Uint8Array.of(0), digits);
    return concat(Uint8Array.of(2, content.length), content);
  });
  const content = concat(...integers);
  return concat(Uint8Array.of(0x30, content.length), content);
}
