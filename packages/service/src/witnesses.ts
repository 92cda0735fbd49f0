import type { Card } from '@symbolon/agreement';
import { SymbolonError } from '@symbolon/crypto';
import { z } from 'zod';
import { type ClaimServer, openClaims } from './claims.ts';
import { newestCosignature } from './cosignatures.ts';
import { exchangeWith } from './exchange.ts';

const atOnce = 4;
const patienceMilliseconds = 10_000;
const longestPauseSeconds = 3600;

/** How far a partner has witnessed the own log. */
export interface WitnessState {
  readonly witness: string;
  /** Entries of the newest epoch that it has cosigned; 0 if none. */
  readonly size: number;
  /** When it last did so, by its clock; null if never. */
  readonly at: string | null;
  /** Entries that it has not cosigned yet. */
  readonly pending: number;
  /** Since when some are pending; null if none. */
  readonly since: string | null;
  /** Whether that has been longer than the configuration's `witnessAlarmSeconds`. */
  readonly alarm: boolean;
  /** Checkpoints of its own log that others hold and that it has not proved yet. */
  readonly unproved: number;
}

/** {@link WitnessState} in an answer. */
export const witnessState = z.strictObject({
  witness: z.string(),
  size: z.int(),
  at: z.iso.datetime().nullable(),
  pending: z.int(),
  since: z.iso.datetime().nullable(),
  alarm: z.boolean(),
  unproved: z.int(),
});

interface Pending {
  since: number;
  tries: number;
  next: number;
  alarmed: boolean;
}

/**
 * Has partners witness the own log, in the background: nothing ever waits for a witness. Whoever has not cosigned the newest entries is
 * asked again, with growing pauses; after a time that is an alarm.
 */
export class Witnesses {
  readonly #server: ClaimServer;
  readonly #pending = new Map<string, Pending>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(server: ClaimServer) {
    this.#server = server;
  }

  /** Begins to ask; every pause is the configuration's `witnessSeconds`. */
  start(): void {
    const { witnessSeconds } = this.#server.home.config;
    const again = (): void => {
      this.#timer = setTimeout(() => void this.round().finally(again), witnessSeconds * 1000).unref();
      if (this.#stop.signal.aborted) clearTimeout(this.#timer);
    };
    again();
  }

  /** Stops asking; resolves when nobody is being asked any more. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** Asks all partners that are due, a few at a time; never rejects. */
  round(): Promise<void> {
    this.#round = this.#round.then(() => this.#ask()).catch((error: unknown) => this.#failed(error));
    return this.#round;
  }

  /** How far each partner has witnessed the log. */
  async states(): Promise<WitnessState[]> {
    const { home, log, now } = this.#server;
    // The organisation's own commands append too, each in a process of its own.
    await log.refresh();
    return Promise.all(home.partners.list().map((partner) => this.#state(partner, now().getTime())));
  }

  /**
   * Exchanges logs with the partners of a run before it begins. Throws `log-inconsistent` or `store-behind`; that a partner does not
   * answer is no reason not to run.
   */
  async beforeRun(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const { home, logger } = this.#server;
    await Promise.all(
      ids.map(async (id) => {
        try {
          await exchangeWith(this.#server, home.partners.get(id), this.#within(signal));
          this.#pending.delete(id);
        } catch (error) {
          signal.throwIfAborted();
          if (isAlarming(error)) throw error;
          logger.warn({ witness: id, err: error }, 'a partner did not exchange logs before a run');
        }
      }),
    );
  }

  async #ask(): Promise<void> {
    const { home, log } = this.#server;
    await log.refresh();
    // Others fetch and show what is new when they ask.
    const waiting = home.partners.list().filter(({ outbound }) => outbound !== true);
    const ask = async (): Promise<void> => {
      for (let partner = waiting.shift(); partner !== undefined; partner = waiting.shift()) {
        if (this.#stop.signal.aborted) return;
        await this.#askIfDue(partner);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, ask));
  }

  async #askIfDue(partner: Card): Promise<void> {
    const { home, logger, now } = this.#server;
    const time = now().getTime();
    const { pending, unproved } = await this.#state(partner, time);
    if (pending === 0 && unproved === 0) {
      this.#pending.delete(partner.id);
      return;
    }
    const state = this.#pending.get(partner.id) ?? { since: time, tries: 0, next: time, alarmed: false };
    this.#pending.set(partner.id, state);
    if (time < state.next) return;
    try {
      await exchangeWith(this.#server, partner, this.#within());
      this.#pending.delete(partner.id);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const { witnessSeconds } = home.config;
      state.next = time + Math.min(longestPauseSeconds, witnessSeconds * 2 ** state.tries++) * 1000;
      const level = isAlarming(error) ? 'error' : 'warn';
      logger[level]({ witness: partner.id, pending, err: error }, 'a partner did not witness this log');
      this.#alarm(partner, state);
    }
  }

  #alarm({ id }: Card, state: Pending): void {
    const { home, logger, now } = this.#server;
    if (state.alarmed || now().getTime() - state.since < home.config.witnessAlarmSeconds * 1000) return;
    state.alarmed = true;
    const since = new Date(state.since).toISOString();
    logger.error({ witness: id, since }, 'alarm: entries of this log have long not been witnessed by a partner');
  }

  async #state({ id }: Card, time: number): Promise<WitnessState> {
    const { home, database, log } = this.#server;
    const newest = await newestCosignature(database, log.origin, id);
    const size = newest?.size ?? 0;
    const pending = Math.max(0, log.size - size);
    const unproved = (await openClaims(database, id)).length;
    const since = pending === 0 ? undefined : this.#pending.get(id)?.since;
    return {
      witness: id,
      size,
      at: newest?.cosigned_at ?? null,
      pending,
      since: since === undefined ? null : new Date(since).toISOString(),
      alarm: since !== undefined && time - since >= home.config.witnessAlarmSeconds * 1000,
      unproved,
    };
  }

  #within(signal?: AbortSignal): AbortSignal {
    const signals = [this.#stop.signal, AbortSignal.timeout(patienceMilliseconds), signal];
    return AbortSignal.any(signals.filter((one) => one !== undefined));
  }

  #failed(error: unknown): void {
    if (!this.#stop.signal.aborted) this.#server.logger.error({ err: error }, 'partners could not be asked to witness');
  }
}

function isAlarming(error: unknown): boolean {
  return error instanceof SymbolonError && ['log-inconsistent', 'store-behind', 'bad-signature'].includes(error.code);
}
