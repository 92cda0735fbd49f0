import { createHmac } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { fault, systemRng } from '@symbolon/crypto';
import {
  type Circuit,
  type ColumnSpec,
  clearNodes,
  clearScore,
  type FeatureColumn,
  featuresOfRow,
  generateKeys,
  generateScoreKey,
  layOut,
  layOutScores,
  type Row,
  type ScoreModel,
  type TableKeys,
  type TableKind,
} from '@symbolon/fhe/sealing';
import { ColumnWriter, readAt } from './column-writer.ts';
import { openMover, openSealer, shapeOf, type TableForm, type TableSecrets } from './forms.ts';
import { OwnFiles, patientsFile } from './own-files.ts';
import type { Reading } from './rows.ts';

/** Where the ciphertexts of a table are, and of features what belongs to them: see {@link OwnFiles}. */
export interface Folders {
  readonly folder: string;
  readonly own: string;
}

/** What is done in a process of its own, which ends afterwards: SEAL's memory never shrinks, and would keep keys. */
export type SealTask =
  | { readonly kind: 'keys'; readonly of: TableKind }
  | {
      readonly kind: 'encrypt';
      readonly reading: Reading;
      readonly form: TableForm;
      readonly to: TableSecrets & Folders;
    }
  | {
      readonly kind: 'recompute';
      readonly reading: Reading;
      readonly specs: readonly ColumnSpec[];
      readonly circuit: Circuit;
      /** Of the table: see {@link RowDigest}. */
      readonly seed: Uint8Array;
    }
  | {
      readonly kind: 'compare';
      readonly reading: Reading;
      readonly features: readonly FeatureColumn[];
      readonly model: ScoreModel;
      /** Linear forms as they were decrypted, in the order of rows. */
      readonly linear: readonly number[];
      readonly seed: Uint8Array;
    }
  | {
      readonly kind: 'move';
      readonly form: TableForm;
      readonly rows: number;
      readonly from: TableSecrets & Folders;
      readonly to: TableSecrets & Folders;
      /** Chunks that are moved already. */
      readonly first: number;
    };

/** What such a process made. */
export type SealDone =
  | { readonly kind: 'keys'; readonly secret: Uint8Array; readonly evaluation: TableKeys['evaluation'] | null }
  | { readonly kind: 'encrypt'; readonly rows: number; readonly digest: string }
  | { readonly kind: 'recompute'; readonly digest: string; readonly totals: readonly number[] }
  | { readonly kind: 'compare'; readonly digest: string; readonly furthest: number }
  | { readonly kind: 'move' };

/** Runs at: the owner. @param tell how many chunks are done, of how many */
export async function perform(task: SealTask, tell: (done: number, of: number) => void): Promise<SealDone> {
  switch (task.kind) {
    case 'keys':
      return task.of === 'exact'
        ? { kind: 'keys', ...(await generateKeys()) }
        : { kind: 'keys', secret: await generateScoreKey(), evaluation: null };
    case 'encrypt':
      return encrypt(task, tell);
    case 'recompute':
      return recompute(task);
    case 'compare':
      return compare(task);
    case 'move':
      await move(task, tell);
      return { kind: 'move' };
  }
}

// What reads data sets is loaded where there is one to be read: it is most of the start of such a process.

/** Reads the rows twice, as how a table is laid out depends on how many there are; never holds more of them than a chunk. */
async function encrypt(
  { reading, form, to }: Extract<SealTask, { kind: 'encrypt' }>,
  tell: (done: number, of: number) => void,
): Promise<Extract<SealDone, { kind: 'encrypt' }>> {
  const { readRows } = await import('./rows.ts');
  const { rowsOfChunk } = shapeOf(form, 1);
  const first = new RowDigest(to.seed);
  const rows = await readRows(reading, rowsOfChunk, (some) => first.add(some));
  const sealer = await openSealer(form, rows, to);
  const columns = new ColumnWriter(to.folder, sealer, 0);
  const second = new RowDigest(to.seed);
  const patients: string[] = [];
  try {
    let chunk = 0;
    await readRows(reading, rowsOfChunk, (some, ids) => {
      // More rows than before: the digest says so below.
      if (chunk === sealer.chunks) return;
      second.add(some);
      columns.write(chunk, sealer.encrypt(chunk, some));
      if (form.kind === 'features') patients.push(...ids);
      tell(++chunk, sealer.chunks);
    });
  } finally {
    sealer.close();
    columns.close();
  }
  const digest = second.end();
  if (digest !== first.end()) throw fault('data-changed', 'the rows changed while they were encrypted');
  if (form.kind === 'features') new OwnFiles(to.own, to.seed).write(patientsFile, patients, systemRng);
  return { kind: 'encrypt', rows, digest };
}

/** What a circuit comes to over the rows in the clear, by plain arithmetic. */
async function recompute({
  reading,
  specs,
  circuit,
  seed,
}: Extract<SealTask, { kind: 'recompute' }>): Promise<Extract<SealDone, { kind: 'recompute' }>> {
  const { readRows } = await import('./rows.ts');
  const { columns, rowsOfChunk } = layOut(specs, 1);
  const byId = new Map(columns.map((column) => [column.id, column]));
  const totals = circuit.outputs.map(() => 0);
  const digest = new RowDigest(seed);
  await readRows(reading, rowsOfChunk, (rows) => {
    digest.add(rows);
    for (const row of rows) {
      const values = clearNodes(circuit, (id) => {
        const { of, from } = byId.get(id)!;
        return of(row[from] ?? null);
      });
      for (const [i, node] of circuit.outputs.entries()) totals[i]! += values[node]!;
    }
  });
  return { kind: 'recompute', digest: digest.end(), totals };
}

/** How far linear forms are from those of the rows in the clear, at most. */
async function compare({
  reading,
  features,
  model,
  linear,
  seed,
}: Extract<SealTask, { kind: 'compare' }>): Promise<Extract<SealDone, { kind: 'compare' }>> {
  const { readRows } = await import('./rows.ts');
  const layout = layOutScores(features, linear.length);
  const digest = new RowDigest(seed);
  let furthest = 0;
  let row = 0;
  await readRows(reading, layout.rowsOfChunk, (rows) => {
    digest.add(rows);
    for (const one of rows) {
      const clear = clearScore(model, layout, featuresOfRow(features, one));
      furthest = Math.max(furthest, Math.abs(clear - (linear[row++] ?? Number.NaN)));
    }
  });
  return { kind: 'compare', digest: digest.end(), furthest };
}

async function move(
  { form, rows, from, to, first }: Extract<SealTask, { kind: 'move' }>,
  tell: (done: number, of: number) => void,
): Promise<void> {
  const mover = await openMover(form, rows, from, to);
  const columns = new ColumnWriter(to.folder, mover, first);
  try {
    for (let chunk = first; chunk < mover.chunks; chunk++) {
      const old = Array.from({ length: mover.columns }, (_, column) => readAt(from.folder, mover.kind, column, chunk));
      columns.write(chunk, mover.move(chunk, old));
      columns.sync();
      tell(chunk + 1, mover.chunks);
      // Whoever waits for this may be gone: see seal-process.ts.
      await setImmediate();
    }
  } finally {
    mover.close();
    columns.close();
  }
  if (form.kind === 'exact') return;
  const patients = new OwnFiles(from.own, from.seed).all<string>(patientsFile);
  new OwnFiles(to.own, to.seed).write(patientsFile, patients, systemRng);
}

/** Says whether two readings gave the same rows, and nothing else to whoever lacks the seed. */
export class RowDigest {
  readonly #hmac;

  /** @param seed of the table */
  constructor(seed: Uint8Array) {
    this.#hmac = createHmac('sha256', seed).update('symbolon rows of an encrypted table');
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) this.#hmac.update(`${JSON.stringify(row)}\n`);
  }

  end(): string {
    return this.#hmac.digest('base64url');
  }
}
