import { closeSync, constants, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { fault } from '@symbolon/crypto';
import { recordForms, type TableKind } from '@symbolon/fhe/sealing';
import { makeDurably, syncFolder } from '@symbolon/service/files';
import type { Shape } from './forms.ts';
import { columnFile } from './stored-columns.ts';

/** Writes records to the files of all columns, each at the place of its chunk. */
export class ColumnWriter {
  readonly #files: number[];
  readonly #bytes: number;

  /** @param first chunks that are kept */
  constructor(folder: string, { columns, kind }: Shape, first: number) {
    makeDurably(folder);
    this.#bytes = recordForms[kind].bytes;
    this.#files = Array.from({ length: columns }, (_, column) => {
      const file = openSync(columnFile(folder, column), constants.O_RDWR | constants.O_CREAT, 0o600);
      ftruncateSync(file, first * this.#bytes);
      return file;
    });
    syncFolder(folder);
  }

  write(chunk: number, records: readonly Uint8Array[]): void {
    for (const [column, record] of records.entries()) {
      for (let at = 0; at < record.length; ) {
        at += writeSync(this.#files[column]!, record, at, record.length - at, chunk * this.#bytes + at);
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

/** A record of a column, from such a file. */
export function readAt(folder: string, kind: TableKind, column: number, chunk: number): Uint8Array {
  const record = new Uint8Array(recordForms[kind].bytes);
  const file = openSync(columnFile(folder, column), 'r');
  try {
    const read = readSync(file, record, 0, record.length, chunk * record.length);
    if (read !== record.length) throw fault('internal', `column ${column} of an encrypted table is too short`);
    return record;
  } finally {
    closeSync(file);
  }
}
