import { createHmac } from 'node:crypto';
import { concat, equalBytes, type Rng, readU64, u64, utf8 } from '@symbolon/crypto';

const nonceBytes = 16;
const challengeBytes = nonceBytes + 8 + 32;
/** How long a person has to answer. */
const minutes = 10;

/**
 * Challenges that are answered once, by a passkey or over an identity provider. One proves by its own MAC that it was made here, for what,
 * and until when it holds, so nothing is kept of those that nobody answers: who asks for many fills no memory.
 */
export class Challenges {
  readonly #key: Uint8Array;
  readonly #rng: Rng;
  readonly #now: () => Date;
  /** Those that were answered, until they have expired. */
  readonly #spent = new Map<string, number>();

  constructor(rng: Rng, now: () => Date) {
    this.#key = rng(32);
    this.#rng = rng;
    this.#now = now;
  }

  /** A fresh challenge, 56 bytes. @param purpose what it is for, and whose it is if it is somebody's */
  make(purpose: string): Uint8Array {
    const body = concat(this.#rng(nonceBytes), u64(this.#now().getTime() + minutes * 60_000));
    return concat(body, this.#mac(purpose, body));
  }

  /** Whether a challenge was made here for this purpose, still holds, and was not answered before. */
  holds(purpose: string, challenge: Uint8Array): boolean {
    if (challenge.length !== challengeBytes) return false;
    const [body, mac] = [challenge.subarray(0, nonceBytes + 8), challenge.subarray(nonceBytes + 8)];
    if (!equalBytes(mac, this.#mac(purpose, body))) return false;
    return expiryOf(challenge) > this.#now().getTime() && !this.#spent.has(keyOf(challenge));
  }

  /** Takes a challenge that holds, for an answer that was found good; false if another answer was first. */
  spend(challenge: Uint8Array): boolean {
    const key = keyOf(challenge);
    if (this.#spent.has(key)) return false;
    const now = this.#now().getTime();
    for (const [old, expiry] of this.#spent) if (expiry <= now) this.#spent.delete(old);
    this.#spent.set(key, expiryOf(challenge));
    return true;
  }

  #mac(purpose: string, body: Uint8Array): Uint8Array {
    return createHmac('sha256', this.#key).update(u64(body.length)).update(body).update(utf8(purpose)).digest();
  }
}

function expiryOf(challenge: Uint8Array): number {
  return Number(readU64(challenge, nonceBytes));
}

function keyOf(challenge: Uint8Array): string {
  return Buffer.from(challenge).toString('base64url');
}
