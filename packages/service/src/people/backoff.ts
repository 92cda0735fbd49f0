/** From which number of failures on one has to wait, and for how long at most. */
export interface BackoffLimits {
  /** Failures that cost nothing: people mistype. */
  readonly free: number;
  /** Longest wait, in seconds. Waits double up to it. */
  readonly mostSeconds: number;
}

interface Failures {
  count: number;
  until: number;
}

/** Who is forgotten first when more than these have failed: who failed longest ago. */
const mostKeys = 20_000;
const forgetMilliseconds = 24 * 3_600_000;

/**
 * Makes whoever guesses wait, longer each time. An attempt counts as failed from its beginning, so that many at once get no further than
 * one after the other; it is forgiven when it succeeds. What is refused while one waits does not count, so a wait always ends.
 */
export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #now: () => Date;
  /** In the order of their last failure. */
  readonly #failures = new Map<string, Failures>();

  constructor(limits: BackoffLimits, now: () => Date) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Seconds that are left to wait; 0 if an attempt may begin. */
  wait(key: string): number {
    const failures = this.#failures.get(key);
    return failures === undefined ? 0 : Math.max(0, Math.ceil((failures.until - this.#now().getTime()) / 1000));
  }

  /** Counts an attempt that begins; returns the seconds to wait if it fails. */
  begin(key: string): number {
    const now = this.#now().getTime();
    const known = this.#failures.get(key);
    const count = (known === undefined || known.until + forgetMilliseconds < now ? 0 : known.count) + 1;
    const { free, mostSeconds } = this.#limits;
    const seconds = count < free ? 0 : Math.min(mostSeconds, 2 ** Math.min(count - free, 30));
    this.#failures.delete(key);
    this.#failures.set(key, { count, until: now + seconds * 1000 });
    if (this.#failures.size > mostKeys) this.#failures.delete(this.#failures.keys().next().value!);
    return seconds;
  }

  /** The attempt succeeded: the failures before it are forgotten. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The attempt did not fail, and says nothing about the failures before it. */
  undo(key: string): void {
    const failures = this.#failures.get(key);
    if (failures === undefined) return;
    failures.count--;
    failures.until = this.#now().getTime();
    if (failures.count === 0) this.#failures.delete(key);
  }
}
