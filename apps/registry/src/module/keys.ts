import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generateSigningKey, type Rng, type SigningKey } from '@symbolon/crypto';
import { type Database, type Home, homePaths, readHomeSecret } from '@symbolon/service';

/** What a module's tickets are made with. */
export interface TicketKeys {
  readonly signing: SigningKey;
  /** What every patient's W comes from, 32 bytes. */
  readonly wrapRoot: Uint8Array;
}

/**
 * Reads a module's keys. The root of W is made at the first start, and missed from then on: without it no card opens what was sealed to it. Throws
 * `config-invalid` naming the file. @param ticketKey name of the key that tickets are signed with; absent: the signing key of the card
 */
export async function readTicketKeys(
  home: Home,
  database: Database,
  { rng, ticketKey }: { rng: Rng; ticketKey: string | undefined },
): Promise<TicketKeys> {
  const used = await database.selectFrom('pseudonym_tag').select('tag').limit(1).execute();
  return {
    signing: ticketKey === undefined ? home.signingKey : namedTicketKey(home, ticketKey, rng),
    wrapRoot: readHomeSecret(join(homePaths(home.path).keys, 'envelopes.key'), rng, used.length === 0),
  };
}

/** A key for tickets; made where there is none of this name. */
export function namedTicketKey(home: Pick<Home, 'path'>, name: string, rng: Rng): SigningKey {
  const file = join(homePaths(home.path).keys, `tickets-${name}.key`);
  const seed = readHomeSecret(file, rng, !existsSync(file));
  return generateSigningKey(() => seed.slice());
}
