import { fault, type SymbolonError } from '@symbolon/crypto';
import type { Phase, Progress } from './progress.ts';

/** What a job is about. */
export interface JobTask {
  /** Hash of the agreement. */
  readonly agreement: string;
  /** Name of the study; absent for a link. */
  readonly study?: string;
  /** Who began it. */
  readonly initiator: string;
}

// A slow listener loses the oldest.
const maxEvents = 1000;

/** A run as it goes on in this process: who wants to may follow it, nobody has to. */
export class Job<Result = unknown> {
  readonly id: number;
  readonly task: JobTask;
  readonly started = performance.now();
  /** How it ends; set once by whoever runs it. */
  result: Promise<Result> = Promise.reject(fault('internal', 'the run was not started'));
  readonly #controller = new AbortController();
  readonly #events: Progress[] = [];
  readonly #begun: { readonly phase: Phase; readonly at: number }[] = [];
  #dropped = 0;
  #ended = false;
  #wake: (() => void)[] = [];

  constructor(id: number, task: JobTask) {
    this.id = id;
    this.task = task;
    this.result.catch(() => undefined);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get last(): Progress | undefined {
    return this.#events.at(-1);
  }

  /** Follows `work` to its end. */
  run(work: () => Promise<Result>): void {
    this.result = work().finally(() => {
      this.#ended = true;
      this.#notify();
    });
    this.result.catch(() => undefined);
  }

  report = (progress: Progress): void => {
    const { phase } = progress;
    if (this.#begun.at(-1)?.phase !== phase) this.#begun.push({ phase, at: performance.now() });
    this.#events.push(progress);
    if (this.#events.length > maxEvents) {
      this.#events.shift();
      this.#dropped++;
    }
    this.#notify();
  };

  /** Seconds that each phase took, from its first report to that of the next; of the last one, until now. */
  seconds(): Partial<Record<Phase, number>> {
    const seconds: Partial<Record<Phase, number>> = {};
    for (const [i, { phase, at }] of this.#begun.entries()) {
      const end = this.#begun[i + 1]?.at ?? performance.now();
      seconds[phase] = (seconds[phase] ?? 0) + (end - at) / 1000;
    }
    return seconds;
  }

  /** Ends the run with this error, at all its parties. */
  cancel(why: SymbolonError): void {
    this.#controller.abort(why);
  }

  /** Events from number `after` on; waits for one, or the end, for at most `milliseconds`. */
  async events(after: number, milliseconds: number): Promise<{ events: Progress[]; next: number; ended: boolean }> {
    if (after >= this.#dropped + this.#events.length && !this.#ended) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#wake.push(() => [clearTimeout(timer), resolve()]);
      });
    }
    const events = this.#events.slice(Math.max(0, after - this.#dropped));
    return { events, next: this.#dropped + this.#events.length, ended: this.#ended };
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}
