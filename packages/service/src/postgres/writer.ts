import { setTimeout as sleep } from 'node:timers/promises';
import { fault } from '@symbolon/crypto';
import type pg from 'pg';
import { breaks, isLost } from './error.ts';

/** How long writes wait for a database that is away, all together. */
const patienceMilliseconds = 5000;
const pauseMilliseconds = 250;

/** A transaction that has begun. */
export interface Writing {
  query(sql: string, parameters?: readonly unknown[]): Promise<pg.QueryResult>;
  commit(): Promise<void>;
  /** Does nothing after `commit`. */
  rollback(): Promise<void>;
}

/** How a {@link Writer} works. */
export interface WriterOptions {
  /** Makes a connection that may write; throws errors that were translated. */
  readonly connect: () => Promise<pg.Client>;
  /** Of the advisory lock that is held while somebody writes. */
  readonly lock: bigint;
  readonly translate: (error: unknown) => Error;
  /** Whether to connect again at once when the connection is lost, and not only when something is to be written. */
  readonly stay: boolean;
  readonly changed?: (connected: boolean) => void;
}

/**
 * All that a process writes goes through one connection, one transaction after the other; a lock of the database keeps those of other
 * processes apart. So each transaction sees what all before it have written, as with SQLite.
 */
export class Writer {
  readonly #options: WriterOptions;
  #client: pg.Client | undefined;
  #last: Promise<void> = Promise.resolve();
  #closed = false;
  /** Since when the database is away. */
  #away: number | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Connects, without patience. */
  async open(): Promise<void> {
    await this.#connected();
  }

  /** Waits for its turn, and begins a transaction. Throws `database-unavailable`. */
  async begin(): Promise<Writing> {
    const leave = await this.#turn();
    try {
      return this.#writing(await this.#begun(), leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    this.#closed = true;
    const leave = await this.#turn();
    await this.#client?.end().catch(() => undefined);
    leave();
  }

  async #turn(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = before.then(() => promise);
    await before;
    return resolve;
  }

  /** Nothing has been written yet, so trying again is safe. */
  async #begun(): Promise<pg.Client> {
    for (;;) {
      try {
        const client = await this.#connected();
        await this.#beginOn(client);
        this.#away = undefined;
        return client;
      } catch (error) {
        this.#away ??= Date.now();
        if (
          this.#client !== undefined ||
          !isLost(error) ||
          this.#closed ||
          Date.now() > this.#away + patienceMilliseconds
        )
          throw error;
        await sleep(pauseMilliseconds);
      }
    }
  }

  async #beginOn(client: pg.Client): Promise<void> {
    // READ COMMITTED: every statement after the lock sees what was committed before it was given.
    const begin = `BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(${this.#options.lock})`;
    try {
      await this.#ask(client, begin);
    } catch (error) {
      // Somebody else has the lock for too long: the transaction has begun all the same.
      await client.query('ROLLBACK').catch(() => this.#drop(client));
      throw error;
    }
  }

  #writing(client: pg.Client, leave: () => void): Writing {
    let over = false;
    const end = async (sql: string): Promise<pg.QueryResult | undefined> => {
      if (over) return undefined;
      over = true;
      try {
        return await this.#ask(client, sql);
      } catch (error) {
        this.#drop(client);
        throw error;
      } finally {
        leave();
      }
    };
    return {
      query: (sql, parameters) => this.#ask(client, sql, parameters),
      commit: async () => {
        const result = await end('COMMIT');
        if (result?.command === 'ROLLBACK')
          throw fault('internal', 'a transaction went on after a statement had failed');
      },
      // On a lost connection nothing is left to be undone.
      rollback: async () => void (await end('ROLLBACK').catch(() => undefined)),
    };
  }

  async #ask(client: pg.Client, sql: string, parameters?: readonly unknown[]): Promise<pg.QueryResult> {
    try {
      return await client.query(sql, parameters as unknown[]);
    } catch (cause) {
      if (breaks(cause)) this.#drop(client);
      throw this.#options.translate(cause);
    }
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client !== undefined) return this.#client;
    if (this.#closed) throw fault('database-unavailable', 'the database has been closed');
    const client = await this.#options.connect();
    client.once('end', () => this.#drop(client));
    this.#client = client;
    this.#options.changed?.(true);
    return client;
  }

  #drop(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
    if (this.#closed) return;
    this.#options.changed?.(false);
    if (this.#options.stay) void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    while (!this.#closed && this.#client === undefined) {
      await sleep(pauseMilliseconds, undefined, { ref: false });
      const leave = await this.#turn();
      await this.#connected().catch(() => undefined);
      leave();
    }
  }
}
