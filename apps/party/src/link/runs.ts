import { fault, SymbolonError } from '@symbolon/crypto';
import { type Database, type DatabaseSchema, isDuplicate } from '@symbolon/service';
import type { Selectable } from 'kysely';
import { type Match, readPage } from './matches.ts';
import type { LinkPhase } from './progress.ts';

/** What a finished run says of itself, beside its statement. */
export interface RunDetails {
  readonly rows: { readonly a: number; readonly b: number };
  /** Pairs that match; null where the other party alone learns it. */
  readonly matches: number | null;
  readonly initiator: string;
  readonly program: string;
  /** Each with one-time keys of its own; all but the last are shards. */
  readonly sessions: number;
  readonly shards: number;
  /** Own records of which the cap of blocking cut something; the other party's are known to it alone. */
  readonly cut: number;
  readonly rounds: number;
  /** Payload of this party's frames, and of the answer key if it came here. */
  readonly bytes: { readonly sent: number; readonly received: number; readonly answerKey: number };
  /** From the wish to link to the result in the database, but for its last sync. */
  readonly seconds: number;
  /** Of those, from the opened line to the opened result. */
  readonly protocolSeconds: number;
  readonly phaseSeconds: Readonly<Partial<Record<LinkPhase, number>>>;
}

/** An attempt to run an agreement, as this party keeps it. */
export interface RunInfo {
  readonly id: number;
  /** Hash of the agreement. */
  readonly agreement: string;
  readonly attempt: string;
  readonly session: string | null;
  readonly state: 'running' | 'done' | 'failed' | 'aborted';
  /** Code and message of what ended it. */
  readonly error: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Since when the result may have been opened: from here on it counts towards the agreement's runs. */
  readonly openedAt: string | null;
  /** Where its statement stands in the log: epoch and index. */
  readonly logEpoch: number | null;
  readonly logIndex: number | null;
  readonly details: RunDetails | null;
}

/** The attempts of a party and what came of them. When a call resolves, what it wrote survives power loss. */
export class RunStore {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  async start(agreement: string, attempt: string): Promise<number> {
    try {
      const { id } = await this.#database
        .insertInto('run')
        .values({ agreement, attempt, state: 'running', started_at: this.#at() })
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
    const { agreement, attempt } = await this.#row(id);
    try {
      await this.#database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('burned_session')
          .values({ id: session, agreement, attempt, burned_at: this.#at() })
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

  /** Records that the result may be opened from now on. */
  async opened(id: number): Promise<void> {
    await this.#database.updateTable('run').set({ opened_at: this.#at() }).where('id', '=', id).execute();
  }

  /** Records the result: its matches, as `matchPages` gives them, and the statement that both have signed. */
  async done(
    id: number,
    result: {
      pages: Iterable<string>;
      statement: Uint8Array;
      /** Asked once the matches are in. */
      details: () => RunDetails;
    },
  ): Promise<void> {
    const { pages, statement, details } = result;
    await this.#database.transaction().execute(async (transaction) => {
      let page = 0;
      for (const matches of pages) {
        await transaction.insertInto('match_page').values({ run: id, page: page++, matches }).execute();
      }
      await transaction
        .updateTable('run')
        .set({ state: 'done', statement, details: JSON.stringify(details()), ended_at: this.#at() })
        .where('id', '=', id)
        .execute();
    });
  }

  async logged(id: number, epoch: number, index: number): Promise<void> {
    await this.#database.updateTable('run').set({ log_epoch: epoch, log_index: index }).where('id', '=', id).execute();
  }

  async failed(id: number, error: unknown): Promise<void> {
    const text = error instanceof SymbolonError ? `${error.code}: ${error.message}` : 'internal';
    await this.#database
      .updateTable('run')
      .set({ state: 'failed', error: text, ended_at: this.#at() })
      .where('id', '=', id)
      .where('state', '=', 'running')
      .execute();
  }

  /** For the start of a server: nothing runs yet, so what is recorded as running was cut off. @returns ids of these */
  async recover(): Promise<number[]> {
    const rows = await this.#database
      .updateTable('run')
      .set({ state: 'aborted', error: 'the server ended while it ran', ended_at: this.#at() })
      .where('state', '=', 'running')
      .returning('id')
      .execute();
    return rows.map(({ id }) => id);
  }

  /** Finished runs whose statement did not get into the log, with that statement. */
  async unlogged(): Promise<{ id: number; statement: Uint8Array }[]> {
    const rows = await this.#database
      .selectFrom('run')
      .select(['id', 'statement'])
      .where('state', '=', 'done')
      .where('log_index', 'is', null)
      .execute();
    return rows.flatMap(({ id, statement }) => (statement === null ? [] : [{ id, statement }]));
  }

  /** Attempts under an agreement that may have opened their result. */
  async opens(agreement: string): Promise<number> {
    const { count } = await this.#database
      .selectFrom('run')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('agreement', '=', agreement)
      .where('opened_at', 'is not', null)
      .executeTakeFirstOrThrow();
    return count;
  }

  async list(): Promise<RunInfo[]> {
    return (await this.#database.selectFrom('run').selectAll().orderBy('id').execute()).map(asInfo);
  }

  /** Throws `not-found`. */
  async show(id: number): Promise<RunInfo> {
    return asInfo(await this.#row(id));
  }

  /** The statement that both parties signed, canonical bytes of the document; null while there is none. */
  async statement(id: number): Promise<Uint8Array | null> {
    return (await this.#row(id)).statement;
  }

  /** In the order of the own rows. @param table of this party */
  async *matches(id: number, table: 'a' | 'b'): AsyncGenerator<Match> {
    for (let page = 0; ; page++) {
      const found = await this.#database
        .selectFrom('match_page')
        .select('matches')
        .where('run', '=', id)
        .where('page', '=', page)
        .executeTakeFirst();
      if (found === undefined) return;
      yield* readPage(found.matches, table);
    }
  }

  async #row(id: number): Promise<Selectable<DatabaseSchema['run']>> {
    const row = await this.#database.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw fault('not-found', `there is no run ${id} here`);
    return row;
  }

  #at(): string {
    return this.#now().toISOString();
  }
}

function asInfo(row: Selectable<DatabaseSchema['run']>): RunInfo {
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
    details: row.details === null ? null : (JSON.parse(row.details) as RunDetails),
  };
}
