import { createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { base64, fault, fromBase64url, fromUtf8 } from '@symbolon/crypto';
import { Log, type LogRecord, tilePath, tilesOf, type VerifierKey, verifierKey, writeProof } from '@symbolon/ledger';
import type { Transaction } from 'kysely';
import { newestCosignatures, withCosignatures, witnessName } from './cosignatures.ts';
import type { Database } from './database.ts';
import { privateFile, privateFolder } from './files.ts';
import type { Home } from './home.ts';
import { DatabaseLogStore, logOrigin, newestEpoch } from './log.ts';
import { tileOf } from './log-routes.ts';
import type { DatabaseSchema } from './schema.ts';

/** Files of an exported log, beside its tiles. */
export const logFiles = {
  checkpoint: 'checkpoint',
  keys: 'keys',
  cosigned: 'cosigned',
  events: 'events.jsonl',
} as const;

const pageLength = 1024;

/** A log opened for reading alone, without a server. */
export interface LogArchive {
  readonly home: Home;
  readonly database: Database;
  readonly epoch: number;
  readonly log: Log<Transaction<DatabaseSchema>>;
  readonly store: DatabaseLogStore;
}

/** Opens an epoch of a server's log; the newest unless another is named. Throws `not-found`. */
export async function openArchive(home: Home, database: Database, epoch?: number): Promise<LogArchive> {
  const newest = await newestEpoch(database);
  const wanted = epoch ?? newest;
  const store = new DatabaseLogStore(database, wanted);
  const log = await Log.open(logOrigin(home.card.id, wanted), store);
  if (wanted > newest || (wanted !== newest && log.size === 0)) {
    throw fault('not-found', `the log has no epoch ${wanted}`);
  }
  return { home, database, epoch: wanted, log, store };
}

/** What an export disclosed. */
export interface ExportedLog {
  readonly origin: string;
  readonly entries: number;
  readonly disclosed: number;
  /** Up to which size each witness has cosigned. */
  readonly witnesses: readonly { readonly witness: string; readonly size: number }[];
}

/**
 * Writes a log into a new folder as C2SP tlog-tiles: checkpoint, tiles and entries, which are salted hashes; beside them the newest
 * checkpoint that each witness has cosigned, the keys, and those events that are to be disclosed, with their salts.
 * @param disclose numbers of entries, or all of them; of an erased one there is nothing
 */
export async function exportLog(
  archive: LogArchive,
  folder: string,
  disclose: readonly number[] | 'all' = [],
): Promise<ExportedLog> {
  const { home, database, log, store } = archive;
  if (existsSync(folder)) {
    throw fault('conflict', `${folder} exists`, { culprit: folder, hint: 'Name a folder that does not exist yet.' });
  }
  const { origin, size } = log;
  const indexes = disclose === 'all' ? range(size) : [...new Set(disclose)].sort((a, b) => a - b);
  const beyond = disclose === 'all' ? undefined : disclose.find((index) => index >= size);
  if (beyond !== undefined) throw fault('not-found', `the log has ${size} entries; there is no entry ${beyond}`);
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: privateFolder });
    writeFileSync(join(folder, path), content, { mode: privateFile, flag: 'wx' });
  };
  for (const tile of tilesOf(size)) write(tilePath(tile), await tileOf(log, store, tile));
  const cosigned = (await newestCosignatures(database, origin)).filter((one) => one.size <= size);
  for (const { witness, note } of cosigned) write(`${logFiles.cosigned}/${witness}`, note);
  write(logFiles.keys, `${logKeys(home, origin).map(verifierKey).join('\n')}\n`);
  write(logFiles.checkpoint, await withCosignatures(database, origin, log.checkpoint(home.logKey)));
  const disclosed = await writeLines(join(folder, logFiles.events), eventLines(store, indexes));
  return {
    origin,
    entries: size,
    disclosed,
    witnesses: cosigned.map(({ witness, size: seen }) => ({ witness, size: seen })),
  };
}

/** Keys to verify a log with, as its owner knows them: the log's, and those of all partners as witnesses. */
export function logKeys(home: Home, origin: string): VerifierKey[] {
  return [
    { name: origin, type: 'note', publicKey: home.logKey.publicKey },
    ...home.partners.list().map(
      ({ id, logKey }): VerifierKey => ({
        name: witnessName(id),
        type: 'cosignature',
        publicKey: fromBase64url(logKey),
      }),
    ),
  ];
}

/** One line an event, in the order of the entries. */
async function* eventLines(store: DatabaseLogStore, indexes: Iterable<number>): AsyncGenerator<string> {
  let start = 0;
  let page: LogRecord[] = [];
  for (const index of indexes) {
    if (index >= start + page.length) {
      start = index;
      page = await store.entries(start, start + pageLength);
    }
    const { event, salt } = page[index - start]!;
    if (event === null || salt === null) continue;
    yield `${JSON.stringify({ index, salt: base64(salt), event: fromUtf8(event) })}\n`;
  }
}

async function writeLines(file: string, lines: AsyncIterable<string>): Promise<number> {
  let count = 0;
  const counting = async function* (): AsyncGenerator<string> {
    for await (const line of lines) {
      count++;
      yield line;
    }
  };
  await pipeline(counting, createWriteStream(file, { mode: privateFile, flags: 'wx' }));
  return count;
}

/**
 * The proof of one entry as a file that needs nothing but keys: event, salt, path to a root, and a checkpoint. That is the one with most
 * cosignatures, of these the newest; it need not be the last of the log. Throws `not-found` for an entry that there is not, or whose event
 * was erased.
 */
export async function proveEntry({ home, database, log, store }: LogArchive, index: number): Promise<string> {
  const { event, salt } = await store.entry(index);
  if (event === null || salt === null) throw fault('not-found', `the event of entry ${index} was erased`);
  const sizes = [...new Set((await newestCosignatures(database, log.origin)).map((one) => one.size)), log.size];
  const candidates = await Promise.all(
    sizes
      .filter((size) => size > index && size <= log.size)
      .map(async (size) => ({
        size,
        note: await withCosignatures(database, log.origin, log.checkpoint(home.logKey, size)),
      })),
  );
  const lines = ({ note }: { note: string }): number => note.split('\n').length;
  const [best] = candidates.sort((a, b) => lines(b) - lines(a) || b.size - a.size);
  return writeProof({ index, event, salt, hashes: log.inclusionProof(index, best!.size), checkpoint: best!.note });
}

function* range(end: number): Generator<number> {
  for (let index = 0; index < end; index++) yield index;
}
