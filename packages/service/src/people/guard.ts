import { fault } from '@symbolon/crypto';
import { Backoff } from './backoff.ts';
import type { LoginMethod } from './sessions.ts';

/** Somebody who tries to log in. */
export interface Attempt {
  /** By which way: those who guess passwords do not keep others from their passkeys. */
  readonly method: LoginMethod | 'setup-code';
  /** The user they say they are, if there is one. */
  readonly user?: string | undefined;
  /** Whom they say they are, if there is nobody of that name. */
  readonly stranger?: string | undefined;
  /** What nobody else can show, such as the device from which this user has logged in before: it is counted alone. */
  readonly device?: string | undefined;
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
  /** Apart: however many names are made up, no user's failures are forgotten for them. */
  readonly #perStranger: Backoff;
  readonly #perAddress: Backoff;

  constructor(now: () => Date) {
    this.#perUser = new Backoff({ free: 5, mostSeconds }, now);
    this.#perStranger = new Backoff({ free: 5, mostSeconds }, now);
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
      throw fault('too-many-requests', `too many logins have failed; the next may begin in ${left} s`, {
        hint: `Wait ${left} s. A passkey, or a browser from which you have logged in before, is not affected by the failures of others.`,
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

  #counters({ method, user, stranger, device, address }: Attempt): [Backoff, string][] {
    if (device !== undefined) return [[this.#perUser, `device ${device}`]];
    const ofAddress: [Backoff, string] = [this.#perAddress, `${method} from ${networkOf(address)}`];
    if (user !== undefined) return [ofAddress, [this.#perUser, `user ${user}`]];
    return stranger === undefined ? [ofAddress] : [ofAddress, [this.#perStranger, stranger]];
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
