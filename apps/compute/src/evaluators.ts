import { type ChildProcess, fork } from 'node:child_process';
import { concat, fault, type SymbolonError, systemRng } from '@symbolon/crypto';
import { plainModulus, uniform } from '@symbolon/fhe';
import { partBytes } from './asked.ts';
import type { ScoreTask, Spent, Task, Told, TotalsTask } from './evaluate.ts';

/** What processes that evaluate may take. */
export interface Means {
  /** That evaluate one question together. */
  readonly processes: number;
  /** Memory of one, in MiB. */
  readonly megabytes: number;
  /** That wait for the next question with SEAL loaded, which takes most of a second. */
  readonly spares: number;
}

/** How one question is evaluated. */
export interface Following {
  /** Stops it. */
  readonly signal: AbortSignal;
  readonly onChunk: () => void;
}

/** A question with all that it needs. */
export type Work = Unplaced & Pick<Task, 'files' | 'chunks'>;
/** The same, but where its ciphertexts are. */
export type Unplaced = Omit<TotalsTask, 'shares'> | ScoreTask;

/** The results of some chunks, one after the other. */
export interface Evaluated {
  readonly parts: readonly { readonly first: number; readonly chunks: number }[];
  /** Ciphertexts, part after part. */
  readonly results: Uint8Array;
  /** By each process. */
  readonly spent: readonly Spent[];
}

type Done = Extract<Told, { kind: 'done' }>;

/** Processes that evaluate: each is given one range of chunks of one question, and ends. Those that wait have been given nothing yet. */
export class Evaluators {
  readonly #means: Means;
  readonly #spares = new Set<ChildProcess>();
  #closed = false;

  constructor(means: Means) {
    this.#means = means;
  }

  /** Starts those that wait for the next question. Resolves when they have loaded SEAL, or ended. */
  async fill(): Promise<void> {
    const ready: Promise<void>[] = [];
    while (!this.#closed && this.#spares.size < this.#means.spares) {
      const spare = started(this.#means.megabytes);
      this.#spares.add(spare);
      const { promise, resolve } = Promise.withResolvers<void>();
      const gone = (): void => {
        this.#spares.delete(spare);
        resolve();
      };
      spare.on('error', gone).on('exit', gone).once('message', resolve);
      ready.push(promise);
    }
    await Promise.all(ready);
  }

  /** Evaluates a question in several processes at once, each over a range of chunks. Throws `compute-failed`. */
  async evaluate(work: Work, { signal, onChunk }: Following): Promise<Evaluated> {
    const parts = ranges(work.chunks, this.#means.processes);
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const asked = 'model' in work ? work.model : work.circuit;
    const running = tasksOf(work, parts).map((task) => this.#run(task, either, onChunk));
    try {
      const done = await Promise.all(running);
      if (done.some(({ results }, i) => results.length !== partBytes(asked, parts[i]!.chunks)))
        throw new Error('results of another length');
      return {
        parts,
        results: concat(...done.map(({ results }) => results)),
        spent: done.map(({ spent }) => spent),
      };
    } finally {
      stop.abort();
      await Promise.allSettled(running);
      void this.fill();
    }
  }

  close(): void {
    this.#closed = true;
    for (const spare of this.#spares) spare.kill('SIGKILL');
  }

  /** In a process of its own, stopped when it takes too much memory or the signal says so. */
  #run(task: Task, signal: AbortSignal, onChunk: () => void): Promise<Done> {
    const { megabytes } = this.#means;
    const [spare] = this.#spares;
    const child = spare ?? started(megabytes);
    this.#spares.delete(child);
    const { promise, resolve, reject } = Promise.withResolvers<Done>();
    const end = (error: SymbolonError): void => {
      child.kill('SIGKILL');
      reject(error);
    };
    const stop = (): void => end(fault('compute-failed', 'the question was stopped, or took longer than it may'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    child.on('message', (told: Told) => {
      if (told.kind === 'ready') return;
      if (told.kind === 'done') return resolve(told);
      if (told.kind === 'failed')
        return end(fault('compute-failed', 'a ciphertext or key of the table cannot be read'));
      onChunk();
      if (told.rss > megabytes * 2 ** 20) end(fault('compute-failed', `the question takes more than ${megabytes} MiB`));
    });
    child.on('error', () => end(fault('compute-failed', 'a process that evaluates could not be started')));
    child.on('exit', () => reject(fault('compute-failed', 'a process that evaluates has ended')));
    child.send(task);
    return promise.finally(() => {
      signal.removeEventListener('abort', stop);
      child.kill('SIGKILL');
    });
  }
}

/** Chunks in ranges of nearly equal length. */
function ranges(chunks: number, processes: number): { first: number; chunks: number }[] {
  const count = Math.min(chunks, processes);
  const starts = Array.from({ length: count + 1 }, (_, i) => Math.round((i * chunks) / count));
  return starts.slice(0, -1).map((first, i) => ({ first, chunks: starts[i + 1]! - first }));
}

/** What each process is given of a question. */
function tasksOf(work: Work, parts: readonly { first: number; chunks: number }[]): Task[] {
  if ('model' in work) return parts.map((range) => ({ ...work, ...range }));
  const shares = sharesOf(work.circuit.outputs.length, parts.length);
  return parts.map((range, i) => ({ ...work, ...range, shares: shares[i]! }));
}

/** By process and output: random but for the sum over all processes, which is 0 modulo the plain modulus. */
function sharesOf(outputs: number, processes: number): number[][] {
  const random = Array.from({ length: processes - 1 }, () => uniform(outputs, systemRng));
  const last = Array.from({ length: outputs }, (_, i) => {
    const sum = random.reduce((total, shares) => total + shares[i]!, 0) % plainModulus;
    return (plainModulus - sum) % plainModulus;
  });
  return [...random, last];
}

/** A process that loads SEAL and waits for its task. */
function started(megabytes: number): ChildProcess {
  return fork(new URL('./process.ts', import.meta.url), {
    serialization: 'advanced',
    stdio: 'ignore',
    execArgv: [`--max-old-space-size=${megabytes}`],
    env: {},
  });
}
