import { type ErrorCode, SymbolonError } from '@symbolon/crypto';
import type { ServerLog } from './log.ts';
import { Quota } from './quota.ts';

/** A person, or a partner, who asked for what they may not have. */
export interface Refusal {
  /** Null where a session was shown by somebody who cannot be its user. */
  readonly by: string | null;
  /** What was asked, as the contract or the route calls it. */
  readonly action: string;
  readonly code: ErrorCode;
}

/** What the log keeps of one who asks on and on, in a minute. */
const mostPerMinute = 30;

/**
 * Keeps in an organisation's log who asked for what they are not allowed to. Only those who have shown who they are stand there, and of each no more
 * than 30 a minute, so nobody fills it; every request is in the server's own lines besides.
 */
export class Refusals {
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #now: () => Date;
  readonly #quota: Quota;

  constructor(log: Pick<ServerLog, 'append'>, now: () => Date) {
    this.#log = log;
    this.#now = now;
    this.#quota = new Quota(mostPerMinute, now);
  }

  async keep({ by, action, code }: Refusal): Promise<void> {
    if (!this.#quota.take(by ?? '')) return;
    await this.#log.append({ kind: 'request-refused', by, action, code, at: this.#now().toISOString() });
  }

  /** Does `work`; a refusal with one of these codes is kept, and thrown on. */
  async keeping<T>(work: () => Promise<T>, asked: Omit<Refusal, 'code'>, codes: readonly ErrorCode[]): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SymbolonError && codes.includes(error.code)) await this.keep({ ...asked, code: error.code });
      throw error;
    }
  }
}
