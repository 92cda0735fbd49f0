import { fault, type SymbolonError } from '@symbolon/crypto';
import type { Also } from '@symbolon/service';
import type { JobInfo } from '../api/jobs.ts';
import type { PartyContext } from '../context.ts';
import { endedJob, keepEnd } from './ended-jobs.ts';
import { Job, type JobTask } from './job.ts';

const keptJobs = 16;

type JobContext = Pick<PartyContext, 'home' | 'database' | 'now' | 'logger'>;

/**
 * What only one job has at a time, because each takes a core and much memory: `exchange`, the sessions with partners; `tables`, encrypted tables that
 * are made, sent and moved; `questions` that are asked of them.
 */
export const slots = ['exchange', 'tables', 'questions'] as const;
/** One of {@link slots}. */
export type Slot = (typeof slots)[number];

/** What a job takes. A rotation deletes tables that questions are asked of. */
function slotsOf({ sealed }: Pick<JobTask, 'sealed'>): readonly Slot[] {
  if (sealed === undefined) return ['exchange'];
  if (sealed === 'rotate' || sealed === 'remove') return ['tables', 'questions'];
  return sealed === 'run' ? ['questions'] : ['tables'];
}

/** The runs of a server, begun here or by a partner: one at a time of each slot. That each was begun is durable; how it goes on is known here alone. */
export class Jobs {
  readonly #context: JobContext;
  readonly #jobs = new Map<number, Job>();
  readonly #current = new Map<Slot, Job>();
  readonly #listeners = new Set<() => void>();
  #count: number;
  #closed = false;
  /** Ends are being written. */
  #ending: Promise<void> = Promise.resolve();

  private constructor(context: JobContext, count: number) {
    this.#context = context;
    this.#count = count;
  }

  /** Of the only server of a folder: no number is given twice. */
  static async open(context: JobContext): Promise<Jobs> {
    const last = await context.database
      .selectFrom('job')
      .select(({ fn }) => fn.max('id').as('last'))
      .executeTakeFirst();
    return new Jobs(context, last?.last ?? 0);
  }

  /** What runs now, by number. */
  get current(): readonly Job[] {
    return [...new Set(this.#current.values())].sort((a, b) => a.id - b.id);
  }

  /** The server is stopping: nothing begins any more, and what runs was told to end. */
  get closing(): boolean {
    return this.#closed;
  }

  /** What runs or has run lately; undefined for one that is over for long. */
  find(id: number): Job | undefined {
    return this.#jobs.get(id);
  }

  /** What runs and has run lately, by number. */
  list(): Job[] {
    return [...this.#jobs.values()];
  }

  /** How one stands, or ended. Throws `not-found`. */
  async info(id: number): Promise<JobInfo> {
    const job = this.#jobs.get(id);
    return job === undefined ? endedJob(this.#context.database, id) : job.info();
  }

  /** Throws `conflict` while another has one of these slots. */
  requireFree(...wanted: readonly Slot[]): void {
    const own = this.#context.home.card.id;
    if (this.#closed) throw stopping(own);
    const other = wanted.map((slot) => this.#current.get(slot)).find((job) => job !== undefined);
    if (other === undefined) return;
    const { study, sealed } = other.task;
    const what = sealed !== undefined ? 'work on encrypted tables' : study === undefined ? 'link' : 'study';
    throw fault('conflict', `the server of ${own} is running another ${what}`, {
      culprit: own,
      hint: 'Wait until it is done, then try again.',
    });
  }

  /** The job has its slots until it is released. Throws `conflict` while another has one of them. @param also written with its number */
  async take<Result extends { readonly id: number }>(task: JobTask, also?: Also<number>): Promise<Job<Result>> {
    const taken = slotsOf(task);
    this.requireFree(...taken);
    const id = ++this.#count;
    const job = new Job<Result>(id, task, (end) => {
      const earlier = this.#ending;
      this.#ending = keepEnd(this.#context, id, end).finally(() => earlier);
    });
    for (const slot of taken) this.#current.set(slot, job as Job);
    try {
      await this.#record(job as Job, also);
      if (this.#closed) throw stopping(this.#context.home.card.id);
    } catch (error) {
      this.release(job as Job);
      throw error;
    }
    this.#jobs.set(job.id, job as Job);
    this.#tell();
    for (const old of this.#jobs.keys()) if (this.#jobs.size > keptJobs) this.#jobs.delete(old);
    return job;
  }

  release(job: Job<never> | Job): void {
    for (const [slot, current] of this.#current) if (current === job) this.#current.delete(slot);
    this.#tell();
  }

  /** Calls `listener` after a job has begun or ended, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends what runs under an agreement. */
  stop(agreement: string, why: SymbolonError): void {
    for (const job of this.current) if (job.task.agreement === agreement) job.cancel(why);
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    const why = fault('conflict', 'the server is stopping', { hint: 'Start a new attempt when it runs again.' });
    const running = this.current;
    for (const job of running) job.cancel(why);
    await Promise.allSettled(running.map((job) => job.result));
    await this.#ending;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async #record({ id, task: { agreement, study, sealed, initiator } }: Job, also?: Also<number>): Promise<void> {
    const { database, now } = this.#context;
    await database.transaction().execute(async (transaction) => {
      const begun_at = now().toISOString();
      await transaction
        .insertInto('job')
        .values({ id, agreement, study: study ?? null, sealed: sealed ?? null, initiator, begun_at })
        .execute();
      await also?.(transaction, id);
    });
  }
}

function stopping(own: string): SymbolonError {
  return fault('conflict', `the server of ${own} is stopping`, { culprit: own });
}
