import { fork } from 'node:child_process';
import { concat, fault, type SymbolonError } from '@symbolon/crypto';
import { resultsBytes } from '@symbolon/fhe';
import type { Spent, Task, Told } from './evaluate.ts';

/** How a question is evaluated. */
export interface Means {
  readonly processes: number;
  /** Memory of one, in MiB. */
  readonly megabytes: number;
  /** Stops all. */
  readonly signal: AbortSignal;
  readonly onChunk: () => void;
}

/** The results of some chunks, one after the other. */
export interface Evaluated {
  readonly parts: readonly { readonly first: number; readonly chunks: number }[];
  /** Ciphertexts, part after part. */
  readonly results: Uint8Array;
  /** By each process. */
  readonly spent: readonly Spent[];
}

/** Evaluates a question in several processes at once, each over a range of chunks. Throws `compute-failed`. */
export async function evaluateInProcesses(
  { chunks, ...task }: Omit<Task, 'first'>,
  { processes, megabytes, signal, onChunk }: Means,
): Promise<Evaluated> {
  const parts = ranges(chunks, processes);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const running = parts.map((range) => runProcess({ ...task, ...range }, megabytes, either, onChunk));
  try {
    const done = await Promise.all(running);
    const length = resultsBytes(task.circuit.outputs.length);
    if (done.some(({ results }) => results.length !== length)) throw new Error('results of another length');
    return {
      parts,
      results: concat(...done.map(({ results }) => results)),
      spent: done.map(({ spent }) => spent),
    };
  } finally {
    stop.abort();
    await Promise.allSettled(running);
  }
}

type Done = Extract<Told, { kind: 'done' }>;

/** Chunks in ranges of nearly equal length. */
function ranges(chunks: number, processes: number): { first: number; chunks: number }[] {
  const count = Math.min(chunks, processes);
  const starts = Array.from({ length: count + 1 }, (_, i) => Math.round((i * chunks) / count));
  return starts.slice(0, -1).map((first, i) => ({ first, chunks: starts[i + 1]! - first }));
}

/** A process of its own, stopped when it takes too much memory or the signal says so. */
function runProcess(task: Task, megabytes: number, signal: AbortSignal, onChunk: () => void): Promise<Done> {
  const child = fork(new URL('./process.ts', import.meta.url), {
    serialization: 'advanced',
    stdio: 'ignore',
    execArgv: [`--max-old-space-size=${megabytes}`],
    env: {},
  });
  const { promise, resolve, reject } = Promise.withResolvers<Done>();
  const end = (error: SymbolonError): void => {
    child.kill('SIGKILL');
    reject(error);
  };
  const stop = (): void => end(fault('compute-failed', 'the question was stopped, or took longer than it may'));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  child.on('message', (told: Told) => {
    if (told.kind === 'done') return resolve(told);
    if (told.kind === 'failed') return end(fault('compute-failed', 'a ciphertext or key of the table cannot be read'));
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
