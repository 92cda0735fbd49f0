import { fault } from '@symbolon/crypto';
import type pg from 'pg';
import type { PostgresPlace } from './settings.ts';

const oldest = 150_000;

interface Settings {
  readonly version: number;
  readonly name: string;
  readonly durable: string;
  readonly synced: string;
  readonly encoding: string;
}

/**
 * What a store may rely on: a commit that was answered survives power loss, and text is UTF-8. Throws `config-invalid`.
 * @returns the version, as PostgreSQL writes it
 */
export async function requireDurable(client: pg.Client, { variable }: PostgresPlace): Promise<string> {
  const { rows } = await client.query<Settings>(`SELECT current_setting('server_version_num')::int AS version,
    current_setting('server_version') AS name, current_setting('synchronous_commit') AS durable,
    current_setting('fsync') AS synced, current_setting('server_encoding') AS encoding`);
  const { version, name, durable, synced, encoding } = rows[0]!;
  const refuse = (what: string, hint: string) => fault('config-invalid', what, { culprit: variable, hint });
  if (version < oldest) throw refuse(`PostgreSQL ${name} is too old: 15 is the oldest that will do`, 'Upgrade it.');
  if (!['on', 'remote_apply'].includes(durable)) {
    const what = `PostgreSQL forgets commits when the power fails: synchronous_commit is ${durable}`;
    throw refuse(what, 'Switch it on: ALTER ROLE … SET synchronous_commit = on.');
  }
  if (synced !== 'on') {
    throw refuse('PostgreSQL forgets commits when the power fails: fsync is off', 'Switch it on in postgresql.conf.');
  }
  if (encoding !== 'UTF8') {
    throw refuse(
      `the database’s encoding is ${encoding}, not UTF8`,
      "Create another: CREATE DATABASE … ENCODING 'UTF8'.",
    );
  }
  return name;
}
