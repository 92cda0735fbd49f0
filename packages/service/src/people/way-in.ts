import type { Database } from '../database.ts';
import type { ServerLog } from '../log.ts';
import type { Challenges } from './challenges.ts';
import type { Logins } from './logins.ts';

/** What every way to log in without a password needs. */
export interface WayIn {
  readonly database: Database;
  readonly log: Pick<ServerLog, 'append'>;
  readonly logins: Logins;
  readonly challenges: Challenges;
  readonly now: () => Date;
}
