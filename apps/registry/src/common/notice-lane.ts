import { noticeRequest } from '@symbolon/consent';
import { type ErrorCode, parseDocument, type Rng, SymbolonError } from '@symbolon/crypto';
import { backOff, type Database, type Home, type Logger, PartnerLane } from '@symbolon/service';
import { z } from 'zod';

/** Among what a notice concerns: it waits for all before it. */
export const everything = 'all';

/** Answer to a notice that was taken. */
export const noticeAnswer = z.strictObject({});

const noticePath = '/v1/notices';
const atOnce = 200;

/** What hinders all notices alike; with anything else the receiver refuses this one. */
const hindersAll: readonly ErrorCode[] = [
  'peer-silent',
  'peer-gone',
  'peer-refused',
  'forbidden',
  'too-many-requests',
  'database-unavailable',
  'untrusted-certificate',
  'bad-certificate',
  'unauthenticated',
  'unknown-organisation',
  'frame-shape',
  'frame-too-long',
];

/** What a notice was made of, where that matters once it is taken. */
export interface TakenNotice {
  readonly to: string;
  readonly subject: string | null;
}

/** Who is told of what becomes of notices. */
interface Listeners {
  taken(notice: TakenNotice): Promise<void>;
  kept(notice: TakenNotice): void;
  refused(to: string): Promise<void>;
}

interface Needs {
  readonly home: Home;
  readonly database: Database;
  readonly logger: Logger;
  readonly rng: Rng;
  readonly now: () => Date;
}

/** When a notice that was refused is sent again, and how often it was. */
interface Aside {
  readonly refusals: number;
  readonly due: number;
}

/** What goes to one server on one connection: one after the other, past those that were refused and what must not overtake them. */
export class NoticeLane {
  readonly #needs: Needs;
  readonly #of: { readonly to: string; readonly urgent: boolean };
  readonly #listeners: Listeners;
  readonly #lane: PartnerLane;
  readonly #aside = new Map<number, Aside>();

  constructor(needs: Needs, of: { to: string; urgent: boolean }, listeners: Listeners) {
    this.#needs = needs;
    this.#of = of;
    this.#listeners = listeners;
    this.#lane = new PartnerLane({
      ...{ home: needs.home, partner: of.to, rng: needs.rng, now: needs.now },
      round: () => this.#round(),
      failed: (error) => needs.logger.error({ to: of.to, err: error }, 'notices could not be sent; it is tried again'),
    });
  }

  wake(): void {
    this.#lane.wake();
  }

  close(): Promise<void> {
    return this.#lane.close();
  }

  async #round(): Promise<number | undefined> {
    const { next, wait } = await this.#next();
    if (next === undefined) return wait;
    const { database, now } = this.#needs;
    const { to } = this.#of;
    const row = await database
      .selectFrom('registry_notice')
      .select(['id', 'subject', 'document'])
      .where('id', '=', next)
      .executeTakeFirstOrThrow();
    const { signal } = this.#lane;
    try {
      const body = noticeRequest.parse({ notice: parseDocument(row.document!) });
      await this.#lane.client().call('POST', noticePath, { body, answer: noticeAnswer, signal });
    } catch (error) {
      return signal.aborted ? undefined : this.#hindered(row.id, error);
    }
    this.#lane.succeeded();
    const taken = { to, subject: row.subject };
    await this.#listeners.taken(taken);
    await database
      .updateTable('registry_notice')
      .set({ taken_at: now().toISOString(), document: null, error: null })
      .where('id', '=', row.id)
      .execute();
    this.#aside.delete(row.id);
    this.#listeners.kept(taken);
    return 0;
  }

  /** The oldest notice that waits for none before it; else how long it takes until one that was refused is due. */
  async #next(): Promise<{ next?: number; wait: number | undefined }> {
    const time = this.#needs.now().getTime();
    const held = new Set<string>();
    let wait: number | undefined;
    for (let after = 0; ; ) {
      const rows = await this.#waiting(after);
      for (const { id, concerns } of rows) {
        const names = JSON.parse(concerns) as string[];
        const left = (this.#aside.get(id)?.due ?? 0) - time;
        const isHeld = names.some((name) => held.has(name) || (name === everything && held.size > 0));
        if (!isHeld && left <= 0) return { next: id, wait };
        if (!isHeld) wait = Math.min(wait ?? left, left);
        for (const name of [`notice ${id}`, ...names]) held.add(name);
      }
      if (rows.length < atOnce) return { wait };
      after = rows.at(-1)!.id;
    }
  }

  #waiting(after: number) {
    return this.#needs.database
      .selectFrom('registry_notice')
      .select(['id', 'concerns'])
      .where('to', '=', this.#of.to)
      .where('urgent', '=', this.#of.urgent ? 1 : 0)
      .where('taken_at', 'is', null)
      .where('id', '>', after)
      .orderBy('id')
      .limit(atOnce)
      .execute();
  }

  async #hindered(id: number, error: unknown): Promise<number> {
    if (!(error instanceof SymbolonError)) throw error;
    const { database, logger, rng, now } = this.#needs;
    const { to } = this.#of;
    const { code, message } = error;
    await database
      .updateTable('registry_notice')
      .set(({ eb }) => ({ tries: eb('tries', '+', 1), error: `${code}: ${message}` }))
      .where('id', '=', id)
      .execute();
    if (hindersAll.includes(code)) {
      const wait = this.#lane.failed();
      logger.warn({ to, code, tries: this.#lane.failures }, 'a notice was not taken; it is sent again');
      await this.#lane.hangUp();
      return wait;
    }
    this.#lane.succeeded();
    const refusals = (this.#aside.get(id)?.refusals ?? 0) + 1;
    this.#aside.set(id, { refusals, due: now().getTime() + backOff(refusals, rng) });
    logger.error({ to, code, notice: id }, 'a notice was refused; it is set aside, and sent again');
    await this.#listeners.refused(to);
    return 0;
  }
}
