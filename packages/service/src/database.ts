import type { OrganisationRole } from '@symbolon/agreement';
import { type Rng, systemRng } from '@symbolon/crypto';
import type { Kysely } from 'kysely';
import { keepPlace, placeOf } from './database-place.ts';
import type { Home } from './home.ts';
import type { Logger } from './logging.ts';
import { migrations } from './migrations/index.ts';
import { openPostgres } from './postgres/open.ts';
import type { DatabaseSchema } from './schema.ts';
import { openSqlite } from './sqlite.ts';

/**
 * A server's database. When a call (or a transaction) resolves, what it wrote survives power loss. Transactions follow one another, those
 * of other processes too; within one, ask it alone. Queries of the embedded one block the event loop while they run, so keep them small.
 */
export type Database = Kysely<DatabaseSchema>;

/** How {@link openDatabase} works. */
export interface DatabaseOptions {
  /** Whether this process is the organisation's server, and the only one; throws `conflict` where it is not. Embedded: the local socket sees to that. */
  readonly serves?: boolean;
  readonly logger?: Logger | undefined;
  readonly rng?: Rng;
}

/**
 * Opens the database of a home, embedded or PostgreSQL, and brings its schema up to date. Close it with `destroy()`. Throws
 * `config-invalid`, `conflict` or `database-unavailable`.
 */
export async function openDatabase(home: Home, options: DatabaseOptions = {}): Promise<Database> {
  const { serves = false, logger, rng = systemRng } = options;
  const { role } = home.config;
  const place = placeOf(home, process.env);
  if (place.kind === 'embedded') return openSqlite(place.file, role, migrations);
  const organisation = home.card.recoveryKey;
  const database = await openPostgres({ place, role, organisation, serves, steps: migrations, rng, logger });
  keepPlace(home, place, rng);
  return database;
}

/**
 * The embedded database in a file, or ':memory:'.
 * @param steps of the schema; fewer give the database of an earlier version
 */
export function openDatabaseFile(
  file: string,
  role: OrganisationRole,
  steps: typeof migrations = migrations,
): Promise<Database> {
  return openSqlite(file, role, steps);
}

// SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE; SQLSTATE unique_violation.
const duplicates: readonly unknown[] = [1555, 2067, '23505'];

/** Whether an error says that a row with this key is there already. On PostgreSQL the transaction has failed with it. */
export function isDuplicate(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return duplicates.includes('errcode' in error ? error.errcode : 'code' in error ? error.code : undefined);
}

// SQLITE_FULL; SQLSTATE disk_full.
const full: readonly unknown[] = [13, '53100'];

/** Whether an error says that there is no room left to write. */
export function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return full.includes('errcode' in error ? error.errcode : 'code' in error ? error.code : undefined);
}
