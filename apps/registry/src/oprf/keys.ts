import { join } from 'node:path';
import { blindWith, deriveKey, evaluateBlinded, oprfReady } from '@symbolon/consent';
import { equalBytes, fault, type Rng, utf8 } from '@symbolon/crypto';
import { type Database, type Home, homePaths, readHomeSecret, type ServerLog } from '@symbolon/service';

const info = utf8('symbolon pseudonyms');

/** Where the seed of a key is. */
export const seedFile = (home: Home, name: string): string =>
  join(homePaths(home.path).keys, `pseudonyms-${name}.seed`);

/**
 * The keys of pseudonyms by their names: scalars of ristretto255, each from a seed in a file of its own. One that was never made here is made; one that was is
 * never made again. Throws `config-invalid` naming a file that is missing, and `pseudonym-key` for one that is another's.
 */
export async function openKeys(params: {
  home: Home;
  database: Database;
  log: Pick<ServerLog, 'append'>;
  names: readonly string[];
  rng: Rng;
  now: () => Date;
}): Promise<ReadonlyMap<string, Uint8Array>> {
  const { home, database, log, names, rng, now } = params;
  await oprfReady;
  const keys = new Map<string, Uint8Array>();
  for (const name of names) {
    const known = await database.selectFrom('oprf_key').select('check').where('name', '=', name).executeTakeFirst();
    const file = seedFile(home, name);
    const key = deriveKey(readHomeSecret(file, rng, known === undefined), info);
    const check = checkOf(key);
    if (known !== undefined && !equalBytes(known.check, check)) {
      throw fault('pseudonym-key', `${file} is not the key that was made here`, { culprit: file });
    }
    if (known === undefined) {
      const made_at = now().toISOString();
      await log.append({ kind: 'pseudonym-key-made', key: name, at: made_at }, async (transaction) => {
        await transaction.insertInto('oprf_key').values({ name, check, made_at }).execute();
      });
    }
    keys.set(name, key);
  }
  return keys;
}

/** What a key makes of one fixed element. Whoever asks for evaluations can have that too: it tells nothing of the key. */
function checkOf(key: Uint8Array): Uint8Array {
  return evaluateBlinded(key, blindWith(utf8('symbolon pseudonym key'), Uint8Array.of(1, ...new Uint8Array(31))));
}
