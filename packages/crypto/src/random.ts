import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/** A source of random bytes: returns a fresh array of the length asked for. */
export type Rng = (bytes: number) => Uint8Array;

/** The operating system's generator. This file is the only one of the project that names it. */
export const systemRng: Rng = (bytes) => new Uint8Array(randomBytes(bytes));

/**
 * A repeatable generator for tests: AES-128-CTR under a key made from `seed`. The stream does not depend on how it is cut.
 * Anyone who knows the seed knows every byte; never use it for a real key.
 */
export function insecureTestRng(seed: string | number): Rng {
  const digest = createHash('sha256').update(`symbolon insecure test rng ${seed}`).digest();
  const cipher = createCipheriv('aes-128-ctr', digest.subarray(0, 16), digest.subarray(16));
  return (bytes) => new Uint8Array(cipher.update(new Uint8Array(bytes)));
}
