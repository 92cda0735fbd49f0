import { type ErrorCode, SymbolonError } from '@symbolon/crypto';
import type { ServerLog } from './log.ts';
import type { Logger } from './logging.ts';

/** What anybody can bring a server to refuse: an error of one of these codes, an address that there is not, a TLS handshake that failed. */
const counted = [
  'unauthenticated',
  'cross-site',
  'wrong-host',
  'request-invalid',
  'body-too-large',
  'too-many-requests',
] as const satisfies readonly ErrorCode[];

/** {@link counted}. */
export type CountedRefusal = (typeof counted)[number] | 'unknown-address' | 'tls-handshake';

interface Count {
  /** Since the last entry. */
  count: number;
  since: Date;
  readonly timer: NodeJS.Timeout;
}

const milliseconds = 60_000;

/**
 * Keeps in the log how many requests of strangers were refused, and why: an entry as soon as one is, then at most one a minute for each reason, with the
 * number since the last. So the log has all of them, and nobody fills it. What was not written yet when a process is killed is lost.
 */
export class RefusalCounts {
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #logger: Logger;
  readonly #now: () => Date;
  readonly #counts = new Map<CountedRefusal, Count>();
  #writing: Promise<void> = Promise.resolve();

  constructor({
    log,
    logger,
    now,
  }: {
    readonly log: Pick<ServerLog, 'append'>;
    readonly logger: Logger;
    readonly now: () => Date;
  }) {
    this.#log = log;
    this.#logger = logger;
    this.#now = now;
  }

  /** Counts what was refused with this error, if it is one that strangers cause. */
  refused(error: unknown): void {
    const code = error instanceof SymbolonError ? counted.find((one) => one === error.code) : undefined;
    if (code !== undefined) this.count(code);
  }

  count(what: CountedRefusal): void {
    const known = this.#counts.get(what);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const timer = setInterval(() => this.#tick(what), milliseconds).unref();
    const first = { count: 1, since: this.#now(), timer };
    this.#counts.set(what, first);
    this.#write(what, first);
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    for (const [what, one] of this.#counts) {
      clearInterval(one.timer);
      if (one.count > 0) this.#write(what, one);
    }
    this.#counts.clear();
    await this.#writing;
  }

  #tick(what: CountedRefusal): void {
    const one = this.#counts.get(what)!;
    if (one.count > 0) {
      this.#write(what, one);
      return;
    }
    clearInterval(one.timer);
    this.#counts.delete(what);
  }

  #write(what: CountedRefusal, one: Count): void {
    const [count, since, until] = [one.count, one.since, this.#now()];
    one.count = 0;
    one.since = until;
    const event = { kind: 'requests-refused', code: what, count, since: since.toISOString(), at: until.toISOString() };
    this.#writing = this.#writing
      .then(async () => void (await this.#log.append(event)))
      .catch((error: unknown) => {
        one.count += count;
        this.#logger.error({ err: error, code: what, count }, 'refused requests could not be written to the log');
      });
  }
}
