import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fault, hex, type Rng, type SymbolonError } from '@symbolon/crypto';
import { type Logger, privateFile, syncFolder, type Upload } from '@symbolon/service';
import type { DataSource } from '../data/source.ts';

/** The kinds of files that people may add, which end their names here, too. */
export type FileKind = Extract<DataSource, { path: string }>['kind'];

/** Files that come in at a time. */
const mostComing = 4;
/** What stays free on the disk: the database needs room to go on. */
const reserve = 2 ** 28;

/**
 * The files that people have added by a browser: in a folder of the home that only its owner looks into. A file has the name of its data set, which is
 * checked by its shape, and a random number; nothing that a client says leads elsewhere.
 */
export class Uploads {
  readonly #folder: string;
  readonly #rng: Rng;
  #coming = 0;
  #promised = 0;

  /** @param home the organisation's folder */
  constructor(home: string, rng: Rng) {
    this.#folder = join(home, 'uploads');
    this.#rng = rng;
  }

  /** Whether the records are in a file that was added so. */
  owns(source: DataSource): source is Extract<DataSource, { path: string }> {
    return 'path' in source && dirname(source.path) === this.#folder;
  }

  /**
   * Keeps a file; when it resolves, all of it survives power loss. What came in part leaves nothing.
   * Throws `body-too-large`, `storage-full`, `too-many-requests`, and what ended the connection.
   * @param name of the data set, of the shape that contracts hold
   */
  async keep(
    { name, kind, most }: { readonly name: string; readonly kind: FileKind; readonly most: number },
    { bytes, length }: Upload,
  ): Promise<string> {
    if (length > most) throw tooLarge(length, most);
    if (this.#coming >= mostComing) {
      throw fault('too-many-requests', `${mostComing} files are being added already`, {
        hint: 'Wait until one of them is here, then send yours again.',
      });
    }
    this.#coming++;
    this.#promised += length;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await this.#requireRoom();
      const path = join(this.#folder, `${name}-${hex(this.#rng(8))}.${kind}`);
      const draft = `${path}.part`;
      try {
        await pipeline(Readable.from(bytes), createWriteStream(draft, { flags: 'wx', mode: privateFile, flush: true }));
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw isFull(error) ? full(error) : error;
      }
      syncFolder(this.#folder);
      return path;
    } finally {
      this.#coming--;
      this.#promised -= length;
    }
  }

  /** Deletes a file that was added so; leaves any other. */
  async drop(source: DataSource): Promise<void> {
    if (this.owns(source)) await rm(source.path, { force: true });
  }

  /** Deletes what no data set names, as a server that ended badly leaves it. Nothing may be coming in. @param named of all data sets */
  async tidy(named: readonly DataSource[], logger: Pick<Logger, 'warn'>): Promise<void> {
    const kept = new Set(named.map((source) => ('path' in source ? source.path : '')));
    const files = await readdir(this.#folder).catch(() => []);
    for (const file of files.map((each) => join(this.#folder, each)).filter((each) => !kept.has(each))) {
      await rm(file, { force: true });
      logger.warn({ file }, 'a file that no data set names was deleted');
    }
  }

  async #requireRoom(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize < this.#promised + reserve) throw full();
  }
}

function tooLarge(length: number, most: number): SymbolonError {
  return fault('body-too-large', `the file has ${megabytes(length)} MB; this server takes ${megabytes(most)} at most`, {
    hint: 'Whoever keeps the server raises `uploadMegabytes` in symbolon.json, or puts the file into one of its `dataFolders`.',
  });
}

const megabytes = (bytes: number): string => Math.ceil(bytes / 1e6).toLocaleString('en');
const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String(error.code));

function full(cause?: unknown): SymbolonError {
  return fault('storage-full', 'the disk of the server has no room for the file; nothing of it was kept', {
    hint: 'Ask whoever keeps the server to make room on its disk; then send the file again.',
    cause,
  });
}
