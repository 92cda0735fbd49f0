import { fault, SymbolonError } from '@symbolon/crypto';
import type { Database } from './database.ts';

const keptMilliseconds = 24 * 3600 * 1000;
const maxKeys = 10_000;

/** A request that came with an idempotency key. */
export interface KeyedRequest {
  /** Who asks; keys of one caller are none of another. */
  readonly caller: string;
  readonly key: string;
  /** Hash of what is asked. */
  readonly request: string;
  /** Whether doing it a second time changes nothing more. */
  readonly repeatable: boolean;
}

/**
 * Answers a request once, however often it is sent, for 24 hours. What was begun is recorded before the work, and its answer after it: a
 * server that stops in between answers `outcome-unknown`, unless the work may be repeated. A refusal is not kept: the same request may be
 * tried again.
 */
export class Idempotency {
  readonly #database: Database;
  readonly #now: () => Date;
  readonly #inFlight = new Map<string, { readonly request: string; readonly answer: Promise<unknown> }>();

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** The answer of `work`, or the one that an equal request with this key got. Throws `key-reused` for another request. */
  once(asked: KeyedRequest, work: () => Promise<unknown>): Promise<unknown> {
    const id = `${asked.caller}\n${asked.key}`;
    const flying = this.#inFlight.get(id);
    if (flying !== undefined) {
      requireSame(asked, flying.request);
      return flying.answer;
    }
    const answer = this.#answer(asked, work).finally(() => this.#inFlight.delete(id));
    this.#inFlight.set(id, { request: asked.request, answer });
    return answer;
  }

  async #answer(asked: KeyedRequest, work: () => Promise<unknown>): Promise<unknown> {
    const known = await this.#begin(asked);
    if (known !== undefined) {
      requireSame(asked, known.request);
      if (known.answer !== null) return (JSON.parse(known.answer) as { value?: unknown }).value;
      if (!asked.repeatable)
        throw fault('outcome-unknown', `request ${asked.key} was begun before this server stopped`);
    }
    try {
      const value = await work();
      await this.#keep(asked, value);
      return value;
    } catch (error) {
      // What failed otherwise may have changed something: its record stays, without an answer.
      if (error instanceof SymbolonError && error.code !== 'internal') await this.#forget(asked);
      throw error;
    }
  }

  /** What is recorded of a key; undefined, and recorded now, if nothing was. */
  #begin({ caller, key, request }: KeyedRequest): Promise<{ request: string; answer: string | null } | undefined> {
    const now = this.#now();
    const oldest = new Date(now.getTime() - keptMilliseconds).toISOString();
    return this.#database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('answered_request').where('begun_at', '<', oldest).execute();
      const known = await transaction
        .selectFrom('answered_request')
        .select(['request', 'answer'])
        .where('caller', '=', caller)
        .where('key', '=', key)
        .executeTakeFirst();
      if (known !== undefined) return known;
      const { count } = await transaction
        .selectFrom('answered_request')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('caller', '=', caller)
        .executeTakeFirstOrThrow();
      if (count >= maxKeys) throw fault('too-many-requests', `${caller} used ${maxKeys} idempotency keys within a day`);
      await transaction
        .insertInto('answered_request')
        .values({ caller, key, request, answer: null, begun_at: now.toISOString() })
        .execute();
      return undefined;
    });
  }

  async #keep({ caller, key }: KeyedRequest, value: unknown): Promise<void> {
    await this.#database
      .updateTable('answered_request')
      .set({ answer: JSON.stringify({ value }) })
      .where('caller', '=', caller)
      .where('key', '=', key)
      .execute();
  }

  async #forget({ caller, key }: KeyedRequest): Promise<void> {
    await this.#database.deleteFrom('answered_request').where('caller', '=', caller).where('key', '=', key).execute();
  }
}

function requireSame({ key, request }: KeyedRequest, known: string): void {
  if (request !== known) throw fault('key-reused', `the key ${key} came with another request before`, { culprit: key });
}
