import { join } from 'node:path';
import { type Purpose, pointsColumn } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { TableKind } from '@symbolon/fhe';
import { type Also, keepCheckpoint, type Person } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { approveRelease, type ReleasableRun, requireReleased, withdrawRelease } from '../release.ts';
import type { Job, SealedWork } from '../run/job.ts';
import type { Jobs } from '../run/jobs.ts';
import { decideSealed } from './decide-sealed.ts';
import { type OutsourcedTable, outsourcedColumn } from './describe.ts';
import type { ScorePart } from './key-orders.ts';
import { type SealKeyInfo, SealKeys, type WantedKey } from './keys.ts';
import { ownFolder } from './own-files.ts';
import { bindAsked, SealedQuestions } from './questions.ts';
import { encryptRows, removeTable, rotate, upload, type Work } from './rotate.ts';
import { runQuestion } from './run-question.ts';
import { type ScoredResult, type SealedResult, SealedRuns, sealedRunsName } from './runs.ts';
import { removeStrangers } from './stored-columns.ts';
import { formOf, SealedTables } from './tables.ts';

/** What an owner wants encrypted. */
export interface WantedTable {
  readonly agreement: string;
  /** Its name in the agreement. */
  readonly name: string;
  /** Number of the key. */
  readonly key: number;
  /** By column: where bands of numbers and dates begin, so that conditions can tell them apart. */
  readonly cuts: Readonly<Record<string, readonly string[]>>;
  /** Columns from which scores are to be computed; absent for a table of which totals are. */
  readonly features?: readonly string[] | undefined;
}

type Asker = Pick<Person, 'id'>;
type JobOf = Job<{ readonly id: number }>;

/** The gateway of an organisation that lets another compute on its encrypted tables: keys, tables, questions, and their results. */
export class Gateway {
  readonly keys: SealKeys;
  readonly questions: SealedQuestions;
  readonly tables: SealedTables;
  readonly runs: SealedRuns;
  readonly #context: PartyContext;
  readonly #jobs: Jobs;

  constructor(context: PartyContext, jobs: Jobs) {
    this.#context = context;
    this.#jobs = jobs;
    this.keys = new SealKeys(context);
    this.tables = new SealedTables(context);
    this.questions = new SealedQuestions(context);
    this.runs = new SealedRuns(context);
  }

  /** Puts in order what a process that ended badly left unfinished. Runs when the server starts. */
  async tidy(): Promise<void> {
    await this.runs.stopAll();
    await this.keys.tidy();
    for (const table of await this.tables.list()) {
      // One that replaces another is taken up when the key is rotated again.
      if (table.state === 'encrypting' && table.replaces === null) await this.tables.deleted(table);
    }
    const tables = await this.tables.list();
    const moving = new Set(tables.flatMap(({ state, replaces }) => (state === 'encrypting' ? [replaces] : [])));
    const needed = tables.filter(({ id, state }) => state === 'encrypting' || state === 'encrypted' || moving.has(id));
    const { path } = this.#context.home;
    await removeStrangers(join(path, 'sealed'), new Set(needed.map(({ table }) => table)));
    const known = tables.filter(({ state }) => state !== 'deleted');
    await removeStrangers(ownFolder(path, ''), new Set(known.map(({ table }) => table)));
  }

  /** Forgets all secrets. */
  close(): void {
    this.keys.close();
  }

  /** Throws `agreement-…` where nothing may be encrypted under this agreement. */
  async generateKey(wanted: WantedKey, { id }: Asker, also?: Also<number>): Promise<SealKeyInfo> {
    const { hash } = await this.#context.agreements.get(wanted.agreement);
    const { terms } = await decideSealed(this.#context, { agreement: hash, table: null, person: id });
    requireMethod(terms, wanted.kind);
    return this.keys.generate({ ...wanted, agreement: hash }, id, also);
  }

  /** Begins to encrypt a data set. Throws `agreement-…`, `table-layout`, `seal-key`. */
  async encrypt(
    { agreement, name, key, cuts, features }: WantedTable,
    { id: person }: Asker,
    also?: Also<number>,
  ): Promise<JobOf> {
    const { hash } = await this.#context.agreements.get(agreement);
    const { terms } = await decideSealed(this.#context, { agreement: hash, table: name, person });
    const described = features === undefined ? describe(name, terms, cuts) : describeFeatures(name, terms, features);
    formOf(described);
    requireMethod(terms, described.kind);
    await this.#requireKey(key, hash, described.kind ?? 'exact');
    return this.#begin({ agreement: hash, sealed: 'encrypt', person }, also, async (work) => {
      const table = await this.tables.begin({ agreement: hash, key, described, replaces: null, person });
      try {
        await encryptRows(this.#context, work, table);
      } catch (error) {
        await this.tables.stored(table).remove();
        await this.tables.deleted(table);
        throw error;
      }
      return table.id;
    });
  }

  /** Begins to send a table to its server, or goes on with it. */
  async upload(id: number, { id: person }: Asker, also?: Also<number>): Promise<JobOf> {
    const table = await this.tables.find(id);
    const { agreement, state } = table;
    if (state !== 'encrypted') throw fault('conflict', `table ${id} cannot be uploaded: it is ${state}`);
    return this.#begin({ agreement, sealed: 'upload', person }, also, async (work) => {
      await upload(this.#context, work, table);
      return id;
    });
  }

  /** Deletes a table, here and at its server. Throws `conflict` while something is done with tables. */
  async remove(id: number, { id: person }: Asker): Promise<void> {
    const table = await this.tables.find(id);
    const { result } = await this.#begin(
      { agreement: table.agreement, sealed: 'remove', person },
      undefined,
      async () => {
        await removeTable(this.#context, this.tables, table);
        return id;
      },
    );
    await result;
  }

  /** Begins to move all tables of a key to another, or goes on with it. */
  async rotate(from: number, to: number, { id: person }: Asker, also?: Also<number>): Promise<JobOf> {
    const { agreement, kind } = await this.keys.show(from);
    if (from === to) throw fault('request-invalid', `key ${from} cannot be rotated to itself`);
    await this.keys.opened(from, 'move');
    await this.#requireKey(to, agreement, kind);
    return this.#begin({ agreement, sealed: 'rotate', person }, also, async (work) => {
      await rotate(this.#context, work, { from, to });
      return from;
    });
  }

  /** Begins to run a question on the table as it is at the server. Throws `agreement-…`, `unapproved`, `seal-key`, `not-found`. */
  async run(
    question: number,
    purpose: Purpose | undefined,
    { id: person }: Asker,
    also?: Also<number>,
  ): Promise<JobOf> {
    const { agreement, kind, table: name } = await this.questions.show(question);
    const table = await this.tables.current(agreement, name, kind === 'scores' ? 'features' : 'exact');
    await this.keys.opened(table.key);
    return this.#begin({ agreement, sealed: 'run', person, purpose }, also, async ({ signal, report }) => {
      const id = await this.runs.begin({ agreement, question, table: table.id, purpose, person });
      await this.#follow(id, { signal, report });
      return id;
    });
  }

  /** Goes on with a run in which the server stopped: what the compute server was asked is not asked again. */
  async resume(id: number, { id: person }: Asker, also?: Also<number>): Promise<JobOf> {
    const { agreement, state, table } = await this.runs.show(id);
    if (state !== 'stopped') throw fault('conflict', `run ${id} cannot go on: it is ${state}`);
    await this.keys.opened((await this.tables.find(table)).key);
    return this.#begin({ agreement, sealed: 'run', person }, also, async ({ signal, report }) => {
      await this.runs.resume(id);
      await this.#follow(id, { signal, report });
      return id;
    });
  }

  /** What a run released; null where it did not come to that. @param reader who wants to see it */
  async result(id: number, reader: Person): Promise<SealedResult | null> {
    await requireReleased(this.#context, await this.#releasable(id), reader);
    return (await this.runs.result(id)) as SealedResult | null;
  }

  /** How many patients a run gave a score, and how sure that is; null of any other. */
  async scored(id: number): Promise<ScoredResult | null> {
    const result = await this.runs.result(id);
    return result !== null && 'scores' in result ? result : null;
  }

  /** Some of the scores of a run, with the patients whose they are: for who may see rows. That they were read is in the log. Throws `seal-key`, `not-found`. */
  async scores(id: number, part: number, { id: person }: Asker): Promise<ScorePart> {
    const { agreement, table: of, question } = await this.runs.show(id);
    const [table, scored] = [await this.tables.find(of), await this.scored(id)];
    const { agreement: terms } = await this.#context.agreements.get(agreement);
    const asked = await bindAsked(terms, (await this.questions.show(question)).text);
    if (scored === null || asked.kind !== 'scores' || table.state === 'deleted')
      throw fault('not-found', `there are no scores of run ${id} here`);
    const key = await this.keys.opened(table.key, 'move');
    const found = await key.scores({
      ...{ table: table.table, run: id, part, own: this.tables.own(table) },
      ...{ model: asked.model, kept: scored.kept },
    });
    const { length: patients } = found.patients;
    await this.#context.log.append({ kind: 'sealed-scores-read', agreement, run: id, part, patients, person });
    await keepCheckpoint(this.#context);
    return found;
  }

  /** Approves that the result of a run is shown to all who may read results. */
  async release(id: number, person: Person, also?: Also): Promise<void> {
    await approveRelease(this.#context, await this.#releasable(id), person, also);
  }

  /** Takes such approvals back; who has read the result has read it. */
  async withdrawRelease(id: number, person: Person): Promise<void> {
    await withdrawRelease(this.#context, await this.#releasable(id), person);
  }

  /** Throws `score-release` for a run that gave scores. */
  async #releasable(id: number): Promise<ReleasableRun> {
    const { agreement } = await this.runs.show(id);
    if ((await this.scored(id)) !== null) {
      throw fault('score-release', `run ${id} gave scores, which stay with who holds the key: they are not released`);
    }
    return { id, agreement, statement: await this.runs.statement(id), of: sealedRunsName };
  }

  async #follow(id: number, { signal, report }: Pick<Work, 'signal' | 'report'>): Promise<void> {
    try {
      await runQuestion(this.#context, this, id, { signal, report });
    } catch (error) {
      if (signal.aborted && this.#jobs.closing) await this.runs.stopped(id);
      else await this.runs.failed(id, error);
      throw error;
    }
  }

  async #requireKey(id: number, agreement: string, kind: TableKind): Promise<void> {
    const key = await this.keys.show(id);
    if (key.agreement !== agreement)
      throw fault('seal-key', `key ${id} is of another agreement`, { culprit: String(id) });
    if (key.kind !== kind) {
      const [is, isNot] = key.kind === 'exact' ? ['totals', 'scores'] : ['scores', 'totals'];
      throw fault('seal-key', `key ${id} is for tables of which ${is} are computed, not ${isNot}`, {
        culprit: String(id),
        hint: `Make another: symbolon seal keygen${kind === 'exact' ? '' : ' --scores'}.`,
      });
    }
    await this.keys.opened(id);
  }

  async #begin(
    task: { agreement: string; sealed: SealedWork; person: string; purpose?: Purpose | undefined },
    also: Also<number> | undefined,
    work: (work: Work) => Promise<number>,
  ): Promise<JobOf> {
    const job: JobOf = await this.#jobs.take({ ...task, initiator: this.#context.home.card.id }, also);
    const { signal, report } = job;
    const { keys, tables } = this;
    const run = async () => ({ id: await work({ keys, tables, signal, report, person: task.person }) });
    job.run(() => run().finally(() => this.#jobs.release(job)));
    return job;
  }
}

/** Throws `agreement-limit` where features are to be encrypted, and the agreement allows no scores of them. */
function requireMethod({ methods }: Terms, kind: TableKind | undefined): void {
  if (kind !== 'features' || methods.includes('score')) return;
  throw fault(
    'agreement-limit',
    'the agreement does not list the method score: nothing is encrypted for scores under it',
    {
      culprit: 'methods',
    },
  );
}

type Terms = Awaited<ReturnType<typeof decideSealed>>['terms'];

/** How a table of an agreement is encrypted: columns that it hides, or only joins by, are not. Throws `table-layout`, `data-missing-column`. */
function describe(
  name: string,
  { tables, minPatients, models = {} }: Terms,
  cuts: WantedTable['cuts'],
): OutsourcedTable {
  const { patient, onePerPatient, columns } = tables[name]!;
  if (onePerPatient !== true) {
    throw fault('table-layout', `patients may have several rows of ${name}, so rows do not count patients`, {
      culprit: name,
      hint: 'Make a table with one row a patient, and say so in the agreement: onePerPatient.',
    });
  }
  const wanted = Object.entries(columns).filter(
    ([column, { policy }]) => column !== patient && policy !== 'hidden' && policy !== 'join',
  );
  const stranger = Object.keys(cuts).find((column) => !wanted.some(([own]) => own === column));
  if (stranger !== undefined) {
    throw fault('data-missing-column', `${name} has no column ${stranger} to be encrypted`, { culprit: stranger });
  }
  const encrypted = wanted.map(([column, described]) => outsourcedColumn(column, described, cuts[column]));
  const points = Object.entries(models).flatMap(([model, { table, columns: by, most }]) =>
    table === name ? [{ name: model, column: pointsColumn(most), model: by }] : [],
  );
  return { name, patient, minPatients, columns: [...encrypted, ...points] };
}

/** What of a table of an agreement scores are computed from. Throws `data-missing-column`. */
function describeFeatures(name: string, { tables, minPatients }: Terms, features: readonly string[]): OutsourcedTable {
  const { patient, columns } = tables[name]!;
  const found = features.map((feature) => {
    const column = Object.hasOwn(columns, feature) ? columns[feature] : undefined;
    if (column !== undefined && feature !== patient && column.policy !== 'hidden' && column.policy !== 'join')
      return { name: feature, column };
    throw fault('data-missing-column', `${name} has no column ${feature} to be encrypted`, { culprit: feature });
  });
  return { kind: 'features', name, patient, minPatients, columns: found };
}
