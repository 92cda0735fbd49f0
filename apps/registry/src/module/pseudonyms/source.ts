import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { keyName } from '@symbolon/consent';
import { fault, type Rng } from '@symbolon/crypto';
import { type Client, type Database, type Home, homePaths, readHomeSecret } from '@symbolon/service';
import { z } from 'zod';
import type { PseudonymMaker } from './maker.ts';
import { evaluatorAt, oprfMaker } from './oprf.ts';
import type { PseudonymSource } from './pseudonyms.ts';
import { saltedMaker } from './salted.ts';

/** How a module makes pseudonyms, in its settings. */
export const pseudonymSettings = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('oprf'),
    /** Id of the server that has the key; its card is among the partners. */
    server: z.string().min(1).max(31),
    /** Name of the key that a new module begins with; to another one it is changed by an administrator. */
    key: keyName.default('1'),
  }),
  z.strictObject({
    /** Hashes with a salt that is in this server's folder: whoever steals it can try all identities. */
    mode: z.literal('salted'),
    /** Needed while pseudonyms change from keys of that server. */
    server: z.string().min(1).max(31).exactOptional(),
    key: keyName.default('1'),
  }),
]);

/** See {@link pseudonymSettings}. */
export type PseudonymSettings = z.output<typeof pseudonymSettings>;

/**
 * The keys of a module. Secrets are made where nothing depends on one yet, and are missed otherwise: `config-invalid` names the file.
 * @param client to the server that has the key; it is asked for where one is needed
 */
export async function pseudonymSource(params: {
  home: Home;
  database: Database;
  settings: PseudonymSettings;
  client: (server: string) => Client;
  rng: Rng;
}): Promise<PseudonymSource> {
  const { home, database, settings, client, rng } = params;
  const { keys } = homePaths(home.path);
  const module = home.config.id;
  const used = await database.selectFrom('pseudonym_key').select('name').execute();
  const isUsed = (name: string): boolean => used.some((one) => one.name === name);
  const tagged = await database.selectFrom('pseudonym_tag').select('tag').limit(1).execute();
  const makers = new Map<string, PseudonymMaker>();
  return {
    first: `${settings.mode}-${settings.key}`,
    tagKey: readHomeSecret(join(keys, 'pseudonym-tags.key'), rng, tagged.length === 0),
    maker(name) {
      const maker = makers.get(name) ?? make(name);
      makers.set(name, maker);
      return maker;
    },
  };

  function make(name: string): PseudonymMaker {
    const [, mode, key] = /^(oprf|salted)-(.+)$/.exec(name) ?? [];
    if (mode === 'salted') {
      const file = join(keys, `pseudonyms-${key}.salt`);
      return saltedMaker(module, readHomeSecret(file, rng, !isUsed(name) && !existsSync(file)));
    }
    if (mode === 'oprf' && settings.server !== undefined) {
      return oprfMaker({ module, key: key!, server: evaluatorAt(client(settings.server)), rng });
    }
    throw fault('config-invalid', `${home.path} has no key of pseudonyms called ${name}`, {
      culprit: name,
      hint: 'Keys are called oprf-NAME or salted-NAME; the settings say which server has those of oprf.',
    });
  }
}
