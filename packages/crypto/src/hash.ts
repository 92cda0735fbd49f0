import { createHash, createSecretKey, type Hash, hkdfSync } from 'node:crypto';
import { u64, utf8 } from './bytes.ts';

/** SHA-256 of the plain concatenation of `parts`, 32 bytes. Where parts vary in length, use {@link hashLabelled}. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/**
 * SHA-256 over `label` and `parts`, each preceded by its length (u64, little-endian), 32 bytes. Two calls hash the same
 * bytes only if label, number of parts and every part are equal; the label separates the purposes.
 */
export function hashLabelled(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of [utf8(label), ...parts]) absorb(hash, part);
  return new Uint8Array(hash.digest());
}

/**
 * HKDF-SHA-256 (RFC 5869), extract and expand.
 * @param length bytes wanted, at most 8160
 */
export function hkdf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', createSecretKey(secret), salt, info, length));
}

/** {@link hashLabelled} step by step, for frames as they arrive: `digest()` after add(a), add(b) is hashLabelled(label, a, b). */
export class TranscriptHash {
  readonly #hash: Hash = createHash('sha256');

  constructor(label: string) {
    absorb(this.#hash, utf8(label));
  }

  /** Appends one frame. */
  add(part: Uint8Array): this {
    absorb(this.#hash, part);
    return this;
  }

  /** The hash of all frames so far, 32 bytes; more can be added afterwards. */
  digest(): Uint8Array {
    return new Uint8Array(this.#hash.copy().digest());
  }
}

function absorb(hash: Hash, part: Uint8Array): void {
  hash.update(u64(part.length)).update(part);
}
