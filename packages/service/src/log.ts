import { fault, type Rng, systemRng } from '@symbolon/crypto';
import { Log, type LogRecord, type LogStore } from '@symbolon/ledger';
import { type Database, isDuplicate } from './database.ts';
import type { Home } from './home.ts';

/** The name under which an organisation's log signs its checkpoints. */
export function logOrigin(id: string): string {
  return `symbolon/${id}`;
}

/** A log in a server's database. */
export class DatabaseLogStore implements LogStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async append(index: number, record: LogRecord): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const size = await sizeOf(transaction);
      if (size !== index) throw fault('conflict', `entry ${index} is not the next one`);
      try {
        await transaction
          .insertInto('log_entry')
          .values({ index, ...record })
          .execute();
      } catch (error) {
        if (isDuplicate(error)) throw fault('conflict', `entry ${index} is not the next one`);
        throw error;
      }
    });
  }

  size(): Promise<number> {
    return sizeOf(this.#database);
  }

  async entry(index: number): Promise<LogRecord> {
    const row = await this.#database
      .selectFrom('log_entry')
      .select(['entry', 'event', 'salt'])
      .where('index', '=', index)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `the log has no entry ${index}`);
    return row;
  }
}

async function sizeOf(database: Pick<Database, 'selectFrom' | 'fn'>): Promise<number> {
  const row = await database
    .selectFrom('log_entry')
    .select(({ fn }) => fn.max('index').as('last'))
    .executeTakeFirst();
  return row?.last === null || row?.last === undefined ? 0 : row.last + 1;
}

/** The log of a server, signed with its home's log key. */
export interface ServerLog {
  readonly origin: string;
  /** Entries. */
  readonly size: number;
  readonly store: LogStore;
  /**
   * Appends an event and resolves to its index when it is durable. `kind` says what happened; no event holds the content of a
   * record or a secret. Numbers are safe integers (canonical JSON).
   */
  append(event: { readonly kind: string; readonly [field: string]: unknown }): Promise<number>;
  /** The newest checkpoint, as a signed note. */
  checkpoint(): string;
  /** Proof that the log extends what it was at `from` entries. */
  consistencyProof(from: number): Uint8Array[];
  /** Proof that entry `index` is in the log as it stands. */
  inclusionProof(index: number): Uint8Array[];
}

/** Opens a server's log. @param rng salts entries */
export async function openServerLog(home: Home, database: Database, rng: Rng = systemRng): Promise<ServerLog> {
  const store = new DatabaseLogStore(database);
  const log = await Log.open(logOrigin(home.card.id), store);
  return {
    origin: log.origin,
    get size() {
      return log.size;
    },
    store,
    append: (event) => log.append(event, rng(32)),
    checkpoint: () => log.checkpoint(home.logKey),
    consistencyProof: (from) => log.consistencyProof(from),
    inclusionProof: (index) => log.inclusionProof(index),
  };
}
