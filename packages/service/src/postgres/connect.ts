import { fault } from '@symbolon/crypto';
import pg from 'pg';
import { clientConfig, type PostgresPlace } from './settings.ts';

/** A connection on which `prepare` has succeeded. Throws translated errors. */
export async function connected(
  place: PostgresPlace,
  translate: (error: unknown) => Error,
  prepare: (client: pg.Client) => Promise<unknown>,
): Promise<pg.Client> {
  const client = newClient(place);
  try {
    await client.connect();
    await prepare(client);
    return client;
  } catch (error) {
    client.end().catch(() => undefined);
    throw translate(error);
  }
}

function newClient(place: PostgresPlace): pg.Client {
  const client = made(place, () => new pg.Client(clientConfig(place)));
  // A connection that breaks also rejects the next query.
  client.on('error', () => undefined);
  return client;
}

/** Connections that {@link clientConfig} describes. One that breaks is thrown away, and rejects the query it is asked next, if any. */
export function newPool(place: PostgresPlace, config: pg.PoolConfig): pg.Pool {
  const pool = made(place, () => new pg.Pool(config));
  pool.on('error', () => undefined);
  // While somebody has a connection, the pool does not listen: an error between two queries would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Files that the URL names are read when a client is made. */
function made<T>({ variable }: PostgresPlace, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw fault('config-invalid', `a certificate or key that ${variable} names cannot be read`, { culprit: variable });
  }
}
