import type { Registry } from '@symbolon/consent';
import type { Rng } from '@symbolon/crypto';
import type { Database, Home, Logger, ServerLog } from '@symbolon/service';
import type { Logins } from '../common/logins.ts';
import type { NoticeOutbox } from '../common/notices.ts';
import type { Physicians } from '../common/physicians.ts';
import type { Alarms } from './alarms.ts';
import type { Settings } from './config.ts';
import type { Identities } from './identities/open.ts';
import type { Pseudonyms } from './pseudonyms/pseudonyms.ts';

/** What a module's server is made of; built once, in `startModule`. */
export interface Context {
  readonly home: Home;
  readonly settings: Settings;
  readonly registry: Registry;
  readonly database: Database;
  readonly log: ServerLog;
  readonly logger: Logger;
  readonly rng: Rng;
  readonly now: () => Date;
  readonly physicians: Physicians;
  readonly logins: Logins;
  readonly pseudonyms: Pseudonyms;
  readonly identities: Identities;
  readonly alarms: Alarms;
  readonly outbox: NoticeOutbox;
}
