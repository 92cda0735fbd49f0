import { stopped } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import type { Jobs } from '../run/jobs.ts';
import { deliver } from './deliveries.ts';

// What other processes have written is found after so long, should they fail to say so.
const longestMilliseconds = 5000;

/** Carries what is said of agreements to where it has to be known: to the work that it stops here, and to partners. */
export class Courier {
  readonly #context: PartyContext;
  readonly #jobs: Jobs;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(context: PartyContext, jobs: Jobs) {
    this.#context = context;
    this.#jobs = jobs;
    context.changes.listen((agreement) => this.changed(agreement));
  }

  /** Stops what runs under an agreement that was stopped, then tells partners. */
  async changed(agreement: string): Promise<void> {
    await this.#stopWork(agreement);
    this.wake();
  }

  /** Begins, or goes on at once. */
  wake(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    if (this.#round !== undefined) {
      this.#again = true;
      return;
    }
    this.#round = this.#deliver().finally(() => {
      this.#round = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.wake();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  async #stopWork(agreement: string): Promise<void> {
    const { agreements } = this.#context;
    if (!this.#jobs.current.some(({ task }) => task.agreement === agreement)) return;
    const stored = await agreements.find(agreement);
    if (stored === undefined) return;
    const successors = await agreements.successors(agreement);
    const why = stopped({ verified: stored, notices: stored.notices, successors });
    if (why !== undefined) this.#jobs.stop(agreement, fault(why.code, why.reason, { culprit: why.culprit }));
  }

  async #deliver(): Promise<void> {
    let wait = longestMilliseconds;
    try {
      for (const { task } of this.#jobs.current) await this.#stopWork(task.agreement);
      const next = await deliver(this.#context);
      if (next !== undefined) wait = Math.min(wait, Math.max(0, next.getTime() - this.#context.now().getTime()));
    } catch (error) {
      this.#context.logger.error({ err: error }, 'notices could not be delivered; they are tried again');
    }
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.wake(), wait).unref();
  }
}
