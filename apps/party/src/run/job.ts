import { fault, SymbolonError } from '@symbolon/crypto';
import type { JobInfo } from '../api/jobs.ts';
import type { Asker } from '../authorize.ts';
import type { Phase, Progress } from './progress.ts';

/** What a server does with encrypted tables. */
export const sealedWorks = ['encrypt', 'upload', 'run', 'rotate', 'remove'] as const;
/** One of {@link sealedWorks}. */
export type SealedWork = (typeof sealedWorks)[number];

/** What a job is about. */
export interface JobTask extends Pick<Asker, 'person' | 'purpose'> {
  /** Hash of the agreement. */
  readonly agreement: string;
  /** Name of the study; absent for a link. */
  readonly study?: string;
  /** What is done with encrypted tables, where it is that. */
  readonly sealed?: SealedWork;
  /** Who began it. */
  readonly initiator: string;
}

/** How a run ended. */
export type End = { readonly run: number } | { readonly error: unknown };

// A slow listener loses the oldest.
const maxEvents = 1000;

/** A run as it goes on in this process: who wants to may follow it, nobody has to. */
export class Job<Result extends { readonly id: number } = { readonly id: number }> {
  readonly id: number;
  readonly task: JobTask;
  readonly started = performance.now();
  /** How it ends; set once by whoever runs it. */
  result: Promise<Result> = Promise.reject(fault('internal', 'the run was not started'));
  readonly #onEnd: (end: End) => void;
  readonly #controller = new AbortController();
  readonly #events: Progress[] = [];
  readonly #begun: { readonly phase: Phase; readonly at: number }[] = [];
  #dropped = 0;
  #end: End | undefined;
  #wake: (() => void)[] = [];

  /** @param onEnd called once */
  constructor(id: number, task: JobTask, onEnd: (end: End) => void) {
    this.#onEnd = onEnd;
    this.id = id;
    this.task = task;
    this.result.catch(() => undefined);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  get last(): Progress | undefined {
    return this.#events.at(-1);
  }

  /** Follows `work` to its end. */
  run(work: () => Promise<Result>): void {
    this.result = work();
    const end = (how: End): void => {
      this.#end = how;
      this.#onEnd(how);
      this.#notify();
    };
    this.result.then(
      ({ id }) => end({ run: id }),
      (error: unknown) => end({ error }),
    );
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

  /**
   * Reports from number `after` on, numbered from 1, until the job ends.
   * @param signal the reader is gone
   */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<{ id: number; data: Progress }> {
    signal.addEventListener('abort', () => this.#notify(), { once: true });
    for (let next = after; ; ) {
      // A slow reader does not get what was dropped.
      next = Math.max(next, this.#dropped);
      const data = this.#events[next - this.#dropped];
      if (data !== undefined) yield { id: ++next, data };
      else if (this.ended || signal.aborted) return;
      else await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  info(): JobInfo {
    const { agreement, study = null, sealed = null, initiator } = this.task;
    const common = { id: this.id, agreement, study, sealed, initiator, progress: this.last ?? null };
    if (this.#end === undefined) return { ...common, state: 'running', run: null, error: null };
    if ('run' in this.#end) return { ...common, state: 'done', run: this.#end.run, error: null };
    return { ...common, state: 'failed', run: null, error: failureOf(this.#end.error) };
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}

/** An error as those who follow a run are told of it. */
export function failureOf(error: unknown): NonNullable<JobInfo['error']> {
  const { code, message, culprit, hint } =
    error instanceof SymbolonError ? error : fault('internal', 'the run failed; the log of this server says more');
  return { code, message, hint, ...(culprit === undefined ? {} : { culprit }) };
}
