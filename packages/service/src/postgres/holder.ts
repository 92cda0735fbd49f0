import { setTimeout as sleep } from 'node:timers/promises';
import { fault, sha256, utf8 } from '@symbolon/crypto';
import type pg from 'pg';
import type { PostgresPlace } from './settings.ts';

/** How long a server waits for the session of one that was killed to end. */
const patienceMilliseconds = 1500;

/** A lock of the database, for all processes that name it alike. */
export function lockOf(what: 'server' | 'writer', { namespace }: Pick<PostgresPlace, 'namespace'>): bigint {
  const digest = sha256(utf8(`symbolon ${what} ${namespace}`));
  return new DataView(digest.buffer, digest.byteOffset).getBigInt64(0);
}

/** Makes the schema, where it is not there, with the table that says whose it is. */
export async function makeNamespace(client: pg.Client, { namespace }: PostgresPlace): Promise<void> {
  // `CREATE … IF NOT EXISTS` wants the right to create even where there is nothing to do, and two at once may collide.
  const { rows } = await client.query('SELECT to_regclass($1) AS made', [`${namespace}.store_holder`]);
  if (rows[0].made !== null) return;
  await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${lockOf('writer', { namespace })})`);
  const { rows: schemas } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [namespace]);
  if (schemas.length === 0) await client.query(`CREATE SCHEMA ${namespace}`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${namespace}.store_holder
    (one integer PRIMARY KEY CHECK (one = 1), organisation text NOT NULL, server text)`);
  await client.query('COMMIT');
}

/** Whose the tables are. Throws `conflict` if they are another organisation’s of that name. @param organisation its key */
export async function requireOwn(client: pg.Client, place: PostgresPlace, organisation: string): Promise<void> {
  await client.query('INSERT INTO store_holder (one, organisation) VALUES (1, $1) ON CONFLICT DO NOTHING', [
    organisation,
  ]);
  const { rows } = await client.query('SELECT organisation FROM store_holder');
  if (rows[0].organisation === organisation) return;
  throw fault(
    'conflict',
    `the schema ${place.namespace} of this database belongs to another organisation of that name`,
    {
      culprit: place.variable,
      hint: 'Use another database, or give this folder’s organisation the embedded one.',
    },
  );
}

/**
 * The right to be the server of an organisation. The connection that has taken it holds it, and writes: a server that loses it cannot
 * write any more.
 */
export class ServerTurn {
  readonly #place: PostgresPlace;
  readonly #token: string;
  #taken = false;

  /** @param token not used before */
  constructor(place: PostgresPlace, token: string) {
    this.#place = place;
    this.#token = token;
  }

  /** Throws `conflict` if another server runs, or has run since this one lost its connection. */
  async take(client: pg.Client): Promise<void> {
    await this.#lock(client);
    if (this.#taken) {
      const { rows } = await client.query('SELECT server FROM store_holder');
      if (rows[0].server !== this.#token) {
        throw fault('conflict', 'another server has used this database while the connection to it was lost', {
          culprit: this.#place.namespace,
          hint: 'Stop one of the two, then start the other again.',
        });
      }
    } else {
      await client.query('UPDATE store_holder SET server = $1', [this.#token]);
      this.#taken = true;
    }
  }

  async #lock(client: pg.Client): Promise<void> {
    const deadline = Date.now() + patienceMilliseconds;
    for (;;) {
      const { rows } = await client.query(`SELECT pg_try_advisory_lock(${lockOf('server', this.#place)}) AS locked`);
      if (rows[0].locked) return;
      if (Date.now() > deadline) break;
      await sleep(100);
    }
    throw fault(
      'conflict',
      `a server of this organisation uses the database already (schema ${this.#place.namespace})`,
      {
        culprit: this.#place.namespace,
        hint: 'Use that one, or stop it first.',
      },
    );
  }
}
