import type { Card } from '@symbolon/agreement';
import { fault, fromBase64url, type Rng, type SymbolonError, systemRng } from '@symbolon/crypto';
import {
  type Addition,
  type Checkpoint,
  Log,
  type LogReader,
  type LogRecord,
  type LogStore,
  type Outcome,
  parseCheckpoint,
} from '@symbolon/ledger';
import { sql, type Transaction } from 'kysely';
import { type Database, isDuplicate } from './database.ts';
import type { Home } from './home.ts';
import { type LogColumn, type LogValues, logRows } from './log-rows.ts';
import { insertRows, prepared } from './prepared.ts';
import type { DatabaseSchema } from './schema.ts';

/** Rows of one INSERT: more make it hardly faster, and databases bound the values of one statement. */
const rowsAtOnce = 64;

/**
 * The name under which an organisation's log signs its checkpoints. `symbolon store recover` begins the log anew, in the next epoch and
 * under another name; that of the first epoch has no number.
 */
export function logOrigin(id: string, epoch = 1): string {
  return epoch === 1 ? `symbolon/${id}` : `symbolon/${id}/${epoch}`;
}

/** The epoch of a log of `id` by that name; undefined if no log of `id` has it. */
export function epochOf(origin: string, id: string): number | undefined {
  if (origin === logOrigin(id)) return 1;
  const [, epoch] = /\/([2-9]|[1-9]\d{1,8})$/.exec(origin) ?? [];
  return epoch !== undefined && origin === logOrigin(id, Number(epoch)) ? Number(epoch) : undefined;
}

/** A checkpoint of an organisation's log whose signature was verified. */
export interface LogCheckpoint extends Checkpoint {
  readonly epoch: number;
}

/** Reads a checkpoint of an organisation's log, of whatever epoch. Throws `bad-document` or `bad-signature`. */
export function parseLogCheckpoint({ id, logKey }: Pick<Card, 'id' | 'logKey'>, note: string): LogCheckpoint {
  const origin = note.split('\n', 1)[0]!;
  const epoch = epochOf(origin, id);
  if (epoch === undefined) throw fault('bad-document', `not a checkpoint of the log of ${id}`);
  return { ...parseCheckpoint(note, origin, fromBase64url(logKey)), epoch };
}

/** One epoch of the log in a server's database. Only the newest can be appended to. */
export class DatabaseLogStore implements LogStore<Transaction<DatabaseSchema>> {
  readonly #database: Database;
  readonly #epoch: number;

  constructor(database: Database, epoch = 1) {
    this.#database = database;
    this.#epoch = epoch;
  }

  /** All at once where none rejects, as is the rule: savepoints make SQLite keep every page as it was. Where one does, it is taken back apart from the others. */
  async append(first: number, additions: readonly Addition<Transaction<DatabaseSchema>>[]): Promise<Outcome[]> {
    try {
      return await this.#append(first, additions, false);
    } catch (error) {
      if (error !== rejected) throw error;
      return this.#append(first, additions, true);
    }
  }

  #append(
    first: number,
    additions: readonly Addition<Transaction<DatabaseSchema>>[],
    apart: boolean,
  ): Promise<Outcome[]> {
    return this.#database.transaction().execute(async (transaction) => {
      const outcomes = await new Batch(transaction, this.#epoch, first, apart).add(additions);
      // The writes came first, as they take the lock that makes these reads the newest.
      if ((await newestEpoch(transaction)) > this.#epoch) throw fault('conflict', 'a new epoch of this log was opened');
      if (first > 0 && !(await hasEntry(transaction, this.#epoch, first - 1))) throw notNext(first);
      return outcomes;
    });
  }

  size(): Promise<number> {
    return sizeOf(this.#database, this.#epoch);
  }

  async entry(index: number): Promise<LogRecord> {
    const [record] = await this.entries(index, index + 1);
    if (record === undefined) throw fault('not-found', `the log has no entry ${index}`);
    return record;
  }

  entries(start: number, end: number): Promise<LogRecord[]> {
    return this.#rows(start, end, ['entry', 'event', 'salt'], ([entry, event, salt]) => ({
      entry: entry!,
      event: event ?? null,
      salt: salt ?? null,
    }));
  }

  hashes(start: number, end: number): Promise<Uint8Array[]> {
    return this.#rows(start, end, ['entry'], ([entry]) => entry!);
  }

  #rows<T>(start: number, end: number, columns: readonly LogColumn[], read: (values: LogValues) => T): Promise<T[]> {
    return logRows(this.#database, { epoch: this.#epoch, start, end }, columns, read);
  }
}

type Within = NonNullable<Addition<Transaction<DatabaseSchema>>['within']>;

const rejected = new Error('an addition rejects');

/** Records that are stored in one transaction: with `apart`, those that do not reject; else all, or it throws `rejected`. */
class Batch {
  readonly #transaction: Transaction<DatabaseSchema>;
  readonly #epoch: number;
  readonly #apart: boolean;
  #next: number;

  constructor(transaction: Transaction<DatabaseSchema>, epoch: number, first: number, apart: boolean) {
    this.#transaction = transaction;
    this.#epoch = epoch;
    this.#next = first;
    this.#apart = apart;
  }

  async add(additions: readonly Addition<Transaction<DatabaseSchema>>[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    let plain: LogRecord[] = [];
    for (const { record, within } of additions) {
      if (within === undefined) {
        outcomes.push({ index: this.#next + plain.length });
        plain.push(record);
      } else {
        await this.#insert(plain);
        plain = [];
        outcomes.push(await (this.#apart ? this.#addApart(record, within) : this.#addWith(record, within)));
      }
    }
    await this.#insert(plain);
    return outcomes;
  }

  async #addWith(record: LogRecord, within: Within): Promise<Outcome> {
    const index = this.#next;
    await this.#insert([record]);
    await within(this.#transaction, index).catch(() => {
      throw rejected;
    });
    return { index };
  }

  /** A savepoint keeps one state change that is refused from taking the others with it. */
  async #addApart(record: LogRecord, within: Within): Promise<Outcome> {
    const index = this.#next;
    await sql`SAVEPOINT addition`.execute(this.#transaction);
    await this.#insert([record]);
    try {
      await within(this.#transaction, index);
      await sql`RELEASE SAVEPOINT addition`.execute(this.#transaction);
      return { index };
    } catch (error) {
      await sql`ROLLBACK TO SAVEPOINT addition`.execute(this.#transaction);
      this.#next = index;
      return { error };
    }
  }

  async #insert(records: readonly LogRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += rowsAtOnce) {
      const rows = records
        .slice(start, start + rowsAtOnce)
        .map((record) => ({ epoch: this.#epoch, index: this.#next++, ...record }));
      try {
        await insertRows(this.#transaction, 'log_entry', rows);
      } catch (error) {
        if (isDuplicate(error)) throw notNext(rows[0]!.index);
        throw error;
      }
    }
  }
}

const notNext = (index: number): SymbolonError => fault('conflict', `entry ${index} is not the next one`);

async function hasEntry(database: Database, epoch: number, index: number): Promise<boolean> {
  const { rows } = await entryAt(database, { epoch, index });
  return rows.length === 1;
}

const entryAt = prepared((database, { epoch, index }: { epoch: number; index: number }) =>
  database.selectFrom('log_entry').select('index').where('epoch', '=', epoch).where('index', '=', index),
);

async function sizeOf(database: Database, epoch: number): Promise<number> {
  const row = await database
    .selectFrom('log_entry')
    .select(({ fn }) => fn.max('index').as('last'))
    .where('epoch', '=', epoch)
    .executeTakeFirst();
  return row?.last === null || row?.last === undefined ? 0 : row.last + 1;
}

/** The epoch that the log in a database is in. */
export async function newestEpoch(database: Database): Promise<number> {
  const { rows } = await lastEpoch(database, {});
  return rows[0]?.last ?? 1;
}

const lastEpoch = prepared((database) =>
  database.selectFrom('log_entry').select(({ fn }) => fn.max('epoch').as('last')),
);

/** What happened. */
export type LogEvent = { readonly kind: string; readonly [field: string]: unknown };

/** A state change that is one transaction with its log entry, number `index` of the present epoch. */
export type WithinAppend = (transaction: Transaction<DatabaseSchema>, index: number) => Promise<void>;

/** The log of a server, signed with its home's log key. */
export interface ServerLog {
  readonly epoch: number;
  readonly origin: string;
  /** Entries of this epoch. */
  readonly size: number;
  readonly store: LogReader;
  /**
   * Appends an event and resolves to its index when it is durable. `kind` says what happened; no event holds the content of a
   * record or a secret. Numbers are safe integers (canonical JSON).
   * @param within writes, through the transaction given alone, what becomes durable with the event or not at all; if it rejects, so does
   * the call, and the event is not in the log. It may run more than once (another process was first), so it changes nothing else.
   */
  append(event: LogEvent, within?: WithinAppend): Promise<number>;
  /** Learns of entries that other processes have appended. */
  refresh(): Promise<void>;
  /** Calls `listener` after entries were appended, or learned of, until the returned function is called. */
  onAppend(listener: () => void): () => void;
  /** The newest checkpoint, as a signed note. */
  checkpoint(): string;
  /** Root of the tree when it had `size` entries, 32 bytes. @param size at most that of the log */
  root(size: number): Uint8Array;
  /** Proof that the log, at `to` entries or as it stands, extends what it was at `from`. */
  consistencyProof(from: number, to?: number): Uint8Array[];
  /** Proof that entry `index` is in the log at `size` entries, or as it stands. */
  inclusionProof(index: number, size?: number): Uint8Array[];
  /** A hash tile; see `Log.tile`. */
  tile(level: number, index: number, width: number): Uint8Array;
}

/** Opens the newest epoch of a server's log. @param rng salts entries */
export async function openServerLog(home: Home, database: Database, rng: Rng = systemRng): Promise<ServerLog> {
  const epoch = await newestEpoch(database);
  const store = new DatabaseLogStore(database, epoch);
  const log = await Log.open(logOrigin(home.card.id, epoch), store);
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    epoch,
    origin: log.origin,
    get size() {
      return log.size;
    },
    store,
    async append(event, within) {
      const index = await log.append(event, rng(32), within);
      tell();
      return index;
    },
    async refresh() {
      const { size } = log;
      await log.refresh();
      if (log.size > size) tell();
    },
    onAppend(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    checkpoint: () => log.checkpoint(home.logKey),
    root: (size) => log.root(size),
    consistencyProof: (from, to) => log.consistencyProof(from, to),
    inclusionProof: (index, size) => log.inclusionProof(index, size),
    tile: (level, index, width) => log.tile(level, index, width),
  };
}
