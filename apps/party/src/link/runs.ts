import { fault } from '@symbolon/crypto';
import type { DatabaseSchema } from '@symbolon/service';
import type { Transaction } from 'kysely';
import { type AttemptInfo, AttemptStore } from '../run/attempts.ts';
import type { Phase } from '../run/progress.ts';
import { type KeptPair, type Match, readPage, readPairs } from './matches.ts';

/** What a finished run says of itself, beside its statement. */
export interface RunDetails {
  readonly rows: { readonly a: number; readonly b: number };
  /** Pairs that match; null where the other party alone learns it. */
  readonly matches: number | null;
  readonly initiator: string;
  readonly program: string;
  /** The own data set's `fingerprint`, where studies may join by the pairs; it stays here. */
  readonly data?: string;
  /** Own records that took no part, because people opted out; it stays here. Absent in runs that are older. */
  readonly leftOut?: number;
  /** Each with one-time keys of its own; all but the last are shards. */
  readonly sessions: number;
  readonly shards: number;
  /** Own records of which the cap of blocking cut something; the other party's are known to it alone. */
  readonly cut: number;
  /** Rows of a that have as many partners as blocking gives at most, so that others may match them too; where that can be and is known here. */
  readonly full?: number;
  readonly rounds: number;
  /** Payload of this party's frames, and of the answer key if it came here. */
  readonly bytes: { readonly sent: number; readonly received: number; readonly answerKey: number };
  /** From the wish to link to the result in the database, but for its last sync. */
  readonly seconds: number;
  /** Of those, from the opened line to the opened result. */
  readonly protocolSeconds: number;
  readonly phaseSeconds: Readonly<Partial<Record<Phase, number>>>;
}

/** An attempt to run the link of an agreement. */
export type RunInfo = AttemptInfo<RunDetails>;

/** The links of a party and what came of them. */
export class RunStore extends AttemptStore<RunDetails> {
  start(
    agreement: string,
    attempt: string,
    initiator: string | null = null,
    transaction?: Transaction<DatabaseSchema>,
  ): Promise<number> {
    return this.begin(agreement, attempt, null, initiator, transaction);
  }

  /** Records the result: its matches, as `matchPages` gives them, and the statement that both have signed. */
  async done(
    id: number,
    result: {
      pages: Iterable<string>;
      statement: Uint8Array;
      /** Holds, in the transaction that keeps the result, that it may be kept. */
      keeping: (transaction: Transaction<DatabaseSchema>) => Promise<void>;
      /** Asked once the matches are in. */
      details: () => RunDetails;
    },
  ): Promise<void> {
    const { pages, statement, keeping, details } = result;
    await this.database.transaction().execute(async (transaction) => {
      let page = 0;
      for (const matches of pages) {
        await transaction.insertInto('match_page').values({ run: id, page: page++, matches }).execute();
      }
      await this.end(transaction, id, statement, details());
      // The writes came first, as they take the lock that makes this read the newest.
      await keeping(transaction);
    });
  }

  /** Links under an agreement that may have opened their result. */
  opens(agreement: string): Promise<number> {
    return this.counted(agreement, null);
  }

  async list(): Promise<RunInfo[]> {
    return (await this.rows('links')).map((row) => this.info(row));
  }

  /** Throws `not-found`. */
  async show(id: number): Promise<RunInfo> {
    const row = await this.row(id);
    if (row.study !== null) throw fault('not-found', `run ${id} is of a study, not of a link`);
    return this.info(row);
  }

  /** In the order of the own rows. @param table of this party */
  async *matches(id: number, table: 'a' | 'b'): AsyncGenerator<Match> {
    for (let page = 0; ; page++) {
      const found = await this.matchPage(id, table, page);
      if (found === undefined) return;
      yield* found;
    }
  }

  /** All pairs that opened, those of erased records too. @param table of this party */
  async *pairs(id: number, table: 'a' | 'b'): AsyncGenerator<KeptPair> {
    for (let page = 0; ; page++) {
      const found = await this.#page(id, page);
      if (found === undefined) return;
      yield* readPairs(found, table);
    }
  }

  /** Some thousand of {@link matches}; undefined after the last page. */
  async matchPage(id: number, table: 'a' | 'b', page: number): Promise<Iterable<Match> | undefined> {
    const found = await this.#page(id, page);
    return found === undefined ? undefined : readPage(found, table);
  }

  async #page(id: number, page: number): Promise<string | undefined> {
    const found = await this.database
      .selectFrom('match_page')
      .select('matches')
      .where('run', '=', id)
      .where('page', '=', page)
      .executeTakeFirst();
    return found?.matches;
  }
}
