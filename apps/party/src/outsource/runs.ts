import type { Purpose } from '@symbolon/agreement';
import { fault, parseCanonical, SymbolonError } from '@symbolon/crypto';
import { type Also, type DatabaseSchema, keepCheckpoint } from '@symbolon/service';
import type { Selectable } from 'kysely';
import { requireLive } from '../agreements/state.ts';
import type { PartyContext } from '../context.ts';
import { requireQuota, sealedRunsOf } from '../market/quota.ts';
import type { ReleasedStudy } from '../study/runs.ts';
import type { Recomputed } from './checked.ts';

/** What a run released: what is shown, and how sure it is. */
export interface SealedResult extends ReleasedStudy {
  /** Base64url; the statement holds the hash of the result with it. */
  readonly salt: string;
  /** Whether the same was computed from the rows in the clear; else why that could not be. */
  readonly recomputed: Recomputed;
  readonly seconds: { readonly evaluate: number; readonly open: number };
}

/** What is known of a run that gave scores, which are kept elsewhere: see `own-files.ts`. */
export interface ScoredResult extends Pick<SealedResult, 'salt' | 'seconds'> {
  /** Patients that have one. */
  readonly scores: number;
  /** Hash of the sealed file that holds them, base64url. */
  readonly kept: string;
  readonly recomputed: Exclude<Recomputed, 'model'>;
}

/** A question as it was run. */
export interface SealedRunInfo {
  readonly id: number;
  /** Hash of the agreement. */
  readonly agreement: string;
  /** Numbers of the question, and of the table that it was asked of. */
  readonly question: number;
  readonly table: number;
  /** `stopped`: the server ended while it ran; it can go on. */
  readonly state: Selectable<DatabaseSchema['sealed_run']>['state'];
  readonly purpose: string | null;
  readonly person: string;
  /** Code and message of what ended it. */
  readonly error: string | null;
  readonly startedAt: string;
  /** Since when it counts towards the agreement's runs. */
  readonly openedAt: string | null;
  readonly endedAt: string | null;
  /** Where its statement stands in the log. */
  readonly logEpoch: number | null;
  readonly logIndex: number | null;
}

/** What these runs are called where others are numbered too. */
export const sealedRunsName = 'encrypted tables';

/** Runs of questions to encrypted tables. They are durable: one that a server stopped in goes on where it was. */
export class SealedRuns {
  readonly #context: PartyContext;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  async begin(
    run: { agreement: string; question: number; table: number; purpose: Purpose | undefined; person: string },
    also?: Also<number>,
  ): Promise<number> {
    const { log, now } = this.#context;
    const { agreement, question, table, purpose = null, person } = run;
    let id = 0;
    await log.append({ kind: 'sealed-asked', agreement, question, table, person }, async (transaction) => {
      const row = {
        agreement,
        question,
        table,
        purpose,
        person,
        state: 'running' as const,
        started_at: now().toISOString(),
      };
      ({ id } = await transaction.insertInto('sealed_run').values(row).returning('id').executeTakeFirstOrThrow());
      await also?.(transaction, id);
    });
    return id;
  }

  /** A run that was stopped goes on. Throws `conflict` for any other. */
  async resume(id: number, also?: Also<number>): Promise<void> {
    await this.#context.database.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('sealed_run')
        .set({ state: 'running' })
        .where('id', '=', id)
        .where('state', '=', 'stopped')
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw fault('conflict', `run ${id} was not stopped; ask the question anew`);
      await also?.(transaction, id);
    });
  }

  /** The number that the compute server gave it; null while it was not asked. */
  async asked(id: number): Promise<number | null> {
    return (await this.#row(id)).asked;
  }

  async keepAsked(id: number, asked: number): Promise<void> {
    await this.#context.database.updateTable('sealed_run').set({ asked }).where('id', '=', id).execute();
  }

  /** From here on the run counts. In one transaction: agreement still in force, no more runs than agreed, and within the quota. Throws `agreement-…`. */
  async opening(id: number, maxRuns: number): Promise<void> {
    const { database, agreements, now } = this.#context;
    await database.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('sealed_run')
        .set({ opened_at: now().toISOString() })
        .where('id', '=', id)
        .where('opened_at', 'is', null)
        .execute();
      const { agreement } = await transaction
        .selectFrom('sealed_run')
        .select('agreement')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      await requireLive(agreements.within(transaction), agreement);
      const { count } = await transaction
        .selectFrom('sealed_run')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('agreement', '=', agreement)
        .where('opened_at', 'is not', null)
        .executeTakeFirstOrThrow();
      if (count > maxRuns) throw fault('agreement-limit', `All ${maxRuns} runs on encrypted tables have been used.`);
      const stored = await agreements.within(transaction).find(agreement);
      const by = stored && sealedRunsOf(stored.agreement);
      if (by !== undefined) await requireQuota(transaction, stored!, by, { now: now(), counted: true });
    });
  }

  /** Keeps the result with its statement in the log. @param statement canonical bytes */
  async done(id: number, result: SealedResult | ScoredResult, statement: Uint8Array): Promise<void> {
    const { log, agreements, now } = this.#context;
    await log.append({ kind: 'sealed-done', statement: parseCanonical(statement) }, async (transaction, index) => {
      const { agreement } = await transaction
        .updateTable('sealed_run')
        .set({
          ...{ state: 'done', error: null, result: JSON.stringify(result), statement, ended_at: now().toISOString() },
          ...{ log_epoch: log.epoch, log_index: index },
        })
        .where('id', '=', id)
        .returning('agreement')
        .executeTakeFirstOrThrow();
      await requireLive(agreements.within(transaction), agreement);
    });
    await keepCheckpoint(this.#context);
    // In the background: nothing waits for a witness.
    void this.#context.witnesses.round();
  }

  async failed(id: number, error: unknown): Promise<void> {
    const text = error instanceof SymbolonError ? `${error.code}: ${error.message}` : 'internal';
    await this.#context.database
      .updateTable('sealed_run')
      .set({ state: 'failed', error: text, ended_at: this.#context.now().toISOString() })
      .where('id', '=', id)
      .execute();
  }

  /** It can go on when the server runs again. */
  async stopped(id: number): Promise<void> {
    await this.#context.database.updateTable('sealed_run').set({ state: 'stopped' }).where('id', '=', id).execute();
  }

  /** For the start of a server: nothing runs yet. */
  async stopAll(): Promise<void> {
    await this.#context.database
      .updateTable('sealed_run')
      .set({ state: 'stopped' })
      .where('state', '=', 'running')
      .execute();
  }

  async list(): Promise<SealedRunInfo[]> {
    const rows = await this.#context.database.selectFrom('sealed_run').selectAll().orderBy('id').execute();
    return rows.map(infoOf);
  }

  /** Those whose result may be released; scores never are. */
  async releasable(): Promise<SealedRunInfo[]> {
    const rows = await this.#context.database
      .selectFrom('sealed_run')
      .selectAll()
      .where('state', '=', 'done')
      .orderBy('id')
      .execute();
    return rows.filter(({ result }) => result !== null && !('scores' in JSON.parse(result))).map(infoOf);
  }

  /** Throws `not-found`. */
  async show(id: number): Promise<SealedRunInfo> {
    return infoOf(await this.#row(id));
  }

  /** Null where there is none. */
  async result(id: number): Promise<SealedResult | ScoredResult | null> {
    const { result } = await this.#row(id);
    return result === null ? null : (JSON.parse(result) as SealedResult | ScoredResult);
  }

  /** What the owner signed about it, canonical JSON; null while there is none. */
  async statement(id: number): Promise<Uint8Array | null> {
    return (await this.#row(id)).statement;
  }

  async #row(id: number): Promise<Selectable<DatabaseSchema['sealed_run']>> {
    const row = await this.#context.database
      .selectFrom('sealed_run')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `no question to encrypted tables has run ${id} here`);
    return row;
  }
}

function infoOf(row: Selectable<DatabaseSchema['sealed_run']>): SealedRunInfo {
  const { id, agreement, question, table, state, purpose, person, error } = row;
  return {
    ...{ id, agreement, question, table, state, purpose, person, error },
    startedAt: row.started_at,
    openedAt: row.opened_at,
    endedAt: row.ended_at,
    logEpoch: row.log_epoch,
    logIndex: row.log_index,
  };
}
