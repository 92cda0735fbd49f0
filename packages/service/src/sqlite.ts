import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrganisationRole } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import type { Database } from './database.ts';
import { privateFile } from './files.ts';
import { migrate } from './migrate.ts';
import type { migrations } from './migrations/index.ts';
import { sqliteTypes } from './migrations/step.ts';
import type { DatabaseSchema } from './schema.ts';

/**
 * Opens a database in a file, or ':memory:', and brings its schema up to date.
 * @param steps of the schema; fewer give the database of an earlier version
 */
export async function openSqlite(file: string, role: OrganisationRole, steps: typeof migrations): Promise<Database> {
  if (file !== ':memory:') closeSync(openSync(file, 'a', privateFile));
  const sqlite = openFile(file);
  const database = new Kysely<DatabaseSchema>({
    dialect: new Sqlite({ database: { close: () => sqlite.close(), prepare: statements(sqlite) } }, sqlite),
  });
  try {
    await migrate(database, { role, steps, types: sqliteTypes });
    return database;
  } catch (cause) {
    await database.destroy();
    throw fault('config-invalid', `the database ${file} was not written by this version of Symbolon, or is damaged`, {
      culprit: file,
      cause,
    });
  }
}

class Sqlite extends SqliteDialect {
  readonly #config: SqliteDialectConfig;
  readonly #sqlite: DatabaseSync;

  constructor(config: SqliteDialectConfig, sqlite: DatabaseSync) {
    super(config);
    this.#config = config;
    this.#sqlite = sqlite;
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSteps();
  }

  override createDriver(): SqliteDriver {
    return new OneAfterTheOther(this.#config, this.#sqlite);
  }
}

/** Steps of the schema run in a transaction with the note that they were done; Kysely leaves that out as `PRAGMA foreign_keys` ignores them. */
class TransactionalSteps extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

const busyMilliseconds = 10_000;
const pauseMilliseconds = 5;

/**
 * A transaction takes the lock of those that write when it begins, so that what it reads first still stands when it writes. Other
 * processes, and other connections of this one, hold the lock for moments: they are waited for without blocking the event loop. SQLite itself takes back a
 * transaction for which there is no room (sqlite.org/lang_transaction.html): then all that follows in it fails as that did, and nothing is done outside of it.
 */
class OneAfterTheOther extends SqliteDriver {
  readonly #sqlite: DatabaseSync;
  #connection: DatabaseConnection | undefined;
  #within = false;
  #broken: { readonly error: unknown } | undefined;

  constructor(config: SqliteDialectConfig, sqlite: DatabaseSync) {
    super(config);
    this.#sqlite = sqlite;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#connection === undefined) {
      const connection = await super.acquireConnection();
      this.#connection = {
        executeQuery: (query) => this.#ask(() => connection.executeQuery(query)),
        streamQuery: (query, size) => connection.streamQuery(query, size),
      };
    }
    return this.#connection;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('BEGIN IMMEDIATE'));
    this.#within = true;
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await super.commitTransaction(connection);
    this.#within = false;
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const wasTakenBack = this.#broken !== undefined;
    this.#broken = undefined;
    this.#within = false;
    if (!wasTakenBack) await super.rollbackTransaction(connection);
  }

  async #ask<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const deadline = Date.now() + busyMilliseconds;
    for (;;) {
      if (this.#broken !== undefined) throw this.#broken.error;
      try {
        return await ask();
      } catch (error) {
        if (this.#within && !this.#sqlite.isTransaction) this.#broken = { error };
        if (!isBusy(error) || Date.now() > deadline) throw error;
        await sleep(pauseMilliseconds);
      }
    }
  }
}

/** SQLITE_BUSY, whatever its extended code: the statement has done nothing. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;
}

function openFile(file: string): DatabaseSync {
  try {
    const sqlite = new DatabaseSync(file, { timeout: 5000, enableForeignKeyConstraints: true });
    // WAL with FULL: every commit is synced to the disk before it returns (sqlite.org/pragma.html#pragma_synchronous).
    sqlite.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON',
    );
    // From here on the driver waits.
    sqlite.exec('PRAGMA busy_timeout = 0');
    return sqlite;
  } catch (cause) {
    throw fault('config-invalid', `${file} cannot be opened as a database`, { culprit: file, cause });
  }
}

const keptStatements = 256;

/** What Kysely's dialect expects of better-sqlite3, on node:sqlite; statements are kept, as parsing a long one takes longer than running it. */
function statements(sqlite: DatabaseSync): (sql: string) => SqliteStatement {
  const kept = new Map<string, SqliteStatement>();
  return (sql) => {
    const known = kept.get(sql) ?? statement(sqlite.prepare(sql));
    // Least recently used first.
    kept.delete(sql);
    kept.set(sql, known);
    if (kept.size > keptStatements) kept.delete(kept.keys().next().value!);
    return known;
  };
}

function statement(prepared: StatementSync): SqliteStatement {
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  return {
    reader: prepared.columns().length > 0,
    all: (parameters) => prepared.all(...values(parameters)),
    run: (parameters) => prepared.run(...values(parameters)),
    iterate: (parameters) => prepared.iterate(...values(parameters)) as IterableIterator<unknown>,
  };
}
