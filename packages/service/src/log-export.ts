import { base64, fault, fromBase64url, fromUtf8 } from '@symbolon/crypto';
import { Log, type LogRecord, tilesOf, type VerifierKey, verifierKey, writeProof } from '@symbolon/ledger';
import type { Transaction } from 'kysely';
import { newestCosignatures, withCosignatures, witnessName } from './cosignatures.ts';
import type { Database } from './database.ts';
import type { Home } from './home.ts';
import { DatabaseLogStore, logOrigin, newestEpoch, type ServerLog } from './log.ts';
import { type ExportedLog, type LogBundle, requireNew, writeBundle } from './log-bundle.ts';
import { tileOf } from './log-routes.ts';
import type { DatabaseSchema } from './schema.ts';

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

/** A log that can be exported: an archive, or that of a server that runs. */
export interface LogSource extends Pick<LogArchive, 'home' | 'database'> {
  readonly log: Pick<ServerLog, 'origin' | 'size' | 'tile'>;
  readonly store: Pick<DatabaseLogStore, 'entries' | 'hashes'>;
  /** Of the log as it stands, a signed note. */
  checkpoint(): string;
}

/** Which events an export discloses: numbers of entries, or all; of an erased one there is nothing. */
export type Disclosed = readonly number[] | 'all';

/**
 * Writes a log into a new folder as C2SP tlog-tiles: checkpoint, tiles and entries, which are salted hashes; beside them the newest
 * checkpoint that each witness has cosigned, the keys, and those events that are to be disclosed, with their salts.
 */
export async function exportLog(archive: LogArchive, folder: string, disclose: Disclosed = []): Promise<ExportedLog> {
  requireNew(folder);
  const source = { ...archive, checkpoint: () => archive.log.checkpoint(archive.home.logKey) };
  const head = await logHead(source);
  const events = disclosedLines(source, head.entries, disclose);
  return writeBundle({ ...head, tiles: () => tileContents(source, head.entries), events: () => events }, folder);
}

/** All of an exported log but its tiles and events. */
export async function logHead({
  home,
  database,
  log,
  checkpoint,
}: LogSource): Promise<Pick<LogBundle, 'origin' | 'entries' | 'checkpoint' | 'keys' | 'cosigned'>> {
  const { origin, size } = log;
  const note = checkpoint();
  const cosigned = (await newestCosignatures(database, origin)).filter((one) => one.size <= size);
  return {
    origin,
    entries: size,
    checkpoint: await withCosignatures(database, origin, note),
    keys: logKeys(home, origin).map(verifierKey),
    cosigned: cosigned.map(({ witness, size: seen, note: signed }) => ({ witness, size: seen, note: signed })),
  };
}

/** Contents of the tiles of a log of so many entries, from number `from` on, in the order of `tilesOf`. */
export async function* tileContents({ log, store }: LogSource, entries: number, from = 0): AsyncGenerator<Uint8Array> {
  let place = 0;
  for (const name of tilesOf(entries)) if (place++ >= from) yield await tileOf(log, store, name);
}

/**
 * Lines of those events of the first `entries` that are disclosed, from entry `from` on. Throws `not-found`.
 * @param from number of an entry
 */
export function disclosedLines(
  { store }: LogSource,
  entries: number,
  disclose: Disclosed,
  from = 0,
): AsyncGenerator<string> {
  const indexes = disclose === 'all' ? range(entries) : [...new Set(disclose)].sort((a, b) => a - b);
  const beyond = disclose === 'all' ? undefined : disclose.find((index) => index >= entries);
  if (beyond !== undefined) throw fault('not-found', `the log has ${entries} entries; there is no entry ${beyond}`);
  return eventLines(store, indexes, from);
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
async function* eventLines(store: LogSource['store'], indexes: Iterable<number>, from: number): AsyncGenerator<string> {
  let start = 0;
  let page: LogRecord[] = [];
  for (const index of indexes) {
    if (index < from) continue;
    if (index >= start + page.length) {
      start = index;
      page = await store.entries(start, start + pageLength);
    }
    const { event, salt } = page[index - start]!;
    if (event === null || salt === null) continue;
    yield JSON.stringify({ index, salt: base64(salt), event: fromUtf8(event) });
  }
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
