import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/** A source of random bytes: returns a fresh array of the length asked for. */
export type Rng = (bytes: number) => Uint8Array;

/** The operating system's generator. This file is the only one of the project that names it. */
export const systemRng: Rng = (bytes) => new Uint8Array(randomBytes(bytes));

// A call of the cipher takes longer than so many bytes.
const aheadBytes = 4096;

/**
 * A repeatable generator for tests: AES-128-CTR under a key made from `seed`. The stream does not depend on how it is cut.
 * Anyone who knows the seed knows every byte; never use it for a real key.
 */
export function insecureTestRng(seed: string | number): Rng {
  const digest = createHash('sha256').update(`symbolon insecure test rng ${seed}`).digest();
  const cipher = createCipheriv('aes-128-ctr', digest.subarray(0, 16), digest.subarray(16));
  let ahead = new Uint8Array(0);
  return (bytes) => {
    if (bytes > ahead.length) {
      const more = cipher.update(new Uint8Array(Math.max(bytes - ahead.length, aheadBytes)));
      ahead = new Uint8Array(Buffer.concat([ahead, more]));
    }
    const taken = ahead.slice(0, bytes);
    ahead = ahead.subarray(bytes);
    return taken;
  };
}
