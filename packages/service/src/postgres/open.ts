import type { OrganisationRole } from '@symbolon/agreement';
import { fault, hex, type Rng } from '@symbolon/crypto';
import { Kysely } from 'kysely';
import type pg from 'pg';
import type { Database } from '../database.ts';
import type { Logger } from '../logging.ts';
import { migrate } from '../migrate.ts';
import type { migrations } from '../migrations/index.ts';
import { postgresTypes } from '../migrations/step.ts';
import type { DatabaseSchema } from '../schema.ts';
import { connected, newPool } from './connect.ts';
import { type Reader, SchemaDialect, StoreDialect } from './driver.ts';
import { isLost, translated } from './error.ts';
import { lockOf, makeNamespace, requireOwn, ServerTurn } from './holder.ts';
import { requireDurable } from './requirements.ts';
import { clientConfig, type PostgresPlace, shownAddress } from './settings.ts';
import { Writer } from './writer.ts';

const readers = 4;

/** How {@link openPostgres} works. */
export interface PostgresOptions {
  readonly place: PostgresPlace;
  readonly role: OrganisationRole;
  /** The key by which the organisation is known for good. */
  readonly organisation: string;
  /** Whether this process is the organisation's server: there is one at a time. */
  readonly serves: boolean;
  readonly steps: typeof migrations;
  readonly rng: Rng;
  readonly logger?: Logger | undefined;
}

/**
 * Opens an organisation's tables in PostgreSQL and brings them up to date. Throws `config-invalid` where the database cannot be relied on,
 * `conflict` where another server uses it, and `database-unavailable`.
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { place, organisation, serves, rng, logger, role, steps } = options;
  const where = shownAddress(place);
  const translate = (error: unknown): Error => translated(error, where);
  const turn = serves ? new ServerTurn(place, hex(rng(16))) : undefined;
  const connect = () =>
    connected(place, translate, async (client) => {
      await requireDurable(client, place);
      await makeNamespace(client, place);
      await requireOwn(client, place, organisation);
      await turn?.take(client);
    });
  const changed = (is: boolean): void => {
    if (is) logger?.debug({ database: where }, 'connected to the database');
    else logger?.warn({ database: where }, 'the connection to the database was lost');
  };
  const writer = new Writer({ connect, translate, lock: lockOf('writer', place), stay: serves, changed });
  await writer.open();
  const database = new Kysely<DatabaseSchema>({ dialect: new StoreDialect(writer, reader(place, translate)) });
  try {
    // Kysely closes only what it has used.
    await database.connection().execute(async () => undefined);
    await bringUpToDate(place, translate, { role, steps });
    return database;
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

function reader(place: PostgresPlace, translate: (error: unknown) => Error): Reader {
  const config = clientConfig(place, { default_transaction_read_only: 'on' });
  const pool = newPool(place, { ...config, max: readers, idleTimeoutMillis: 30_000, allowExitOnIdle: true });
  const ask = async (sql: string, parameters: readonly unknown[]): Promise<pg.QueryResult> => {
    try {
      return await pool.query(sql, parameters as unknown[]);
    } catch (error) {
      throw translate(error);
    }
  };
  return {
    // Reading again is safe, and the database may just have been started again.
    query: (sql, parameters) =>
      ask(sql, parameters).catch((error: unknown) => {
        if (!isLost(error)) throw error;
        return ask(sql, parameters);
      }),
    close: () => pool.end(),
  };
}

/** On a connection of its own, as Kysely's steps hold a lock of the session. */
async function bringUpToDate(
  place: PostgresPlace,
  translate: (error: unknown) => Error,
  { role, steps }: Pick<PostgresOptions, 'role' | 'steps'>,
): Promise<void> {
  const pool = newPool(place, { ...clientConfig(place), max: 1 });
  const database = new Kysely<DatabaseSchema>({ dialect: new SchemaDialect({ pool }) });
  try {
    await migrate(database, { role, steps, types: postgresTypes, namespace: place.namespace });
  } catch (cause) {
    const error = translate(cause);
    if (isLost(error)) throw error;
    throw fault(
      'config-invalid',
      `the schema ${place.namespace} was not written by this version of Symbolon, or is damaged`,
      {
        culprit: place.variable,
        cause: error,
      },
    );
  } finally {
    await database.destroy();
  }
}
