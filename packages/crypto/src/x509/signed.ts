import { constants, createPublicKey, type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto';
import { equalBytes } from '../bytes.ts';
import { bitString, DerReader, malformed, objectIdentifier, readDer, tags } from './der.ts';

/** What certificates and revocation lists have in common: something to be signed, and a signature (RFC 5280 §4.1.1, §5.1.1). */
export interface Signed {
  /** The bytes that are signed. */
  readonly body: Uint8Array;
  /** AlgorithmIdentifier, DER. */
  readonly algorithm: Uint8Array;
  readonly signature: Uint8Array;
}

/** Reads the outer shell. Throws `bad-certificate`. */
export function readSigned(der: Uint8Array): Signed {
  const outer = new DerReader(readDer(der, tags.sequence));
  const body = outer.take(tags.sequence).whole;
  const algorithm = outer.take(tags.sequence).whole;
  const { octets: signature, unused } = bitString(outer.take(tags.bits).content);
  outer.end();
  if (unused > 0) throw malformed();
  return { body, algorithm, signature };
}

/** RFC 5280 §4.1.1.2: the algorithm inside the signed part is the one outside. */
export function requireSameAlgorithm({ algorithm }: Signed, inside: Uint8Array): void {
  if (!equalBytes(algorithm, inside)) throw malformed();
}

/** The key of a SubjectPublicKeyInfo. */
export function publicKeyOf(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    throw malformed();
  }
}

const hashes: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const rsaPss = '1.2.840.113549.1.1.10';
// RFC 4055 §5, RFC 5758 §3.2, RFC 8410 §3. Older hashes (MD5, SHA-1) sign nothing here.
const algorithms: Readonly<Record<string, { readonly key: string; readonly hash: string | null }>> = {
  '1.2.840.113549.1.1.11': { key: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', hash: 'sha512' },
  '1.3.101.112': { key: 'ed25519', hash: null },
};
const leastRsaBits = 2048;

/** Whether this key signed it, by RSA of at least 2048 bits, ECDSA or Ed25519, with SHA-2. */
export function isSignedBy({ body, algorithm, signature }: Signed, key: KeyObject): boolean {
  const kind = key.asymmetricKeyType;
  if ((key.asymmetricKeyDetails?.modulusLength ?? leastRsaBits) < leastRsaBits) return false;
  const parts = new DerReader(readDer(algorithm, tags.sequence));
  const name = objectIdentifier(parts.take(tags.oid).content);
  if (name === rsaPss) {
    const hash = pssHash(parts);
    if (hash === undefined || (kind !== 'rsa' && kind !== 'rsa-pss')) return false;
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return verifies(hash, body, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, signature);
  }
  const known = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
  return known !== undefined && known.key === kind && verifies(known.hash, body, key, signature);
}

/** OpenSSL throws where a key may not be used like this, as its own parameters say. */
function verifies(
  hash: string | null,
  body: Uint8Array,
  key: KeyObject | VerifyKeyObjectInput,
  signature: Uint8Array,
): boolean {
  try {
    return verify(hash, body, key, signature);
  } catch {
    return false;
  }
}

/** RFC 4055 §3.1: the hash of RSASSA-PSS parameters, where it and that of MGF1 are the same of SHA-2. The default is SHA-1. */
function pssHash(parts: DerReader): string | undefined {
  const parameters = parts.optional(tags.sequence);
  if (parameters === undefined) return undefined;
  const fields = new DerReader(parameters.content);
  const hash = fields.optional(tags.context(0));
  const mask = fields.optional(tags.context(1));
  if (hash === undefined || mask === undefined) return undefined;
  const mgf1 = new DerReader(readDer(mask.content, tags.sequence));
  mgf1.take(tags.oid);
  const [one, other] = [hash.content, mgf1.take(tags.sequence).whole].map(hashName);
  return one === other ? one : undefined;
}

function hashName(algorithm: Uint8Array): string | undefined {
  const name = objectIdentifier(new DerReader(readDer(algorithm, tags.sequence)).take(tags.oid).content);
  return Object.hasOwn(hashes, name) ? hashes[name] : undefined;
}
