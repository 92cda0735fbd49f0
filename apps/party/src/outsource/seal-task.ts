import { createHmac } from 'node:crypto';
import { closeSync, constants, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { fault } from '@symbolon/crypto';
import {
  Checks,
  type Circuit,
  type ColumnSpec,
  clearNodes,
  encodeChunk,
  generateKeys,
  type Layout,
  layOut,
  moveChunk,
  type Row,
  readRecord,
  recordBytes,
  SlotDecryptor,
  SlotEncryptor,
  type TableKeys,
  writeRecord,
} from '@symbolon/fhe/sealing';
import type { Reading } from './rows.ts';
import { columnFile } from './stored-columns.ts';

/** What tables of one key and table share with nobody: SEAL's secret key, and the seed of the table's check rows. */
export interface TableSecrets {
  readonly secret: Uint8Array;
  readonly seed: Uint8Array;
}

/** What is done in a process of its own, which ends afterwards: SEAL's memory never shrinks, and would keep keys. */
export type SealTask =
  | { readonly kind: 'keys' }
  | {
      readonly kind: 'encrypt';
      readonly reading: Reading;
      readonly specs: readonly ColumnSpec[];
      readonly to: TableSecrets;
      readonly folder: string;
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
      readonly kind: 'move';
      readonly specs: readonly ColumnSpec[];
      readonly rows: number;
      readonly from: TableSecrets & { readonly folder: string };
      readonly to: TableSecrets & { readonly folder: string };
      /** Chunks that are moved already. */
      readonly first: number;
    };

/** What such a process made. */
export type SealDone =
  | { readonly kind: 'keys'; readonly keys: TableKeys }
  | { readonly kind: 'encrypt'; readonly rows: number; readonly digest: string }
  | { readonly kind: 'recompute'; readonly digest: string; readonly totals: readonly number[] }
  | { readonly kind: 'move' };

/** Runs at: the owner. @param tell how many chunks are done, of how many */
export async function perform(task: SealTask, tell: (done: number, of: number) => void): Promise<SealDone> {
  switch (task.kind) {
    case 'keys':
      return { kind: 'keys', keys: await generateKeys() };
    case 'encrypt':
      return encrypt(task, tell);
    case 'recompute':
      return recompute(task);
    case 'move':
      await move(task, tell);
      return { kind: 'move' };
  }
}

// What reads data sets is loaded where there is one to be read: it is most of the start of such a process.

/** Reads the rows twice, as how a table is laid out depends on how many there are; never holds more of them than a chunk. */
async function encrypt(
  { reading, specs, to, folder }: Extract<SealTask, { kind: 'encrypt' }>,
  tell: (done: number, of: number) => void,
): Promise<Extract<SealDone, { kind: 'encrypt' }>> {
  const { readRows } = await import('./rows.ts');
  const { rowsOfChunk } = layOut(specs, 1);
  const first = new RowDigest(to.seed);
  const rows = await readRows(reading, rowsOfChunk, (some) => first.add(some));
  const layout = layOut(specs, rows);
  const checks = new Checks(layout, to.seed);
  const encryptor = await SlotEncryptor.open(to);
  const columns = new ColumnWriter(folder, layout, 0);
  const second = new RowDigest(to.seed);
  try {
    let chunk = 0;
    await readRows(reading, rowsOfChunk, (some) => {
      // More rows than before: the digest says so below.
      if (chunk === layout.chunks) return;
      second.add(some);
      const slots = encodeChunk(layout, checks, chunk, some, chunk * rowsOfChunk);
      columns.write(
        chunk,
        slots.map((own) => writeRecord(encryptor.encrypt(own))),
      );
      tell(++chunk, layout.chunks);
    });
  } finally {
    encryptor.close();
    columns.close();
  }
  const digest = second.end();
  if (digest !== first.end()) throw fault('data-changed', 'the rows changed while they were encrypted');
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

async function move(
  { specs, rows, from, to, first }: Extract<SealTask, { kind: 'move' }>,
  tell: (done: number, of: number) => void,
): Promise<void> {
  const layout = layOut(specs, rows);
  const checks = { from: new Checks(layout, from.seed), to: new Checks(layout, to.seed) };
  const decryptor = await SlotDecryptor.open(from);
  const encryptor = await SlotEncryptor.open(to);
  const columns = new ColumnWriter(to.folder, layout, first);
  try {
    for (let chunk = first; chunk < layout.chunks; chunk++) {
      const old = layout.columns.map((_, column) => decryptor.decrypt(readRecord(readAt(from.folder, column, chunk))));
      const moved = moveChunk(layout, checks, chunk, old);
      columns.write(
        chunk,
        moved.map((own) => writeRecord(encryptor.encrypt(own))),
      );
      columns.sync();
      tell(chunk + 1, layout.chunks);
      // Whoever waits for this may be gone: see seal-process.ts.
      await setImmediate();
    }
  } finally {
    decryptor.close();
    encryptor.close();
    columns.close();
  }
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

/**
 * Writes records to the files of all columns, each at the place of its chunk: a process that outlives its parent for a moment writes what the next one
 * writes there, too.
 */
class ColumnWriter {
  readonly #files: number[];

  /** @param first chunks that are kept */
  constructor(folder: string, { columns }: Layout, first: number) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#files = columns.map((_, column) => {
      const file = openSync(columnFile(folder, column), constants.O_RDWR | constants.O_CREAT, 0o600);
      ftruncateSync(file, first * recordBytes);
      return file;
    });
  }

  write(chunk: number, records: readonly Uint8Array[]): void {
    for (const [column, record] of records.entries()) {
      for (let at = 0; at < record.length; ) {
        at += writeSync(this.#files[column]!, record, at, record.length - at, chunk * recordBytes + at);
      }
    }
  }

  sync(): void {
    for (const file of this.#files) fsyncSync(file);
  }

  close(): void {
    this.sync();
    for (const file of this.#files) closeSync(file);
  }
}

function readAt(folder: string, column: number, chunk: number): Uint8Array {
  const file = openSync(columnFile(folder, column), 'r');
  try {
    const record = new Uint8Array(recordBytes);
    const read = readSync(file, record, 0, recordBytes, chunk * recordBytes);
    if (read !== recordBytes) throw fault('internal', `column ${column} of an encrypted table is too short`);
    return record;
  } finally {
    closeSync(file);
  }
}
