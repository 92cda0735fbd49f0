import { evaluateBlinded } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import type { Logger, ServerLog } from '@symbolon/service';
import { Budget } from './budget.ts';
import type { Settings } from './config.ts';

/** Elements that are evaluated without pause: others have their turn in between. */
const atOnce = 32;
const hour = 3_600_000;

/** Evaluates blinded elements, no more than it may, and writes into the log how many: an entry an hour. */
export class Evaluations {
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  readonly #budget: Budget;
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #logger: Logger;
  readonly #now: () => Date;
  readonly #timer: NodeJS.Timeout;
  readonly #counts = new Map<string, number>();
  #since: Date;

  constructor(params: {
    keys: ReadonlyMap<string, Uint8Array>;
    settings: Settings;
    log: Pick<ServerLog, 'append'>;
    logger: Logger;
    now: () => Date;
  }) {
    const { keys, settings, log, logger, now } = params;
    this.#keys = keys;
    this.#budget = new Budget({ perMinute: settings.maxPerMinute, perDay: settings.maxPerDay }, now);
    this.#log = log;
    this.#logger = logger;
    this.#now = now;
    this.#since = now();
    this.#timer = setInterval(() => void this.#write(), hour).unref();
  }

  /** Throws `not-found`, `too-many-requests`, and `frame-shape` for bytes that are no element. */
  async evaluate(name: string, elements: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const key = this.#keys.get(name);
    if (key === undefined) throw fault('not-found', `there is no key ${name} here`, { culprit: 'key' });
    if (!this.#budget.take(elements.length)) {
      throw fault('too-many-requests', 'no more pseudonyms are made in this minute, or on this day', {
        hint: 'Whoever runs the OPRF server can raise maxPerMinute and maxPerDay in its settings.',
      });
    }
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + elements.length);
    const evaluated: Uint8Array[] = [];
    for (const [i, element] of elements.entries()) {
      if (i > 0 && i % atOnce === 0) await new Promise((resolve) => setImmediate(resolve));
      evaluated.push(evaluateBlinded(key, element));
    }
    return evaluated;
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write();
  }

  async #write(): Promise<void> {
    const [since, until] = [this.#since, this.#now()];
    this.#since = until;
    const counts = [...this.#counts];
    this.#counts.clear();
    for (const [key, count] of counts) {
      const times = { since: since.toISOString(), at: until.toISOString() };
      try {
        await this.#log.append({ kind: 'pseudonyms-evaluated', key, count, ...times });
      } catch (error) {
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
        this.#logger.error({ err: error, key, count }, 'evaluations could not be written to the log');
      }
    }
  }
}
