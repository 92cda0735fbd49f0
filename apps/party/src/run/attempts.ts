import { fault, SymbolonError } from '@symbolon/crypto';
import { type Database, type DatabaseSchema, isDuplicate } from '@symbolon/service';
import type { Selectable, Transaction } from 'kysely';

/** An attempt to run a link or a study, as this party keeps it. */
export interface AttemptInfo<Details> {
  readonly id: number;
  /** Hash of the agreement. */
  readonly agreement: string;
  readonly attempt: string;
  /** Of the last of its sessions that was burned. */
  readonly session: string | null;
  readonly state: 'running' | 'done' | 'failed' | 'aborted';
  /** Code and message of what ended it. */
  readonly error: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Since when it counts towards the agreement's runs. */
  readonly openedAt: string | null;
  /** Where its statement stands in the log: epoch and index. */
  readonly logEpoch: number | null;
  readonly logIndex: number | null;
  readonly details: Details | null;
}

const againMilliseconds = 2000;

type AttemptRow = Selectable<DatabaseSchema['run']>;

/** The attempts of a party. When a call resolves, what it wrote survives power loss. */
export class AttemptStore<Details> {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  protected get database(): Database {
    return this.#database;
  }

  /**
   * @param study its name in the agreement; null for a link
   * @param initiator the organisation that starts it: its quota counts
   * @param transaction where it is to be durable with something else
   */
  protected async begin(
    agreement: string,
    attempt: string,
    study: string | null,
    initiator: string | null,
    transaction: Database = this.#database,
  ): Promise<number> {
    try {
      const { id } = await transaction
        .insertInto('run')
        .values({ agreement, attempt, study, initiator, state: 'running', started_at: this.at() })
        .returning('id')
        .executeTakeFirstOrThrow();
      return id;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw fault('frame-order', 'this attempt has been made before');
    }
  }

  /** Records a session as burned: its keys may be used once this has resolved, and never again. Throws `session-burned`. */
  async burn(id: number, session: string): Promise<void> {
    const { agreement, attempt } = await this.row(id);
    try {
      await this.#database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('burned_session')
          .values({ id: session, agreement, attempt, burned_at: this.at() })
          .execute();
        await transaction.updateTable('run').set({ session }).where('id', '=', id).execute();
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw fault('session-burned', `the keys of session ${session} have been used here before`, {
        culprit: 'key service',
      });
    }
  }

  /** Records that the attempt counts from now on; again, nothing. @param transaction where it is to be durable with something else */
  async opened(id: number, transaction: Database = this.#database): Promise<void> {
    await transaction
      .updateTable('run')
      .set({ opened_at: this.at() })
      .where('id', '=', id)
      .where('opened_at', 'is', null)
      .execute();
  }

  /** Records the end of an attempt that succeeded, with the statement that its parties signed. */
  protected async end(
    transaction: Transaction<DatabaseSchema>,
    id: number,
    statement: Uint8Array,
    details: Details,
  ): Promise<void> {
    await transaction
      .updateTable('run')
      .set({ state: 'done', statement, details: JSON.stringify(details), ended_at: this.at() })
      .where('id', '=', id)
      .execute();
  }

  async logged(transaction: Database, id: number, epoch: number, index: number): Promise<void> {
    await transaction.updateTable('run').set({ log_epoch: epoch, log_index: index }).where('id', '=', id).execute();
  }

  /** Records why an attempt ended; where the database is away, as soon as it is back. */
  async failed(id: number, error: unknown): Promise<void> {
    const text = error instanceof SymbolonError ? `${error.code}: ${error.message}` : 'internal';
    await this.#end(id, text, this.at());
  }

  async #end(id: number, error: string, at: string): Promise<void> {
    try {
      await this.#database
        .updateTable('run')
        .set({ state: 'failed', error, ended_at: at })
        .where('id', '=', id)
        .where('state', '=', 'running')
        .execute();
    } catch (away) {
      if (!(away instanceof SymbolonError && away.code === 'database-unavailable')) throw away;
      // Should this process end before, the next one says that the attempt was cut off.
      setTimeout(() => void this.#end(id, error, at).catch(() => undefined), againMilliseconds).unref();
    }
  }

  /** Attempts under an agreement that count. @param study its name; null for links */
  protected async counted(agreement: string, study: string | null): Promise<number> {
    const { count } = await this.#database
      .selectFrom('run')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('agreement', '=', agreement)
      .where('study', study === null ? 'is' : '=', study)
      .where('opened_at', 'is not', null)
      .executeTakeFirstOrThrow();
    return count;
  }

  /** The statement that its parties signed, canonical bytes of the document; null while there is none. */
  async statement(id: number): Promise<Uint8Array | null> {
    return (await this.row(id)).statement;
  }

  /** Throws `not-found`. */
  protected async row(id: number): Promise<AttemptRow> {
    const row = await this.#database.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw fault('not-found', `there is no run ${id} here`);
    return row;
  }

  protected async rows(of: 'links' | 'studies'): Promise<AttemptRow[]> {
    return this.#database
      .selectFrom('run')
      .selectAll()
      .where('study', of === 'links' ? 'is' : 'is not', null)
      .orderBy('id')
      .execute();
  }

  protected info(row: AttemptRow): AttemptInfo<Details> {
    const { id, agreement, attempt, session, state, error } = row;
    return {
      id,
      agreement,
      attempt,
      session,
      state,
      error,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      openedAt: row.opened_at,
      logEpoch: row.log_epoch,
      logIndex: row.log_index,
      details: row.details === null ? null : (JSON.parse(row.details) as Details),
    };
  }

  protected at(): string {
    return this.#now().toISOString();
  }
}

/** For the start of a server: nothing runs yet, so what is recorded as running was cut off. @returns ids of these */
export async function abortRuns(database: Database, now: Date): Promise<number[]> {
  const rows = await database
    .updateTable('run')
    .set({ state: 'aborted', error: 'the server ended while it ran', ended_at: now.toISOString() })
    .where('state', '=', 'running')
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Finished runs whose statement did not get into the log, with that statement. */
export async function unloggedRuns(
  database: Database,
): Promise<{ readonly id: number; readonly study: string | null; readonly statement: Uint8Array }[]> {
  const rows = await database
    .selectFrom('run')
    .select(['id', 'study', 'statement'])
    .where('state', '=', 'done')
    .where('log_index', 'is', null)
    .execute();
  return rows.flatMap(({ id, study, statement }) => (statement === null ? [] : [{ id, study, statement }]));
}
