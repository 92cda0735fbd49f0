import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { openDuckDb } from '@symbolon/service';
import { quoteName, quoteText } from '@symbolon/sql';
import type { RecordType } from '../records/types/types.ts';
import { columnsOf } from '../statistics/columns.ts';
import { sqlType } from '../statistics/tables.ts';

const bufferedCharacters = 1 << 20;

/** Files of lines in a folder, each made when its first line comes. */
export class LineFiles {
  readonly #folder: string;
  readonly #files = new Map<string, { handle: FileHandle; waiting: string }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async add(name: string, line: string): Promise<void> {
    const file = this.#files.get(name) ?? { handle: await open(join(this.#folder, name), 'wx', 0o600), waiting: '' };
    this.#files.set(name, file);
    file.waiting += `${line}\n`;
    if (file.waiting.length < bufferedCharacters) return;
    await file.handle.write(file.waiting);
    file.waiting = '';
  }

  /** Everything is on disk when it resolves. */
  async close(): Promise<void> {
    for (const { handle, waiting } of this.#files.values()) {
      await handle.write(waiting);
      await handle.sync();
      await handle.close();
    }
  }
}

const frame = {
  patient: 'VARCHAR',
  record: 'VARCHAR',
  version: 'BIGINT',
  type_version: 'BIGINT',
  recorded: 'VARCHAR',
  group: 'VARCHAR',
  physician: 'VARCHAR',
  institution: 'VARCHAR',
  body: 'JSON',
} as const;

/** Makes a Parquet file of the lines of a type: what frames a record, its columns as studies see them, and its body. */
export async function writeParquet(lines: string, file: string, type: RecordType): Promise<void> {
  const duckDb = await openDuckDb({ threads: 1, memory: '1GB' });
  try {
    const declared = Object.entries(frame).map(([name, kind]) => `${quoteName(name)}: ${quoteText(kind)}`);
    const columns = columnsOf(type).map(({ name, path, column }) => {
      const place = `$${path.map((part) => `."${part}"`).join('')}`;
      const value = `json_extract_string(body, ${quoteText(place)})`;
      const taken = Object.hasOwn(frame, name) ? `${name}_value` : name;
      return `TRY_CAST(${value} AS ${sqlType(column)}) AS ${quoteName(taken)}`;
    });
    const plain = Object.keys(frame).filter((name) => name !== 'body' && name !== 'recorded');
    const selected = [
      ...plain.map(quoteName),
      'CAST(recorded AS TIMESTAMPTZ) AS recorded',
      ...columns,
      'CAST(body AS VARCHAR) AS body',
    ];
    const source = `read_json(${quoteText(lines)}, format = 'newline_delimited', columns = {${declared.join(', ')}})`;
    await duckDb.query(`COPY (SELECT ${selected.join(', ')} FROM ${source}) TO ${quoteText(file)} (FORMAT parquet)`);
  } finally {
    duckDb.close();
  }
}
