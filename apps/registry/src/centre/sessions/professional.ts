import type { Asker, CardKey } from '@symbolon/consent';

/** A physician who is logged in, at an installation of the client, for the registry of one module. */
export interface Professional extends Asker {
  readonly module: string;
  /** Thumbprint of the certificate of the health professional's card. */
  readonly certificate: string;
  /** What the card signs with. */
  readonly key: CardKey;
}

/** The three that decide whether a pair is independent of somebody. */
export function askerOf({ physician, institution, installation }: Asker): Asker {
  return { physician, institution, installation };
}
