import type { Card } from '@symbolon/agreement';
import { fault, fromBase64url, type Rng, systemRng } from '@symbolon/crypto';
import { type Checkpoint, Log, type LogRecord, type LogStore, parseCheckpoint } from '@symbolon/ledger';
import { type Database, isDuplicate } from './database.ts';
import type { Home } from './home.ts';

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
export class DatabaseLogStore implements LogStore {
  readonly #database: Database;
  readonly #epoch: number;

  constructor(database: Database, epoch = 1) {
    this.#database = database;
    this.#epoch = epoch;
  }

  async append(index: number, record: LogRecord): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      if ((await newestEpoch(transaction)) > this.#epoch) throw fault('conflict', 'a new epoch of this log was opened');
      const size = await sizeOf(transaction, this.#epoch);
      if (size !== index) throw fault('conflict', `entry ${index} is not the next one`);
      try {
        await transaction
          .insertInto('log_entry')
          .values({ epoch: this.#epoch, index, ...record })
          .execute();
      } catch (error) {
        if (isDuplicate(error)) throw fault('conflict', `entry ${index} is not the next one`);
        throw error;
      }
    });
  }

  size(): Promise<number> {
    return sizeOf(this.#database, this.#epoch);
  }

  async entry(index: number): Promise<LogRecord> {
    const row = await this.#database
      .selectFrom('log_entry')
      .select(['entry', 'event', 'salt'])
      .where('epoch', '=', this.#epoch)
      .where('index', '=', index)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `the log has no entry ${index}`);
    return row;
  }
}

async function sizeOf(database: Database, epoch: number): Promise<number> {
  const row = await database
    .selectFrom('log_entry')
    .select(({ fn }) => fn.max('index').as('last'))
    .where('epoch', '=', epoch)
    .executeTakeFirst();
  return row?.last === null || row?.last === undefined ? 0 : row.last + 1;
}

/** The epoch that the log in a database is in. */
async function newestEpoch(database: Database): Promise<number> {
  const row = await database
    .selectFrom('log_entry')
    .select(({ fn }) => fn.max('epoch').as('last'))
    .executeTakeFirst();
  return row?.last ?? 1;
}

/** The log of a server, signed with its home's log key. */
export interface ServerLog {
  readonly epoch: number;
  readonly origin: string;
  /** Entries of this epoch. */
  readonly size: number;
  readonly store: LogStore;
  /**
   * Appends an event and resolves to its index when it is durable. `kind` says what happened; no event holds the content of a
   * record or a secret. Numbers are safe integers (canonical JSON).
   */
  append(event: { readonly kind: string; readonly [field: string]: unknown }): Promise<number>;
  /** Learns of entries that other processes have appended. */
  refresh(): Promise<void>;
  /** The newest checkpoint, as a signed note. */
  checkpoint(): string;
  /** Root of the tree when it had `size` entries, 32 bytes. @param size at most that of the log */
  root(size: number): Uint8Array;
  /** Proof that the log extends what it was at `from` entries. */
  consistencyProof(from: number): Uint8Array[];
  /** Proof that entry `index` is in the log as it stands. */
  inclusionProof(index: number): Uint8Array[];
}

/** Opens the newest epoch of a server's log. @param rng salts entries */
export async function openServerLog(home: Home, database: Database, rng: Rng = systemRng): Promise<ServerLog> {
  const epoch = await newestEpoch(database);
  const store = new DatabaseLogStore(database, epoch);
  const log = await Log.open(logOrigin(home.card.id, epoch), store);
  return {
    epoch,
    origin: log.origin,
    get size() {
      return log.size;
    },
    store,
    append: (event) => log.append(event, rng(32)),
    refresh: () => log.refresh(),
    checkpoint: () => log.checkpoint(home.logKey),
    root: (size) => log.root(size),
    consistencyProof: (from) => log.consistencyProof(from),
    inclusionProof: (index) => log.inclusionProof(index),
  };
}
