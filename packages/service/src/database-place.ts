import { existsSync } from 'node:fs';
import { fault, type Rng } from '@symbolon/crypto';
import { privateFile, writeDurably } from './files.ts';
import { type Home, homePaths } from './home.ts';
import { namespaceOf, type PostgresPlace } from './postgres/settings.ts';

/** Where a home's database is. */
export type DatabasePlace =
  | { readonly kind: 'embedded'; readonly file: string }
  | ({ readonly kind: 'postgresql' } & PostgresPlace);

/**
 * PostgreSQL where the environment names one, else the file in the home. A server that began on an empty database because somebody forgot
 * (or found) a variable would have forgotten which keys were used: what was used before stays in force until it is copied. Throws
 * `config-invalid` or `conflict`.
 */
export function placeOf(home: Pick<Home, 'path' | 'config'>, environment: NodeJS.ProcessEnv): DatabasePlace {
  const { config } = home;
  const paths = homePaths(home.path);
  const variable = typeof config.database === 'object' ? config.database.environment : 'DATABASE_URL';
  const url = config.database === 'embedded' ? '' : (environment[variable] ?? '');
  if (url !== '') {
    if (!existsSync(paths.database)) return { kind: 'postgresql', url, variable, namespace: namespaceOf(config.id) };
    throw fault('conflict', `${variable} names a PostgreSQL database, but that of ${config.id} is ${paths.database}`, {
      culprit: variable,
      hint: `Copy it: symbolon store copy --home ${home.path}. Or stay with the file: "database": "embedded" in symbolon.json.`,
    });
  }
  if (typeof config.database === 'object' || existsSync(paths.postgres)) {
    const what = config.database === 'embedded' ? 'symbolon.json says it is embedded' : `${variable} is not set`;
    throw fault('config-invalid', `the database of ${config.id} is in PostgreSQL, and ${what}`, {
      culprit: variable,
      hint: `Set ${variable} to postgres://USER:PASSWORD@HOST:PORT/DATABASE in the environment.`,
    });
  }
  return { kind: 'embedded', file: paths.database };
}

/** Notes in the home that its database is in PostgreSQL; without the URL. */
export function keepPlace({ path, config }: Pick<Home, 'path' | 'config'>, place: PostgresPlace, rng: Rng): void {
  const note = homePaths(path).postgres;
  if (existsSync(note)) return;
  const words = `The database of ${config.id} is in PostgreSQL, in the schema ${place.namespace}.\n`;
  writeDurably(note, `${words}It was found by the environment variable ${place.variable}.\n`, privateFile, rng);
}
