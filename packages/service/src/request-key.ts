import { createHmac } from 'node:crypto';
import { hashLabelled, hkdf, type Rng, utf8 } from '@symbolon/crypto';
import { type Home, homePaths } from './home.ts';
import { readHomeSecret } from './home-secret.ts';

/**
 * Tells equal requests from others without saying what was asked: HMAC-SHA-256 under a key of this folder, so that who has the database alone cannot
 * try identifiers of patients against it.
 */
export class RequestKey {
  readonly #key: Uint8Array;

  /** @param secret 32 bytes of this organisation */
  constructor(secret: Uint8Array) {
    this.#key = hkdf(secret, new Uint8Array(0), utf8('symbolon requests with idempotency keys'), 32);
  }

  /** 32 bytes in base64url. */
  mark(words: readonly string[]): string {
    return createHmac('sha256', this.#key)
      .update(hashLabelled('symbolon/api/request/1', ...words.map(utf8)))
      .digest('base64url');
  }
}

/**
 * Reads the key, and makes it where there is none: a file of its own, as what it marks is forgotten after a day, and lists of people must never get a
 * new key unnoticed. Throws `config-invalid` naming the file.
 */
export function readRequestKey(home: Pick<Home, 'path'>, rng: Rng): RequestKey {
  return new RequestKey(readHomeSecret(homePaths(home.path).requestKey, rng, true));
}
