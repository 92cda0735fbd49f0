import { base64url, fault, type Rng } from '@symbolon/crypto';

/** Above the least that OWASP's Password Storage Cheat Sheet asks of argon2id (this package's default): 19 MiB, two passes, one lane. */
export const argonCost = { memoryCost: 32_768, timeCost: 2, parallelism: 1, outputLen: 32 } as const;

/** Hashes computed at once; each holds its memory. */
const atOnce = 2;
/** Others wait; more than these are refused, as they would wait for seconds. */
const mostWaiting = 32;

/**
 * Hashes and verifies passwords, a few at a time: however many log in, memory and processors stay bounded. Nothing here says which
 * passwords are good: see `requireGoodPassword`.
 */
export class Passwords {
  readonly #rng: Rng;
  readonly #waiting: (() => void)[] = [];
  #nobody: Promise<string> | undefined;
  #running = 0;

  /** @param rng salts hashes */
  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** The hash to keep, in PHC format. Throws `too-many-requests` if too many wait. */
  hash(password: string): Promise<string> {
    return this.#inTurn(async () => (await argon2()).hash(normal(password), { ...argonCost, salt: this.#rng(16) }));
  }

  /**
   * Whether a password is the one of a hash. Where there is no hash (no such user, none set) it computes one all the same and says no, so
   * that the time does not tell. Throws `too-many-requests` if too many wait.
   */
  async verify(kept: string | null, password: string): Promise<boolean> {
    // Made at the first login, whoever that is.
    this.#nobody ??= this.hash(base64url(this.#rng(32)));
    const nobody = await this.#nobody.catch((error: unknown) => {
      this.#nobody = undefined;
      throw error;
    });
    const same = await this.#inTurn(async () => (await argon2()).verify(kept ?? nobody, normal(password)));
    return kept !== null && same;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= atOnce) {
      if (this.#waiting.length >= mostWaiting) {
        throw fault('too-many-requests', 'too many people are logging in at this moment', {
          hint: 'Try again in some seconds.',
        });
      }
      await new Promise<void>((go) => this.#waiting.push(go));
    } else {
      this.#running++;
    }
    try {
      return await work();
    } finally {
      // Whoever is next takes over this place.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** Native code, which commands that only import this package need not load. */
function argon2() {
  return import('@node-rs/argon2');
}

/** The same password typed on two keyboards is the same bytes (RFC 8265 §4.2.2). */
function normal(password: string): string {
  return password.normalize('NFC');
}
