import { type BoundStudy, studyHash } from '@symbolon/analytics';
import { base64url, fault } from '@symbolon/crypto';
import { type Also, type Database, independentApprovers, type Page, type PageQuery, pageFrom } from '@symbolon/service';
import { type Context, policyOf } from '../context.ts';
import type { RecordTypes } from '../records/types/types.ts';
import { bind, type Released, run } from './run.ts';
import { studySchema } from './schema.ts';

const rowsAtOnce = 500;

/** A study as people see it. */
export interface StudyInfo {
  readonly id: string;
  readonly module: string;
  readonly title: string;
  readonly purpose: string;
  readonly sql: string;
  readonly state: 'proposed' | 'approved' | 'refused' | 'done';
  readonly askedBy: string;
  readonly askedAt: string;
  readonly approvedBy: readonly string[];
  readonly ranAt: string | null;
  readonly result: Released | null;
}

/** What a researcher asks for. */
export interface StudyRequest {
  readonly module: string;
  readonly title: string;
  readonly purpose: string;
  readonly sql: string;
}

/**
 * Studies of researchers on the records of one module: asked for, approved by others, run once. The log has each, and each patient whose records one was
 * computed on is told by the patient's view.
 */
export class Studies {
  readonly #context: Pick<Context, 'settings' | 'database' | 'log' | 'rng' | 'now'>;
  readonly #types: RecordTypes;

  constructor(context: Pick<Context, 'settings' | 'database' | 'log' | 'rng' | 'now'>, types: RecordTypes) {
    this.#context = context;
    this.#types = types;
  }

  /** Throws `study-…` where the SQL cannot be run. */
  async ask(
    { module, title, purpose, sql }: StudyRequest,
    by: string,
    also: Also<{ readonly study: string }>,
  ): Promise<StudyInfo> {
    const { log, rng, now } = this.#context;
    const { bound } = await this.#bound(module, sql);
    const id = base64url(rng(16));
    const hash = base64url(studyHash(bound));
    const asked_at = now().toISOString();
    await log.append({ kind: 'study-asked', study: id, module, hash, by, at: asked_at }, async (within) => {
      const row = { id, module, title, purpose, sql, hash, state: 'proposed', asked_by: by, asked_at } as const;
      await within.insertInto('research_study').values(row).execute();
      await also(within, { study: id });
    });
    return this.get(id);
  }

  /** Approves or refuses. Throws `forbidden` to who asked for it, `conflict` where it is decided. */
  async decide(id: string, by: string, approves: boolean): Promise<StudyInfo> {
    const { settings, log, now } = this.#context;
    const study = await this.get(id);
    if (study.askedBy === by) throw fault('forbidden', 'nobody approves their own study', { culprit: by });
    if (study.approvedBy.includes(by) && approves) return study;
    const { studyApprovals } = policyOf(settings, study.module).records;
    const at = now().toISOString();
    const event = { kind: approves ? 'study-approved' : 'study-refused', study: id, module: study.module, by, at };
    await log.append(event, async (within) => {
      const row = await rowOf(within, id);
      if (row.state !== 'proposed') throw fault('conflict', `the study is ${row.state}`, { culprit: id });
      await within
        .insertInto('research_approval')
        .values({ study: id, person: by, approves: approves ? 1 : 0, at })
        .onConflict((conflict) => conflict.columns(['study', 'person']).doUpdateSet({ approves: approves ? 1 : 0, at }))
        .execute();
      const enough = independentApprovers(row.asked_by, await approversOf(within, id)).length >= studyApprovals;
      const state = approves ? (enough ? 'approved' : 'proposed') : 'refused';
      await within.updateTable('research_study').set({ state }).where('id', '=', id).execute();
    });
    return this.get(id);
  }

  /** Runs an approved study; one that was run is answered from then. Throws `unapproved`, and `conflict` where record types have changed since. */
  async run(id: string, by: string): Promise<StudyInfo> {
    const { database, log, now } = this.#context;
    const study = await rowOf(database, id);
    if (study.state === 'done') return this.get(id);
    if (study.state !== 'approved') throw fault('unapproved', `the study is ${study.state}`, { culprit: id });
    const { module, sql, hash } = study;
    const { bound, types } = await this.#bound(module, sql);
    if (base64url(studyHash(bound)) !== hash) {
      throw fault('conflict', 'the record types that the study asks have changed since it was approved', {
        culprit: id,
        hint: 'Ask for the study again.',
      });
    }
    const { released, used } = await run(bound, types, database);
    const ran_at = now().toISOString();
    await log.append({ kind: 'study-run', study: id, module, hash, by, at: ran_at }, async (within) => {
      const { numUpdatedRows } = await within
        .updateTable('research_study')
        .set({ state: 'done', result: JSON.stringify(released), ran_at })
        .where('id', '=', id)
        .where('state', '=', 'approved')
        .executeTakeFirst();
      // Another has run it meanwhile: that result counts.
      if (numUpdatedRows !== 1n) throw fault('conflict', 'the study was run just now', { culprit: id });
      await keepUse(within, { study: id, module }, [...used]);
    });
    return this.get(id);
  }

  /** Throws `not-found`. */
  async get(id: string): Promise<StudyInfo> {
    const { database } = this.#context;
    return shown(await rowOf(database, id), await approversOf(database, id));
  }

  /** Without results. */
  async list({
    module,
    after = '',
    limit,
  }: PageQuery & { readonly module?: string | undefined }): Promise<Page<StudyInfo>> {
    const { database } = this.#context;
    const rows = await database
      .selectFrom('research_study')
      .selectAll()
      .$if(module !== undefined, (query) => query.where('module', '=', module!))
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    const items = await Promise.all(
      rows.map(async (row) => shown({ ...row, result: null }, await approversOf(database, row.id))),
    );
    return pageFrom(items, limit, ({ id }) => id);
  }

  async #bound(
    module: string,
    sql: string,
  ): Promise<{ bound: BoundStudy; types: Awaited<ReturnType<RecordTypes['newest']>> }> {
    const { minPatients } = policyOf(this.#context.settings, module).records;
    const types = await this.#types.newest(module);
    return { bound: await bind(sql, studySchema(types, minPatients)), types };
  }
}

async function keepUse(
  within: Database,
  of: { readonly study: string; readonly module: string },
  relations: readonly string[],
): Promise<void> {
  for (let at = 0; at < relations.length; at += rowsAtOnce) {
    const rows = relations.slice(at, at + rowsAtOnce).map((relation) => ({ ...of, relation }));
    await within.insertInto('research_use').values(rows).execute();
  }
}

async function rowOf(database: Database, id: string) {
  const row = await database.selectFrom('research_study').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw fault('not-found', `there is no study ${id}`, { culprit: id });
  return row;
}

async function approversOf(database: Database, study: string): Promise<string[]> {
  const rows = await database
    .selectFrom('research_approval')
    .select('person')
    .where('study', '=', study)
    .where('approves', '=', 1)
    .orderBy('at')
    .orderBy('person')
    .execute();
  return rows.map(({ person }) => person);
}

function shown(row: Awaited<ReturnType<typeof rowOf>>, approvedBy: readonly string[]): StudyInfo {
  const { id, module, title, purpose, sql, state, result } = row;
  return {
    ...{ id, module, title, purpose, sql, state, approvedBy },
    askedBy: row.asked_by,
    askedAt: row.asked_at,
    ranAt: row.ran_at,
    result: result === null ? null : (JSON.parse(result) as Released),
  };
}
