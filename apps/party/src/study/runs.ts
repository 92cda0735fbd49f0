import type { Cell, MethodResult, Sizes } from '@symbolon/analytics';
import { fault } from '@symbolon/crypto';
import { type DatabaseSchema, isDuplicate } from '@symbolon/service';
import type { Transaction } from 'kysely';
import { type AttemptInfo, AttemptStore } from '../run/attempts.ts';
import type { Phase } from '../run/progress.ts';

/** What a study released to this party. */
export interface ReleasedStudy {
  readonly columns: readonly string[];
  /** What SELECT, HAVING, ORDER BY and LIMIT make of the cells; values as DuckDB prints them. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Every cell, those withheld marked. */
  readonly cells: readonly Cell[];
  readonly totals: readonly (string | null)[];
  /** What the study's method makes of it; null for a SELECT. */
  readonly method: MethodResult | null;
}

/** What a finished run of a study says of itself, beside its statement. */
export interface StudyRunDetails {
  readonly initiator: string;
  readonly parties: readonly string[];
  /** Who learns the result. */
  readonly to: readonly string[];
  /** Of the bound study. */
  readonly studyHash: string;
  readonly sizes: Sizes;
  /** Own records that took no part, because people opted out, by the alias of the table; it stays here. Absent in runs that are older. */
  readonly leftOut?: Readonly<Record<string, number>>;
  /** Each with one-time keys of its own. */
  readonly sessions: number;
  /**
   * Of joins by a rule: own records of which the cap of blocking cut something, by the alias of the spoke; the others' are known to them alone.
   * Absent in runs that are older.
   */
  readonly cut?: Readonly<Record<string, number>>;
  /** Those of sessions without this party too. */
  readonly rounds: number;
  /** Payload of this party's frames, and of the answer keys that came here. */
  readonly bytes: { readonly sent: number; readonly received: number; readonly answerKey: number };
  /** From the wish to run it to the result in the database. */
  readonly seconds: number;
  /** Of those, from the opened lines to the opened result. */
  readonly protocolSeconds: number;
  readonly phaseSeconds: Readonly<Partial<Record<Phase, number>>>;
}

/** An attempt to run a study. */
export interface StudyRunInfo extends AttemptInfo<StudyRunDetails> {
  /** Its name in the agreement. */
  readonly study: string;
}

/** The runs of studies of a party, and what came of them. */
export class StudyRunStore extends AttemptStore<StudyRunDetails> {
  start(
    agreement: string,
    attempt: string,
    study: string,
    initiator: string | null = null,
    transaction?: Transaction<DatabaseSchema>,
  ): Promise<number> {
    return this.begin(agreement, attempt, study, initiator, transaction);
  }

  /** The name of an attempt, once all parties have chosen it. Throws `frame-order` for one that was. */
  async name(id: number, attempt: string): Promise<void> {
    try {
      await this.database.updateTable('run').set({ attempt }).where('id', '=', id).execute();
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw fault('frame-order', 'this attempt has been made before');
    }
  }

  /** Records the end, with the statement that all have signed. @param released null where this party does not learn it */
  async done(
    id: number,
    end: {
      released: ReleasedStudy | null;
      statement: Uint8Array;
      /** Holds, in the transaction that keeps the result, that it may be kept. */
      keeping: (transaction: Transaction<DatabaseSchema>) => Promise<void>;
      details: StudyRunDetails;
    },
  ): Promise<void> {
    const { released, statement, keeping, details } = end;
    await this.database.transaction().execute(async (transaction) => {
      if (released !== null) {
        await transaction
          .insertInto('study_result')
          .values({ run: id, result: JSON.stringify(released) })
          .execute();
      }
      await this.end(transaction, id, statement, details);
      // The writes came first, as they take the lock that makes this read the newest.
      await keeping(transaction);
    });
  }

  /** Runs of these studies that count. */
  async counts(agreement: string, studies: readonly string[]): Promise<number> {
    const all = await Promise.all(studies.map((study) => this.counted(agreement, study)));
    return all.reduce((sum, count) => sum + count, 0);
  }

  async list(): Promise<StudyRunInfo[]> {
    return (await this.rows('studies')).map((row) => ({ ...this.info(row), study: row.study! }));
  }

  /** Throws `not-found`. */
  async show(id: number): Promise<StudyRunInfo> {
    const row = await this.row(id);
    if (row.study === null) throw fault('not-found', `run ${id} is of a link, not of a study`);
    return { ...this.info(row), study: row.study };
  }

  /** What a run released to this party; null where it learnt nothing. */
  async result(id: number): Promise<ReleasedStudy | null> {
    const row = await this.database
      .selectFrom('study_result')
      .select('result')
      .where('run', '=', id)
      .executeTakeFirst();
    return row === undefined ? null : (JSON.parse(row.result) as ReleasedStudy);
  }
}
