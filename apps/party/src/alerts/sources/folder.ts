import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClinicalEvent, maxResourceBytes, readNdjsonLine } from '@symbolon/alerts';
import { fault, SymbolonError } from '@symbolon/crypto';
import { Lane } from '@symbolon/service';
import { isSources } from '../quarantine.ts';
import type { FolderSettings } from '../source-settings.ts';
import { type Source, type SourceServer, takeMessage } from './source.ts';

/** How far a file was read: behind a whole line. */
interface Place {
  readonly offset: number;
  readonly lines: number;
}

const lookMilliseconds = 2000;
const chunkBytes = 1 << 18;
const lineFeed = 0x0a;

/**
 * A folder into which another program writes FHIR NDJSON. How far a file was read is kept after its events: where the server stops between the two, some
 * lines are read again, and their events are known by their ids.
 */
export class FolderSource implements Source {
  readonly #settings: FolderSettings;
  readonly #server: SourceServer;
  readonly #lane: Lane;
  #watcher: FSWatcher | undefined;
  #closed = false;
  /** Of what hindered it last, so that it is said once. */
  #hindered = '';

  constructor(server: SourceServer, settings: FolderSettings) {
    this.#server = server;
    this.#settings = settings;
    this.#lane = new Lane(
      () => this.#look(),
      (error) => this.#failed(error),
    );
  }

  async start(): Promise<string> {
    const { path, name } = this.#settings;
    try {
      await readdir(path);
    } catch (cause) {
      throw fault('config-invalid', `the folder of the source '${name}' cannot be read`, { culprit: path, cause });
    }
    this.#watcher = watch(path, () => this.#lane.wake());
    // What watches a folder says less on some file systems; looking every few seconds does on all.
    this.#watcher.on('error', () => undefined);
    this.#lane.wake();
    return path;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#watcher?.close();
    await this.#lane.close();
  }

  read(content: Uint8Array): readonly ClinicalEvent[] {
    return readNdjsonLine(content, this.#settings);
  }

  async #look(): Promise<number> {
    const files = (await readdir(this.#settings.path)).filter((file) => file.endsWith('.ndjson')).sort();
    for (const file of files) if (!this.#closed) await this.#readFile(file);
    this.#hindered = '';
    return lookMilliseconds;
  }

  #failed(error: unknown): number {
    const { logger } = this.#server.context;
    const code =
      error instanceof SymbolonError ? error.code : String((error as NodeJS.ErrnoException).code ?? 'internal');
    if (code !== this.#hindered) logger.warn({ err: error, source: this.#settings.name }, 'a folder of events waits');
    this.#hindered = code;
    return lookMilliseconds;
  }

  async #readFile(file: string): Promise<void> {
    const handle = await open(join(this.#settings.path, file), 'r');
    try {
      let place = await this.#begin(file, handle);
      while (!this.#closed) {
        const next = await this.#readChunk(file, handle, place);
        if (next === undefined) return;
        await this.#keepPlace(file, next);
        place = next;
      }
    } finally {
      await handle.close();
    }
  }

  /** Where to go on; at the beginning where the file is another one than it was. */
  async #begin(file: string, handle: FileHandle): Promise<Place> {
    const { database } = this.#server.context;
    const known = await database
      .selectFrom('alert_file')
      .select(['offset', 'lines'])
      .where('source', '=', this.#settings.name)
      .where('file', '=', file)
      .executeTakeFirst();
    if (known === undefined || known.offset === 0) return { offset: 0, lines: 0 };
    const before = Buffer.alloc(1);
    const { bytesRead } = await handle.read(before, 0, 1, known.offset - 1);
    return bytesRead === 1 && before[0] === lineFeed ? known : { offset: 0, lines: 0 };
  }

  /** Takes the next lines in. @returns undefined where no whole line is left */
  async #readChunk(file: string, handle: FileHandle, { offset, lines }: Place): Promise<Place | undefined> {
    const chunk = await linesAt(handle, offset);
    if (chunk === undefined) return undefined;
    const { content, length } = chunk;
    let number = lines;
    let from = 0;
    const taken: Promise<void>[] = [];
    for (let to = content.indexOf(lineFeed); to !== -1; from = to + 1, to = content.indexOf(lineFeed, from)) {
      number++;
      const line = content.subarray(from, to);
      if (line.some((byte) => byte > 0x20)) taken.push(this.#takeLine(line, `${file}, line ${number}`));
    }
    const failed = (await Promise.allSettled(taken)).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return { offset: offset + length, lines: number };
  }

  async #takeLine(line: Uint8Array, place: string): Promise<void> {
    try {
      await takeMessage(this.#server, this.#settings.name, { content: line, read: () => this.read(line), place });
    } catch (error) {
      // It is in the quarantine: the file goes on.
      if (!isSources(error)) throw error;
    }
  }

  async #keepPlace(file: string, { offset, lines }: Place): Promise<void> {
    const { database, now } = this.#server.context;
    const row = { offset, lines, read_at: now().toISOString() };
    await database
      .insertInto('alert_file')
      .values({ source: this.#settings.name, file, ...row })
      .onConflict((conflict) => conflict.columns(['source', 'file']).doUpdateSet(row))
      .execute();
  }
}

/**
 * Whole lines of a file from an offset on, some hundred kilobytes of them. Of a line that is too long, its beginning stands for it: enough to be refused.
 * @returns `length` in bytes of what was read of the file; undefined where no line has ended yet
 */
async function linesAt(handle: FileHandle, offset: number): Promise<{ content: Buffer; length: number } | undefined> {
  for (let size = chunkBytes; ; size *= 2) {
    const buffer = Buffer.alloc(size);
    const { bytesRead } = await handle.read(buffer, 0, size, offset);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(lineFeed) + 1;
    if (end > 0) return { content: buffer.subarray(0, end), length: end };
    if (bytesRead < size) return undefined;
    if (size > maxResourceBytes) return longLine(handle, offset, buffer);
  }
}

async function longLine(
  handle: FileHandle,
  offset: number,
  beginning: Buffer,
): Promise<{ content: Buffer; length: number } | undefined> {
  const buffer = Buffer.alloc(chunkBytes);
  for (let at = offset + beginning.length; ; ) {
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, at);
    const end = buffer.subarray(0, bytesRead).indexOf(lineFeed);
    if (end !== -1) {
      const content = Buffer.concat([beginning, Buffer.of(lineFeed)]);
      return { content, length: at + end + 1 - offset };
    }
    if (bytesRead < chunkBytes) return undefined;
    at += bytesRead;
  }
}
