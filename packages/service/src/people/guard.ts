import { fault } from '@symbolon/crypto';
import { Backoff } from './backoff.ts';

/** Somebody who tries to log in. */
export interface Attempt {
  /** The user they say they are, if they say so. */
  readonly user: string | undefined;
  /** Hash of the device they come from, if that user has logged in from it before. */
  readonly device: string | undefined;
  /** Network address. */
  readonly address: string;
}

const mostSeconds = 15 * 60;

/**
 * Makes whoever guesses wait: for each user, and for each address, over all users. A device from which a user has logged in before is
 * counted alone, so guesses from elsewhere cannot keep the user out (OWASP, "device cookies"). What failed is forgotten when the
 * server restarts.
 */
export class LoginGuard {
  readonly #perUser: Backoff;
  readonly #perAddress: Backoff;

  constructor(now: () => Date) {
    this.#perUser = new Backoff({ free: 5, mostSeconds }, now);
    this.#perAddress = new Backoff({ free: 30, mostSeconds }, now);
  }

  /**
   * Counts an attempt that begins; returns the seconds to wait if it fails. Throws `too-many-requests` if one has to wait: the attempt does
   * not count then.
   */
  begin(attempt: Attempt): number {
    const counters = this.#counters(attempt);
    const left = Math.max(0, ...counters.map(([backoff, key]) => backoff.wait(key)));
    if (left > 0) {
      throw fault('too-many-requests', `too many logins have failed; the next may begin in ${left} seconds`, {
        hint: `Wait ${left} seconds. A passkey, or a browser from which you have logged in before, is not affected by the failures of others.`,
      });
    }
    return Math.max(0, ...counters.map(([backoff, key]) => backoff.begin(key)));
  }

  /** The attempt succeeded. What others guessed from the same address stays counted. */
  succeed(attempt: Attempt): void {
    for (const [backoff, key] of this.#counters(attempt)) {
      if (backoff === this.#perUser) backoff.forget(key);
      else backoff.undo(key);
    }
  }

  /** The attempt proved nothing, neither way. */
  cancel(attempt: Attempt): void {
    for (const [backoff, key] of this.#counters(attempt)) backoff.undo(key);
  }

  #counters({ user, device, address }: Attempt): [Backoff, string][] {
    if (device !== undefined) return [[this.#perUser, `device ${device}`]];
    const ofAddress: [Backoff, string] = [this.#perAddress, networkOf(address)];
    return user === undefined ? [ofAddress] : [ofAddress, [this.#perUser, `user ${user}`]];
  }
}

/** An address, or the network that one subscriber of IPv6 has at least: its first 64 bits. */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = (address.split('%')[0] as string).split('::');
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'));
  const [front, back] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length) }, () => '0');
  const whole = [...front, ...zeros, ...back].slice(0, 4);
  return whole.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
