import { open } from 'node:fs/promises';
import { type Circuit, CircuitEvaluator, readRecord, recordBytes, writeResults } from '@symbolon/fhe/evaluation';

/** What a process evaluates: some chunks of a circuit. */
export interface Task {
  readonly circuit: Circuit;
  readonly evaluation: Uint8Array;
  /** The file of each column that the circuit needs. */
  readonly files: Readonly<Record<string, string>>;
  readonly first: number;
  readonly chunks: number;
}

/** What such a process says: how far it is, its results, or that it could not. */
export type Told =
  | { readonly kind: 'chunk'; readonly rss: number }
  | { readonly kind: 'done'; readonly results: Uint8Array; readonly spent: Spent }
  | { readonly kind: 'failed'; readonly why: string };

/** What a process took, start-up apart: with it, it is about a second of processor time more. */
export interface Spent {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Evaluates in a process that ends afterwards: SEAL's memory never shrinks, and what its loader does with bytes stays in here. */
export async function evaluate(task: Task, tell: (told: Told) => Promise<void>): Promise<void> {
  const { circuit, evaluation, files, first, chunks } = task;
  const evaluator = await CircuitEvaluator.open(circuit, evaluation);
  const begun = performance.now();
  const startUp = process.cpuUsage();
  const handles = new Map<string, Awaited<ReturnType<typeof open>>>();
  for (const [column, file] of Object.entries(files)) handles.set(column, await open(file));
  try {
    for (let chunk = first; chunk < first + chunks; chunk++) {
      await evaluator.add(async (column) => {
        const record = new Uint8Array(recordBytes);
        const { bytesRead } = await handles.get(column)!.read(record, 0, recordBytes, chunk * recordBytes);
        if (bytesRead !== recordBytes) throw new Error(`a file of column ${column} is too short`);
        return readRecord(record);
      });
      await tell({ kind: 'chunk', rss: process.memoryUsage.rss() });
    }
  } finally {
    for (const handle of handles.values()) await handle.close();
  }
  const results = writeResults(evaluator.finish());
  const { user, system } = process.cpuUsage(startUp);
  const spent = { seconds: (performance.now() - begun) / 1000, cpuSeconds: (user + system) / 1e6 };
  await tell({ kind: 'done', results, spent });
}
