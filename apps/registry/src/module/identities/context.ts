import type { Rng } from '@symbolon/crypto';
import type { Database, Logger, ServerLog } from '@symbolon/service';
import type { Pseudonyms } from '../pseudonyms/pseudonyms.ts';
import type { PersonField } from './person.ts';

/** What a module's identities are made of. */
export interface IdentityContext {
  readonly fields: readonly PersonField[];
  readonly pseudonyms: Pseudonyms;
  readonly database: Database;
  readonly log: ServerLog;
  readonly logger: Logger;
  readonly rng: Rng;
  readonly now: () => Date;
}
