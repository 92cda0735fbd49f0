import { open } from 'node:fs/promises';
import { concat, systemRng } from '@symbolon/crypto';
import {
  type Circuit,
  CircuitEvaluator,
  type ColumnSource,
  type Feature,
  recordForms,
  ScoreEvaluator,
  type ScoreModel,
  type SecretModel,
  type TableKind,
  writeResults,
} from '@symbolon/fhe/evaluation';

/** What a process evaluates: some chunks of a circuit, or of scores. */
export type Task = (TotalsTask | ScoreTask) & {
  /** The file of each column that is needed. */
  readonly files: Readonly<Record<string, string>>;
  readonly first: number;
  readonly chunks: number;
};

/** Totals of exact tables. */
export interface TotalsTask {
  readonly circuit: Circuit;
  readonly evaluation: Uint8Array;
  /** Those that the circuit names. */
  readonly models: ReadonlyMap<string, SecretModel>;
  /** See `Secrets` of fhe. */
  readonly shares: readonly number[];
}

/** A score of each patient, which needs no key. */
export interface ScoreTask {
  readonly model: ScoreModel;
  readonly features: readonly Feature[];
}

/** What such a process says: that it has loaded all that it needs; how far it is, its results, or that it could not. */
export type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'chunk'; readonly rss: number }
  | { readonly kind: 'done'; readonly results: Uint8Array; readonly spent: Spent }
  | { readonly kind: 'failed'; readonly why: string };

/** What a process took from its task to its results; one that did not wait for it has SEAL to load, too. */
export interface Spent {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

type Tell = (told: Told) => Promise<void>;
/** Does something with each chunk. */
type EachChunk = (kind: TableKind, each: (source: ColumnSource) => Promise<void>) => Promise<void>;

/** Evaluates in a process that ends afterwards: SEAL's memory never shrinks, and what its loader does with bytes stays in here. */
export async function evaluate(task: Task, tell: Tell): Promise<void> {
  const begun = performance.now();
  const startUp = process.cpuUsage();
  const eachChunk: EachChunk = (kind, each) => readChunks(task, kind, each, tell);
  const results = 'model' in task ? await scores(task, eachChunk) : await totals(task, eachChunk);
  const { user, system } = process.cpuUsage(startUp);
  const spent = { seconds: (performance.now() - begun) / 1000, cpuSeconds: (user + system) / 1e6 };
  await tell({ kind: 'done', results, spent });
}

async function totals({ circuit, evaluation, models, shares }: TotalsTask, eachChunk: EachChunk): Promise<Uint8Array> {
  const evaluator = await CircuitEvaluator.open(circuit, evaluation, { models, shares, rng: systemRng });
  await eachChunk('exact', (source) => evaluator.add(source));
  return writeResults(evaluator.finish());
}

async function scores({ model, features }: ScoreTask, eachChunk: EachChunk): Promise<Uint8Array> {
  const evaluator = await ScoreEvaluator.open(model, features);
  const results: Uint8Array[] = [];
  await eachChunk('features', async (source) => void results.push(await evaluator.chunk(source)));
  return concat(...results);
}

async function readChunks(
  { files, first, chunks }: Task,
  kind: TableKind,
  each: (source: ColumnSource) => Promise<void>,
  tell: Tell,
): Promise<void> {
  const { bytes, read } = recordForms[kind];
  const handles = new Map<string, Awaited<ReturnType<typeof open>>>();
  for (const [column, file] of Object.entries(files)) handles.set(column, await open(file));
  try {
    for (let chunk = first; chunk < first + chunks; chunk++) {
      await each(async (column) => {
        const record = new Uint8Array(bytes);
        const { bytesRead } = await handles.get(column)!.read(record, 0, bytes, chunk * bytes);
        if (bytesRead !== bytes) throw new Error(`a file of column ${column} is too short`);
        return read(record);
      });
      await tell({ kind: 'chunk', rss: process.memoryUsage.rss() });
    }
  } finally {
    for (const handle of handles.values()) await handle.close();
  }
}
