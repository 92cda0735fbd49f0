import { timingSafeEqual } from 'node:crypto';
import { base64url, hashLabelled, type Rng, utf8 } from '@symbolon/crypto';

/** A secret that proves who shows it: 256 random bits, 43 characters. */
export function newToken(rng: Rng): string {
  return base64url(rng(32));
}

/** What is kept of a token. It has 256 random bits, so its hash needs neither salt nor time. */
export function tokenHash(purpose: 'session' | 'setup' | 'device', token: string): string {
  return base64url(hashLabelled(`symbolon ${purpose} token`, utf8(token)));
}

/**
 * What a page shows beside its session's cookie: another site's page makes the browser send the cookie, and cannot know this. It follows
 * from the session's token, so it ends with it.
 */
export function csrfToken(sessionToken: string): string {
  return base64url(hashLabelled('symbolon csrf token', utf8(sessionToken)));
}

/** Whether two texts are equal; how long it takes does not tell where they differ. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
