// What packages/ledger takes from packages/crypto, without what only servers need.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 as hash } from '@noble/hashes/sha2.js';

export {
  base64,
  base64url,
  concat,
  equalBytes,
  fromBase64,
  fromBase64url,
  fromHex,
  fromUtf8,
  hex,
  utf8,
} from '../../../../packages/crypto/src/bytes.ts';
export { fault, SymbolonError } from '../../../../packages/crypto/src/errors.ts';
export { canonicalBytes, checkCanonical, parseCanonical } from '../../../../packages/crypto/src/json.ts';

/** SHA-256 of the plain concatenation of `parts`, 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hasher = hash.create();
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}

/** Whether `signature` (64 bytes) is `publicKey`'s (32 bytes) over `bytes`: RFC 8032, and no key of small order. */
export function verify(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  return ed25519.verify(signature, bytes, publicKey, { zip215: false });
}
