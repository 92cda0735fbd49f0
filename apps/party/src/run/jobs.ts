import { fault, type SymbolonError } from '@symbolon/crypto';
import type { Also } from '@symbolon/service';
import type { JobInfo } from '../api/jobs.ts';
import type { PartyContext } from '../context.ts';
import { endedJob, keepEnd } from './ended-jobs.ts';
import { Job, type JobTask } from './job.ts';

const keptJobs = 16;

type JobContext = Pick<PartyContext, 'home' | 'database' | 'now' | 'logger'>;

/** The runs of a server, links and studies: one at a time, begun here or by a partner. That each was begun is durable; how it goes on is known here alone. */
export class Jobs {
  readonly #context: JobContext;
  readonly #jobs = new Map<number, Job>();
  #current: Job | undefined;
  #count: number;
  #closed = false;
  /** The end of the last one is being written. */
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

  /** What runs now. */
  get current(): Job | undefined {
    return this.#current;
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

  /** Throws `conflict` while another runs. */
  requireFree(): void {
    const own = this.#context.home.card.id;
    if (this.#closed) throw stopping(own);
    if (this.#current === undefined) return;
    const { study, sealed } = this.#current.task;
    const what = sealed !== undefined ? 'work on encrypted tables' : study === undefined ? 'link' : 'study';
    throw fault('conflict', `the server of ${own} is running another ${what}`, {
      culprit: own,
      hint: 'Wait until it is done, then try again.',
    });
  }

  /** The job is the one that runs until it is released. Throws `conflict` while another runs. @param also written with its number */
  async take<Result extends { readonly id: number }>(task: JobTask, also?: Also<number>): Promise<Job<Result>> {
    this.requireFree();
    const id = ++this.#count;
    const job = new Job<Result>(id, task, (end) => {
      this.#ending = keepEnd(this.#context, id, end);
    });
    this.#current = job as Job;
    try {
      await this.#record(job as Job, also);
      if (this.#closed) throw stopping(this.#context.home.card.id);
    } catch (error) {
      this.release(job as Job);
      throw error;
    }
    this.#jobs.set(job.id, job as Job);
    for (const old of this.#jobs.keys()) if (this.#jobs.size > keptJobs) this.#jobs.delete(old);
    return job;
  }

  release(job: Job<never> | Job): void {
    if (this.#current === job) this.#current = undefined;
  }

  /** Ends what runs under an agreement. */
  stop(agreement: string, why: SymbolonError): void {
    if (this.#current?.task.agreement === agreement) this.#current.cancel(why);
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    const job = this.#current;
    job?.cancel(fault('conflict', 'the server is stopping', { hint: 'Start a new attempt when it runs again.' }));
    await job?.result.catch(() => undefined);
    await this.#ending;
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
