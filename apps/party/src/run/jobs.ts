import { fault, type SymbolonError } from '@symbolon/crypto';
import { Job, type JobTask } from './job.ts';

const keptJobs = 16;

/** The runs of a server, links and studies: one at a time, begun here or by a partner. */
export class Jobs {
  readonly #own: string;
  readonly #jobs = new Map<number, Job>();
  #current: Job | undefined;
  #count = 0;
  #closed = false;

  /** @param own id of this organisation */
  constructor(own: string) {
    this.#own = own;
  }

  /** What runs now. */
  get current(): Job | undefined {
    return this.#current;
  }

  /** Throws `not-found` for one that is over for long. */
  get(id: number): Job {
    const job = this.#jobs.get(id);
    if (job === undefined) throw fault('not-found', `this server follows no run ${id}`);
    return job;
  }

  /** What runs and has run lately, by number. */
  list(): Job[] {
    return [...this.#jobs.values()];
  }

  /** Throws `conflict` while another runs. */
  requireFree(): void {
    if (this.#closed) throw fault('conflict', `the server of ${this.#own} is stopping`, { culprit: this.#own });
    if (this.#current === undefined) return;
    const what = this.#current.task.study === undefined ? 'link' : 'study';
    throw fault('conflict', `the server of ${this.#own} is running another ${what}`, {
      culprit: this.#own,
      hint: 'Wait until it is done, then try again.',
    });
  }

  /** The job is the one that runs until it is released. Throws `conflict` while another runs. */
  take<Result extends { readonly id: number }>(task: JobTask): Job<Result> {
    this.requireFree();
    const job = new Job<Result>(++this.#count, task);
    this.#current = job as Job;
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
  }
}
