import type { Purpose } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { specOf } from '@symbolon/fhe';
import type { Also, Person } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { approveRelease, type ReleasableRun, requireReleased, withdrawRelease } from '../release.ts';
import type { Job, SealedWork } from '../run/job.ts';
import type { Jobs } from '../run/jobs.ts';
import { decideSealed } from './decide-sealed.ts';
import { type OutsourcedTable, outsourcedColumn } from './describe.ts';
import { type SealKeyInfo, SealKeys } from './keys.ts';
import { SealedQuestions } from './questions.ts';
import { encryptRows, removeTable, rotate, upload, type Work } from './rotate.ts';
import { runQuestion } from './run-question.ts';
import { type SealedResult, SealedRuns } from './runs.ts';
import { removeStrangers } from './stored-columns.ts';
import { SealedTables } from './tables.ts';

/** What an owner wants encrypted. */
export interface WantedTable {
  readonly agreement: string;
  /** Its name in the agreement. */
  readonly name: string;
  /** Number of the key. */
  readonly key: number;
  /** By column: where bands of numbers and dates begin, so that conditions can tell them apart. */
  readonly cuts: Readonly<Record<string, readonly string[]>>;
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
    await removeStrangers(this.#context.home.path, new Set(needed.map(({ table }) => table)));
  }

  /** Forgets all secrets. */
  close(): void {
    this.keys.close();
  }

  /** Throws `agreement-…` where nothing may be encrypted under this agreement. */
  async generateKey(agreement: string, passphrase: string, { id }: Asker, also?: Also<number>): Promise<SealKeyInfo> {
    const { hash } = await this.#context.agreements.get(agreement);
    await decideSealed(this.#context, { agreement: hash, table: null, person: id });
    return this.keys.generate(hash, passphrase, id, also);
  }

  /** Begins to encrypt a data set. Throws `agreement-…`, `table-layout`, `seal-key`. */
  async encrypt(
    { agreement, name, key, cuts }: WantedTable,
    { id: person }: Asker,
    also?: Also<number>,
  ): Promise<JobOf> {
    const { hash } = await this.#context.agreements.get(agreement);
    const { terms } = await decideSealed(this.#context, { agreement: hash, table: name, person });
    const described = describe(name, terms, cuts);
    await this.#requireKey(key, hash);
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
  async remove(id: number): Promise<void> {
    const table = await this.tables.find(id);
    this.#jobs.requireFree();
    await removeTable(this.#context, this.tables, table);
  }

  /** Begins to move all tables of a key to another, or goes on with it. */
  async rotate(from: number, to: number, { id: person }: Asker, also?: Also<number>): Promise<JobOf> {
    const { agreement } = await this.keys.show(from);
    if (from === to) throw fault('request-invalid', `key ${from} cannot be rotated to itself`);
    await this.keys.opened(from, 'move');
    await this.#requireKey(to, agreement);
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
    const { agreement, table: name } = await this.questions.show(question);
    const table = await this.tables.current(agreement, name);
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
    return this.runs.result(id);
  }

  /** Approves that the result of a run is shown to all who may read results. */
  async release(id: number, person: Person, also?: Also): Promise<void> {
    await approveRelease(this.#context, await this.#releasable(id), person, also);
  }

  /** Takes such approvals back; who has read the result has read it. */
  async withdrawRelease(id: number, person: Person): Promise<void> {
    await withdrawRelease(this.#context, await this.#releasable(id), person);
  }

  async #releasable(id: number): Promise<ReleasableRun> {
    const { agreement } = await this.runs.show(id);
    return { id, agreement, statement: await this.runs.statement(id), of: 'encrypted tables' };
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

  async #requireKey(id: number, agreement: string): Promise<void> {
    const key = await this.keys.show(id);
    if (key.agreement !== agreement)
      throw fault('seal-key', `key ${id} is of another agreement`, { culprit: String(id) });
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

/** How a table of an agreement is encrypted: columns that it hides, or only joins by, are not. Throws `table-layout`, `data-missing-column`. */
function describe(
  name: string,
  { tables, minPatients }: Awaited<ReturnType<typeof decideSealed>>['terms'],
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
  for (const column of encrypted) specOf(column);
  return { name, patient, minPatients, columns: encrypted };
}
