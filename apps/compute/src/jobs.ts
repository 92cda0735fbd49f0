import type { Card } from '@symbolon/agreement';
import { fault, SymbolonError } from '@symbolon/crypto';
import { isModel } from '@symbolon/fhe';
import type { Database } from '@symbolon/service';
import { type Asked, columnsAsked, computable, partBytes } from './asked.ts';
import type { Context } from './context.ts';
import { Evaluators, type Unplaced } from './evaluators.ts';
import { modelsOf, requireTotals } from './models.ts';
import type { OpenTable, Tables } from './tables.ts';

/** A question as its owner sees it here. */
export interface JobInfo {
  readonly id: number;
  readonly table: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly error: string | null;
  /** Chunks evaluated, and all. */
  readonly done: number;
  readonly of: number;
  /** Ranges of chunks whose results there are, in order. */
  readonly parts: readonly { readonly first: number; readonly chunks: number }[];
}

/**
 * Questions, evaluated one after the other, each in several processes over ranges of chunks. How long one takes and how many bytes it gives depends on
 * circuit and table size alone.
 */
export class Jobs {
  readonly #context: Context;
  readonly #tables: Tables;
  readonly #progress = new Map<number, { done: number; of: number }>();
  readonly #closing = new AbortController();
  readonly #evaluators: Evaluators;
  #queue: Promise<void> = Promise.resolve();

  constructor(context: Context, tables: Tables) {
    this.#context = context;
    this.#tables = tables;
    const { processes, processMegabytes: megabytes, spareProcesses } = context.settings;
    this.#evaluators = new Evaluators({ processes, megabytes, spares: Math.min(spareProcesses, processes) });
  }

  /** Takes up what a process that ended badly left unfinished; from now on processes wait for questions. */
  async resume(): Promise<void> {
    const rows = await this.#context.database
      .selectFrom('compute_job')
      .select(['id', 'owner'])
      .where('state', 'in', ['waiting', 'running'])
      .orderBy('id')
      .execute();
    void this.#evaluators.fill();
    for (const { id, owner } of rows) {
      const card = this.#context.home.partners.find(owner);
      if (card !== undefined) this.#enqueue(id, card);
    }
  }

  /** Throws `circuit`, `compute-quota`, `conflict`, `not-found`. */
  async ask(owner: Card, id: string, asked: Asked): Promise<JobInfo> {
    const { log, now } = this.#context;
    const table = await this.#tables.open(owner, id);
    workOf(asked, table, owner, this.#context.settings);
    const bytes = partBytes(asked, table.manifest.chunks);
    const { maxResultBytes } = this.#context.settings;
    if (bytes > maxResultBytes) {
      throw fault('compute-quota', `this gives ${bytes} bytes, and ${maxResultBytes} are the most of one question`, {
        hint: 'Ask of smaller tables, or whoever runs the server allows more (maxResultBytes).',
      });
    }
    let job = 0;
    const event = { kind: 'question-asked', owner: owner.id, table: id, ...sizesOf(asked) };
    await log.append(event, async (transaction) => {
      const row = await transaction
        .insertInto('compute_job')
        .values({
          owner: owner.id,
          table: id,
          circuit: JSON.stringify(asked),
          state: 'waiting',
          asked_at: now().toISOString(),
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      job = row.id;
      await this.#requireTurn(transaction, owner);
      await this.#tables.requireRoom(transaction, owner, bytes);
      await requireTotals(transaction, owner, this.#context.settings);
    });
    this.#enqueue(job, owner);
    return this.show(owner, job);
  }

  /** Holds that an owner has no more questions open than it may. */
  async #requireTurn(transaction: Database, owner: Card): Promise<void> {
    const { maxJobsPerOwner } = this.#context.settings;
    const open = await transaction
      .selectFrom('compute_job')
      .select('id')
      .where('owner', '=', owner.id)
      .where('state', 'in', ['waiting', 'running'])
      .execute();
    if (open.length <= maxJobsPerOwner) return;
    throw fault('compute-quota', `${owner.id} has ${maxJobsPerOwner} questions waiting, and that is the most`);
  }

  /** Throws `not-found`. */
  async show(owner: Card, id: number): Promise<JobInfo> {
    const { table, state, error, parts } = await this.#row(owner, id);
    const ranges = parts === null ? [] : (JSON.parse(parts) as JobInfo['parts']);
    const { done, of } = this.#progress.get(id) ?? { done: 0, of: 0 };
    return { id, table, state, error, done, of, parts: ranges };
  }

  /** The results of a part, ciphertexts. Throws `not-found`, and `conflict` while there are none. */
  async results(owner: Card, id: number, part: number): Promise<Uint8Array> {
    const { state, circuit, parts } = await this.#row(owner, id);
    const { results } = await this.#context.database
      .selectFrom('compute_job')
      .select('results')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    if (state !== 'done' || results === null) throw fault('conflict', `question ${id} has no results: it is ${state}`);
    const asked = JSON.parse(circuit) as Asked;
    const lengths = (JSON.parse(parts!) as JobInfo['parts']).map(({ chunks }) => partBytes(asked, chunks));
    if (part >= lengths.length) throw fault('not-found', `question ${id} has no part ${part}`);
    const from = lengths.slice(0, part).reduce((sum, length) => sum + length, 0);
    return results.subarray(from, from + lengths[part]!);
  }

  /** Stops what runs; a question that was not finished is taken up again. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#queue;
    this.#evaluators.close();
  }

  async #row(owner: Card, id: number) {
    const row = await this.#context.database
      .selectFrom('compute_job')
      .select(['table', 'circuit', 'state', 'error', 'parts'])
      .where('id', '=', id)
      .where('owner', '=', owner.id)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `${owner.id} has asked no question ${id} here`);
    return row;
  }

  #enqueue(id: number, owner: Card): void {
    this.#queue = this.#queue
      .then(() => this.#run(id, owner))
      .catch((error: unknown) => {
        this.#context.logger.error({ job: id, err: error }, 'a question could not be finished');
      });
  }

  async #run(id: number, owner: Card): Promise<void> {
    const { database, logger, now } = this.#context;
    if (this.#closing.signal.aborted) return;
    const { table, circuit } = await this.#row(owner, id);
    const set = (change: Partial<{ state: JobInfo['state']; error: string; parts: string; results: Uint8Array }>) =>
      database
        .updateTable('compute_job')
        .set({ ...change, ended_at: change.state === 'running' ? null : now().toISOString() })
        .where('id', '=', id)
        .execute();
    await set({ state: 'running' });
    try {
      const opened = await this.#tables.open(owner, table);
      const { parts, results, spent } = await this.#evaluate(id, owner, opened, JSON.parse(circuit) as Asked);
      logger.info({ job: id, owner: owner.id, spent }, 'a question was evaluated');
      await set({ state: 'done', parts: JSON.stringify(parts), results });
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      const named =
        error instanceof SymbolonError ? error : fault('compute-failed', 'the question could not be evaluated');
      logger.warn({ job: id, code: named.code, err: error }, 'a question failed');
      await set({ state: 'failed', error: `${named.code}: ${named.message}` });
    }
  }

  async #evaluate(id: number, owner: Card, table: OpenTable, asked: Asked) {
    const { settings } = this.#context;
    const { manifest, files } = table;
    const work = workOf(asked, table, owner, settings);
    const needed = columnsAsked(asked);
    const own = Object.fromEntries(
      manifest.columns.flatMap((column, i) => (needed.has(column.id) ? [[column.id, files[i]!]] : [])),
    );
    const { jobSeconds } = settings;
    const progress = { done: 0, of: manifest.chunks };
    this.#progress.set(id, progress);
    try {
      return await this.#evaluators.evaluate(
        { ...work, files: own, chunks: manifest.chunks },
        {
          signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(jobSeconds * 1000)]),
          onChunk: () => progress.done++,
        },
      );
    } finally {
      this.#progress.delete(id);
    }
  }
}

/** What is to be evaluated, but where its files are. Throws as {@link computable} and {@link modelsOf}. */
function workOf(
  asked: Asked,
  { manifest, evaluation }: OpenTable,
  owner: Card,
  settings: Context['settings'],
): Unplaced {
  const proven = computable(asked, manifest);
  if ('model' in proven) return proven;
  const { circuit } = proven;
  return { circuit, evaluation: evaluation!, models: modelsOf(circuit, owner, proven.manifest, settings) };
}

function sizesOf(asked: Asked): Record<string, number> {
  if (isModel(asked)) return { features: Object.keys(asked.weights).length };
  return { nodes: asked.nodes.length, outputs: asked.outputs.length };
}
