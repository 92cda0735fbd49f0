import type { Rng } from '@symbolon/crypto';
import type { Database, Home, Logger, ServerLog, Witnesses } from '@symbolon/service';
import type { Threads } from '@symbolon/service/threads';
import type { Settings } from './config.ts';

/** What the key service is made of; built once, in `startKeyservice`. */
export interface Context {
  readonly home: Home;
  readonly settings: Settings;
  readonly database: Database;
  readonly log: ServerLog;
  /** Partners who witness the log. */
  readonly witnesses: Witnesses;
  readonly logger: Logger;
  readonly rng: Rng;
  readonly now: () => Date;
  /** They deal answer keys. */
  readonly threads: Threads;
}
