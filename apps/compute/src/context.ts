import type { Rng } from '@symbolon/crypto';
import type { Database, Home, Logger, ServerLog } from '@symbolon/service';
import type { Settings } from './config.ts';

/** What the server is made of; built once, in `startCompute`. */
export interface Context {
  readonly home: Home;
  readonly settings: Settings;
  readonly database: Database;
  readonly log: ServerLog;
  readonly logger: Logger;
  readonly rng: Rng;
  readonly now: () => Date;
}
