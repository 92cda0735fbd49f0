import type { Rng } from '@symbolon/crypto';
import { fault } from '@symbolon/crypto';
import type { Database, Home, Logger, ServerLog, Witnesses } from '@symbolon/service';
import type { NoticeOutbox } from '../common/notices.ts';
import type { AlarmBook } from './alarm.ts';
import type { ModuleSettings, Settings } from './config.ts';
import type { CentreKeys } from './keys.ts';

/** What becomes of records when patients change; called in the transaction of the change. */
export interface RecordKeeper {
  /** All that is kept of a patient's records goes, and of who read them. */
  erase(patient: number, within: Database): Promise<void>;
  /** What was kept of one patient by its number is another's. Records follow their relations by themselves. */
  merge(from: number, to: number, within: Database): Promise<void>;
}

/** What a central server is made of; built once, in `startCentre`. */
export interface Context {
  readonly home: Home;
  readonly settings: Settings;
  readonly database: Database;
  readonly log: ServerLog;
  readonly logger: Logger;
  readonly rng: Rng;
  readonly now: () => Date;
  readonly keys: CentreKeys;
  readonly witnesses: Witnesses;
  readonly alarms: AlarmBook;
  readonly records: RecordKeeper;
  /** Notices to modules. */
  readonly outbox: Pick<NoticeOutbox, 'write' | 'waiting'>;
}

/** What holds for the patients of a module. Throws `forbidden` for one that keeps no records here. */
export function policyOf({ modules }: Settings, module: string): ModuleSettings {
  const found = modules.find(({ id }) => id === module);
  if (found !== undefined) return found;
  throw fault('forbidden', `${module} keeps no records here`, {
    culprit: module,
    hint: 'The administrators of this server list modules in its settings.',
  });
}
