import { noticeRequest, signNotice } from '@symbolon/consent';
import type { Rng } from '@symbolon/crypto';
import { documentBytes, parseDocument, SymbolonError } from '@symbolon/crypto';
import { type Database, type Home, type Logger, PartnerLane } from '@symbolon/service';
import { z } from 'zod';

/** Answer to a notice that was taken. */
export const noticeAnswer = z.strictObject({});

const noticePath = '/v1/notices';
const lookMilliseconds = 60_000;

/** What a notice was made of, where that matters once it is taken. */
export interface TakenNotice {
  readonly to: string;
  readonly subject: string | null;
}

/** A notice that waits, as administrators see it. */
export interface WaitingNotice {
  readonly id: number;
  readonly to: string;
  readonly subject: string | null;
  readonly madeAt: string;
  readonly tries: number;
  readonly error: string | null;
}

interface Needs {
  readonly home: Home;
  readonly database: Database;
  readonly logger: Logger;
  readonly rng: Rng;
  readonly now: () => Date;
}

/**
 * Notices to another server of the registry: written with the change that they tell of, sent in their order, again until they are taken; the receiver knows one
 * that comes twice by its id. A notice that is refused keeps those behind it waiting, as the order is part of what they say: administrators see it.
 */
export class NoticeOutbox {
  readonly #needs: Needs;
  readonly #lanes = new Map<string, PartnerLane>();
  readonly #taken: ((notice: TakenNotice) => Promise<void>)[] = [];
  readonly #kept: ((notice: TakenNotice) => void)[] = [];
  readonly #listeners: Listeners = {
    taken: async (notice) => {
      for (const listener of this.#taken) await listener(notice);
    },
    kept: (notice) => {
      for (const listener of this.#kept) listener(notice);
    },
  };
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

  /**
   * Writes a notice in the transaction of what it tells of; {@link wake} after its commit. @param subject names what it is about: of one subject there is one
   * notice to each server, and writing it again changes nothing
   */
  async write(within: Database, to: string, what: unknown, subject: string | null = null): Promise<void> {
    const { home, rng, now } = this.#needs;
    const notice = { from: home.card.id, to, at: now().getTime(), what };
    const { document } = signNotice(notice, home.signingKey, rng);
    await within
      .insertInto('registry_notice')
      .values({
        ...{ to, subject, document: documentBytes(document), made_at: now().toISOString() },
        ...{ tries: 0, error: null, taken_at: null },
      })
      .onConflict((conflict) => conflict.columns(['to', 'subject']).doNothing())
      .execute();
  }

  /** Notices to this server were committed. */
  wake(to: string): void {
    if (this.#closed) return;
    const lane = this.#lanes.get(to) ?? new ToServer(this.#needs, to, this.#listeners).lane;
    this.#lanes.set(to, lane);
    lane.wake();
  }

  /** Calls `listener` when a notice was taken, before the next is sent; if it throws, it is called again. */
  onTaken(listener: (notice: TakenNotice) => Promise<void>): void {
    this.#taken.push(listener);
  }

  /** Calls `listener` when it is kept that a notice was taken. */
  onKept(listener: (notice: TakenNotice) => void): void {
    this.#kept.push(listener);
  }

  /** What waits, the oldest first. */
  async waiting(): Promise<WaitingNotice[]> {
    const rows = await this.#needs.database
      .selectFrom('registry_notice')
      .select(['id', 'to', 'subject', 'made_at', 'tries', 'error'])
      .where('taken_at', 'is', null)
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

/** Who is told of notices that were taken. */
interface Listeners {
  taken(notice: TakenNotice): Promise<void>;
  kept(notice: TakenNotice): void;
}

/** What goes to one server: one after the other. */
class ToServer {
  readonly #needs: Needs;
  readonly #to: string;
  readonly #listeners: Listeners;
  readonly lane: PartnerLane;

  constructor(needs: Needs, to: string, listeners: Listeners) {
    this.#needs = needs;
    this.#to = to;
    this.#listeners = listeners;
    this.lane = new PartnerLane({
      ...{ home: needs.home, partner: to, rng: needs.rng, now: needs.now },
      round: () => this.#round(),
      failed: (error) => needs.logger.error({ to, err: error }, 'notices could not be sent; it is tried again'),
    });
  }

  async #round(): Promise<number | undefined> {
    const { database, now } = this.#needs;
    const row = await database
      .selectFrom('registry_notice')
      .selectAll()
      .where('to', '=', this.#to)
      .where('taken_at', 'is', null)
      .orderBy('id')
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { signal } = this.lane;
    try {
      const body = noticeRequest.parse({ notice: parseDocument(row.document!) });
      await this.lane.client().call('POST', noticePath, { body, answer: noticeAnswer, signal });
    } catch (error) {
      return signal.aborted ? undefined : this.#hindered(row.id, error);
    }
    this.lane.succeeded();
    const taken = { to: this.#to, subject: row.subject };
    await this.#listeners.taken(taken);
    await database
      .updateTable('registry_notice')
      .set({ taken_at: now().toISOString(), document: null, error: null })
      .where('id', '=', row.id)
      .execute();
    this.#listeners.kept(taken);
    return 0;
  }

  async #hindered(id: number, error: unknown): Promise<number> {
    if (!(error instanceof SymbolonError)) throw error;
    const { database, logger } = this.#needs;
    const { code, message } = error;
    const wait = this.lane.failed();
    logger.warn({ to: this.#to, code, tries: this.lane.failures }, 'a notice was not taken; it is sent again');
    await database
      .updateTable('registry_notice')
      .set(({ eb }) => ({ tries: eb('tries', '+', 1), error: `${code}: ${message}` }))
      .where('id', '=', id)
      .execute();
    await this.lane.hangUp();
    return wait;
  }
}
