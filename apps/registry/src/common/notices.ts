import { signNotice } from '@symbolon/consent';
import type { Rng } from '@symbolon/crypto';
import { documentBytes } from '@symbolon/crypto';
import type { Database, Home, Logger } from '@symbolon/service';
import { z } from 'zod';
import { type everything, NoticeLane, type TakenNotice } from './notice-lane.ts';

const lookMilliseconds = 60_000;

/** A notice that waits, as administrators see it. */
export const waitingNotice = z.strictObject({
  id: z.int(),
  to: z.string(),
  subject: z.string().nullable(),
  madeAt: z.iso.datetime(),
  tries: z.int(),
  /** Why it was not taken the last time. */
  error: z.string().nullable(),
});
/** See {@link waitingNotice}. */
export type WaitingNotice = z.output<typeof waitingNotice>;

/** What a notice is about, and which others it must not overtake. */
export interface NoticeOrder {
  /** Names it: of one subject there is one notice to each server, and writing it again changes nothing. */
  readonly subject?: string | undefined;
  /** Whether it has a connection of its own, apart from those that are not: who may log in waits behind nothing else. */
  readonly urgent?: boolean;
  /** Those that share one of these names, such as `patient 7`, are taken in their order; one with {@link everything} waits for all before it. */
  readonly concerns: readonly string[];
}

interface Needs {
  readonly home: Home;
  readonly database: Database;
  readonly logger: Logger;
  readonly rng: Rng;
  readonly now: () => Date;
}

/**
 * Notices to another server of the registry: written with the change that they tell of, sent again until they are taken; the receiver knows one that comes twice by
 * its id. One that is refused is set aside, with those that must not overtake it: all others go on.
 */
export class NoticeOutbox {
  readonly #needs: Needs;
  readonly #lanes = new Map<string, NoticeLane>();
  readonly #taken: ((notice: TakenNotice) => Promise<void>)[] = [];
  readonly #kept: ((notice: TakenNotice) => void)[] = [];
  readonly #refused: ((to: string) => Promise<void>)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Begins to send what waits. */
  start(): void {
    this.#timer = setInterval(() => void this.#look(), lookMilliseconds).unref();
    void this.#look();
  }

  /** Writes a notice in the transaction of what it tells of; {@link wake} after its commit. */
  async write(
    within: Database,
    to: string,
    what: unknown,
    { subject, urgent = false, concerns }: NoticeOrder,
  ): Promise<void> {
    const { home, rng, now } = this.#needs;
    const notice = { from: home.card.id, to, at: now().getTime(), what };
    const { document } = signNotice(notice, home.signingKey, rng);
    await within
      .insertInto('registry_notice')
      .values({
        ...{ to, subject: subject ?? null, document: documentBytes(document), made_at: now().toISOString() },
        ...{ urgent: urgent ? (1 as const) : (0 as const), concerns: JSON.stringify(concerns) },
        ...{ tries: 0, error: null, taken_at: null },
      })
      .onConflict((conflict) => conflict.columns(['to', 'subject']).doNothing())
      .execute();
  }

  /** Notices to this server were committed. */
  wake(to: string): void {
    if (this.#closed) return;
    for (const urgent of [true, false]) {
      const name = `${to} ${urgent}`;
      const lane = this.#lanes.get(name) ?? new NoticeLane(this.#needs, { to, urgent }, this.#listeners());
      this.#lanes.set(name, lane);
      lane.wake();
    }
  }

  /** Calls `listener` when a notice was taken, before the next is sent; if it throws, it is called again. */
  onTaken(listener: (notice: TakenNotice) => Promise<void>): void {
    this.#taken.push(listener);
  }

  /** Calls `listener` when it is kept that a notice was taken. */
  onKept(listener: (notice: TakenNotice) => void): void {
    this.#kept.push(listener);
  }

  /** Calls `listener` each time that a server refuses a notice. */
  onRefused(listener: (to: string) => Promise<void>): void {
    this.#refused.push(listener);
  }

  /** What waits: those that were not taken first, then the oldest. */
  async waiting(): Promise<WaitingNotice[]> {
    const rows = await this.#needs.database
      .selectFrom('registry_notice')
      .select(['id', 'to', 'subject', 'made_at', 'tries', 'error'])
      .where('taken_at', 'is', null)
      .orderBy(({ eb }) => eb.case().when('error', 'is', null).then(1).else(0).end())
      .orderBy('id')
      .limit(100)
      .execute();
    return rows.map(({ made_at: madeAt, ...row }) => ({ ...row, madeAt }));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }

  #listeners() {
    return {
      taken: async (notice: TakenNotice) => {
        for (const listener of this.#taken) await listener(notice);
      },
      kept: (notice: TakenNotice) => {
        for (const listener of this.#kept) listener(notice);
      },
      refused: async (to: string) => {
        for (const listener of this.#refused) await listener(to);
      },
    };
  }

  async #look(): Promise<void> {
    try {
      const rows = await this.#needs.database
        .selectFrom('registry_notice')
        .select('to')
        .distinct()
        .where('taken_at', 'is', null)
        .execute();
      for (const { to } of rows) this.wake(to);
    } catch (error) {
      this.#needs.logger.error({ err: error }, 'the notices that wait could not be read; it is tried again');
    }
  }
}
