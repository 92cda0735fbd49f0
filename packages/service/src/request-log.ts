import { type ErrorCode, SymbolonError } from '@symbolon/crypto';
import type { ServerLog, WithinAppend } from './log.ts';
import { Quota } from './quota.ts';

/** A person, or a partner, who asked for what they may not have. */
export interface Refusal {
  /** Null where a session was shown by somebody who cannot be its user. */
  readonly by: string | null;
  /** What was asked, as the contract or the route calls it. */
  readonly action: string;
  readonly code: ErrorCode;
}

/** A person who asks for something that changes something. */
export interface AskedRequest {
  readonly by: string;
  readonly action: string;
  /** Name of the contract, and the path that was asked: no path holds what is known of patients. */
  readonly operation: string;
  readonly path: string;
}

/** What the log keeps of one who asks on and on, in a minute. */
const mostPerMinute = 30;

/**
 * Keeps in an organisation's log who asked for what: for something that changes something, or for what they are not allowed to. Of the latter it
 * holds those alone who have shown who they are, and of each no more than 30 a minute, so nobody fills it; every request is in the server's own lines.
 */
export class RequestLog {
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #now: () => Date;
  readonly #quota: Quota;

  constructor(log: Pick<ServerLog, 'append'>, now: () => Date) {
    this.#log = log;
    this.#now = now;
    this.#quota = new Quota(mostPerMinute, now);
  }

  /** Somebody is about to do something that changes something. @param within written with it */
  async asked(request: AskedRequest, within?: WithinAppend): Promise<void> {
    await this.#log.append({ kind: 'request', ...request, at: this.#now().toISOString() }, within);
  }

  async refused({ by, action, code }: Refusal): Promise<void> {
    if (!this.#quota.take(by ?? '')) return;
    await this.#log.append({ kind: 'request-refused', by, action, code, at: this.#now().toISOString() });
  }

  /** Does `work`; a refusal with one of these codes is kept, and thrown on. */
  async keeping<T>(work: () => Promise<T>, asked: Omit<Refusal, 'code'>, codes: readonly ErrorCode[]): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SymbolonError && codes.includes(error.code))
        await this.refused({ ...asked, code: error.code });
      throw error;
    }
  }
}
