import { fault, SymbolonError } from '@symbolon/crypto';
import type { Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { RequestKey } from './request-key.ts';
import type { DatabaseSchema } from './schema.ts';

const keptMilliseconds = 24 * 3600 * 1000;
const maxKeys = 10_000;

/** A request that came with an idempotency key. */
export interface KeyedRequest {
  /** Who asks; keys of one caller are none of another. */
  readonly caller: string;
  readonly key: string;
  /** What is asked. */
  readonly request: readonly string[];
}

interface MarkedRequest extends Omit<KeyedRequest, 'request'> {
  readonly mark: string;
}

/** Writes what is to become durable with a change, in its transaction. @param made names what the change made, by a JSON value */
export type Also<Made = void> = (transaction: Transaction<DatabaseSchema>, made: Made) => Promise<void>;

/** What is done for a request. */
export interface Work {
  /** Writes that it was asked in one transaction with `within`, where that is to be kept elsewhere too. */
  begin?(within: (transaction: Transaction<DatabaseSchema>) => Promise<void>): Promise<void>;
  /** @param also called in the transaction of the change, where it makes one */
  perform(also: Also<unknown>): Promise<unknown>;
  /** Whether the answer may be kept; one that holds a secret is not. */
  readonly keeps: boolean;
  /** Does what is left to do once the change is durable, and gives its answer or refuses: it was not kept. */
  resume(made: unknown): Promise<unknown>;
}

/**
 * Answers a request once, however often it is sent, for 24 hours. That it changed something is recorded in the transaction of the change: a server that
 * stops at any moment has done it, and then gives the answer, or has not, and then does it. A refusal is not kept: the same request may be tried again.
 * Of what was asked, a {@link RequestKey}'s mark is kept.
 */
export class Idempotency {
  readonly #database: Database;
  readonly #marks: RequestKey;
  readonly #now: () => Date;
  readonly #inFlight = new Map<string, { readonly mark: string; readonly answer: Promise<unknown> }>();

  constructor(database: Database, marks: RequestKey, now: () => Date) {
    this.#database = database;
    this.#marks = marks;
    this.#now = now;
  }

  /** The answer of `work`, or the one that an equal request with this key got. Throws `key-reused` for another request. */
  once({ caller, key, request }: KeyedRequest, work: Work): Promise<unknown> {
    const asked = { caller, key, mark: this.#marks.mark(request) };
    const id = `${asked.caller}\n${asked.key}`;
    const flying = this.#inFlight.get(id);
    if (flying !== undefined) {
      requireSame(asked, flying.mark);
      return flying.answer;
    }
    const answer = this.#answer(asked, work).finally(() => this.#inFlight.delete(id));
    this.#inFlight.set(id, { mark: asked.mark, answer });
    return answer;
  }

  async #answer(asked: MarkedRequest, work: Work): Promise<unknown> {
    const known = await this.#known(asked);
    if (known === undefined) await this.#begin(asked, work);
    else requireSame(asked, known.request);
    if (known !== undefined && known.answer !== null) return valueIn(known.answer);
    try {
      const made = known?.made ?? null;
      const value = await (made === null ? work.perform(this.#also(asked)) : work.resume(valueIn(made)));
      if (work.keeps) await this.#write(this.#database, asked, { answer: JSON.stringify({ value }) });
      return value;
    } catch (error) {
      if (error instanceof SymbolonError) await this.#forget(asked);
      throw error;
    }
  }

  #also(asked: MarkedRequest): Also<unknown> {
    return (transaction, made) => this.#write(transaction, asked, { made: JSON.stringify({ value: made }) });
  }

  async #known({ caller, key }: MarkedRequest) {
    return this.#database
      .selectFrom('answered_request')
      .select(['request', 'made', 'answer'])
      .where('caller', '=', caller)
      .where('key', '=', key)
      .where('begun_at', '>=', this.#oldest())
      .executeTakeFirst();
  }

  async #begin(asked: MarkedRequest, { begin }: Work): Promise<void> {
    const within = (transaction: Transaction<DatabaseSchema>): Promise<void> => this.#record(transaction, asked);
    await (begin === undefined ? this.#database.transaction().execute(within) : begin(within));
  }

  async #record(transaction: Transaction<DatabaseSchema>, { caller, key, mark }: MarkedRequest): Promise<void> {
    await transaction.deleteFrom('answered_request').where('begun_at', '<', this.#oldest()).execute();
    const { count } = await transaction
      .selectFrom('answered_request')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('caller', '=', caller)
      .executeTakeFirstOrThrow();
    if (count >= maxKeys) throw fault('too-many-requests', `${caller} used ${maxKeys} idempotency keys within a day`);
    const begun_at = this.#now().toISOString();
    await transaction
      .insertInto('answered_request')
      .values({ caller, key, request: mark, answer: null, begun_at })
      .execute();
  }

  #oldest(): string {
    return new Date(this.#now().getTime() - keptMilliseconds).toISOString();
  }

  async #write(
    database: Database,
    { caller, key }: MarkedRequest,
    change: { readonly made: string } | { readonly answer: string },
  ): Promise<void> {
    await database
      .updateTable('answered_request')
      .set(change)
      .where('caller', '=', caller)
      .where('key', '=', key)
      .execute();
  }

  /** Of what was refused; what has changed something stays. */
  async #forget({ caller, key }: MarkedRequest): Promise<void> {
    await this.#database
      .deleteFrom('answered_request')
      .where('caller', '=', caller)
      .where('key', '=', key)
      .where('made', 'is', null)
      .execute();
  }
}

function valueIn(text: string): unknown {
  return (JSON.parse(text) as { value?: unknown }).value;
}

function requireSame({ key, mark }: MarkedRequest, known: string): void {
  if (mark !== known) throw fault('key-reused', `the key ${key} came with another request before`, { culprit: key });
}
