import { base64url, hashLabelled, type Rng } from '@symbolon/crypto';
import { type Home, homePaths } from './home.ts';
import { readHomeSecret } from './home-secret.ts';

/** The key under which an organisation's lists of people are hashed. It stands in the folder, not in the database. */
export interface ListKey {
  /** 32 bytes. */
  readonly bytes: Uint8Array;
  /** Says which key it is, and nothing of it. */
  readonly name: string;
}

/**
 * Reads the key of the lists. @param make makes it if there is none: only where no list depends on one
 * @throws SymbolonError `config-invalid` naming the file
 */
export function readListKey(home: Pick<Home, 'path'>, rng: Rng, make: boolean): ListKey {
  const bytes = readHomeSecret(homePaths(home.path).listKey, rng, make);
  return { bytes, name: base64url(hashLabelled('symbolon list key', bytes).subarray(0, 9)) };
}
