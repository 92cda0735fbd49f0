import { connected } from './connect.ts';
import { translated } from './error.ts';
import { requireDurable } from './requirements.ts';
import { type PostgresPlace, shownAddress } from './settings.ts';

/**
 * What answers at a place, in words: version, address, schema. Changes nothing. Throws what `openDatabase` would, but for a server that
 * uses it.
 */
export async function postgresStatus(place: PostgresPlace): Promise<string> {
  const where = shownAddress(place);
  let version = '';
  const client = await connected(
    place,
    (error) => translated(error, where),
    async (one) => {
      version = await requireDurable(one, place);
    },
  );
  await client.end();
  return `PostgreSQL ${version} at ${where}, schema ${place.namespace}`;
}
