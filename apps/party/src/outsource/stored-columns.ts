import { type FileHandle, mkdir, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '@symbolon/crypto';
import { recordForms } from '@symbolon/fhe/sealing';
import type { Shape } from './forms.ts';

/** The file of a column's ciphertexts, chunk after chunk. */
export function columnFile(folder: string, column: number): string {
  return join(folder, `${column}.column`);
}

/** The ciphertexts of a table on this machine: until the server has them, and while they are moved to another key. */
export class StoredColumns {
  readonly folder: string;
  readonly #columns: number;
  readonly #bytes: number;

  /** @param home folder of the organisation @param table its id at the server, base64url */
  constructor(home: string, table: string, { columns, kind }: Pick<Shape, 'columns' | 'kind'>) {
    this.folder = join(home, 'sealed', table);
    this.#columns = columns;
    this.#bytes = recordForms[kind].bytes;
  }

  /** How many chunks are here of all columns. */
  async chunks(): Promise<number> {
    const sizes = await Promise.all(
      Array.from({ length: this.#columns }, (_, column) =>
        stat(columnFile(this.folder, column)).then(
          ({ size }) => Math.floor(size / this.#bytes),
          () => 0,
        ),
      ),
    );
    return Math.min(...sizes);
  }

  /** Cuts off what is after so many chunks: a process that ended badly wrote some columns and not others. */
  async keep(chunks: number): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    for (let column = 0; column < this.#columns; column++) {
      const file = columnFile(this.folder, column);
      await truncate(file, chunks * this.#bytes).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' || chunks > 0) throw error;
      });
    }
  }

  async record(column: number, chunk: number): Promise<Uint8Array> {
    const handle = await open(columnFile(this.folder, column));
    try {
      const record = new Uint8Array(this.#bytes);
      const { bytesRead } = await handle.read(record, 0, record.length, chunk * record.length);
      if (bytesRead !== record.length) throw fault('internal', `column ${column} of an encrypted table is too short`);
      return record;
    } finally {
      await handle.close();
    }
  }

  /** Appends a record of each column. */
  async add(records: readonly Uint8Array[]): Promise<void> {
    for (const [column, record] of records.entries()) {
      const handle: FileHandle = await open(columnFile(this.folder, column), 'a', 0o600);
      try {
        await handle.write(record);
        await handle.datasync();
      } finally {
        await handle.close();
      }
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Deletes the folders of tables that nobody needs any more. @param known ids of those that are needed */
export async function removeStrangers(folder: string, known: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!known.has(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
