import { fault, type Rng, systemRng } from '@symbolon/crypto';
import { createKernels, type Kernels } from '@symbolon/kernels';
import {
  checkConfig,
  createLogger,
  type Database,
  type Home,
  homePaths,
  type Logger,
  openDatabase,
  openHome,
  openServerLog,
  type ServerLog,
  Witnesses,
} from '@symbolon/service';
import { AgreementChanges } from './agreements/changes.ts';
import { AgreementStore } from './agreements/store.ts';
import { ApprovalStore } from './approvals.ts';
import { type PartySettings, partySettings } from './config.ts';
import { Datasets } from './datasets/datasets.ts';
import { Uploads } from './datasets/uploads.ts';
import { RunStore } from './link/runs.ts';
import { AskedStudies } from './study/asked-store.ts';
import { StudyRunStore } from './study/runs.ts';
import { LegalHolds } from './subjects/holds.ts';
import { OptOuts } from './subjects/opt-outs.ts';

/** Everything that an organisation's folder holds, opened once. */
export interface PartyContext {
  readonly home: Home;
  readonly settings: PartySettings;
  readonly database: Database;
  readonly log: ServerLog;
  /** Partners who witness the log. */
  readonly witnesses: Witnesses;
  readonly agreements: AgreementStore;
  readonly changes: AgreementChanges;
  readonly datasets: Datasets;
  /** Files that people have added by a browser. */
  readonly uploads: Uploads;
  readonly runs: RunStore;
  readonly studyRuns: StudyRunStore;
  readonly approvals: ApprovalStore;
  /** Studies that were asked beyond those that agreements list. */
  readonly asked: AskedStudies;
  /** People who take no part, and what may not be deleted. */
  readonly optOuts: OptOuts;
  readonly holds: LegalHolds;
  readonly rng: Rng;
  readonly now: () => Date;
  readonly logger: Logger;
  /** The engine's memory, made when it is first needed; one session at a time may use it. */
  kernels(): Kernels;
  close(): Promise<void>;
}

/** What may be replaced, in tests above all. */
export interface ContextOptions {
  readonly logger?: Logger | undefined;
  readonly rng?: Rng | undefined;
  readonly now?: (() => Date) | undefined;
  /** Whether this process is the organisation's server: see `openDatabase`. */
  readonly serves?: boolean | undefined;
}

/** Opens an organisation's folder. Throws `config-invalid` or `not-found` naming the file. */
export async function openContext(homePath: string, options: ContextOptions = {}): Promise<PartyContext> {
  const { rng = systemRng, now = () => new Date(), serves = false } = options;
  const home = openHome(homePath, rng);
  if (home.config.role !== 'party') {
    throw fault(
      'config-invalid',
      `${home.path} is the folder of a key service, not of an organisation that holds data`,
      {
        culprit: home.path,
        hint: `Start it with: symbolon serve keys --home ${home.path}`,
      },
    );
  }
  const { logger = createLogger(home.config) } = options;
  const settings = checkConfig(partySettings, home.config.settings, `${homePaths(home.path).config} (settings)`);
  const database = await openDatabase(home, { serves, logger, rng });
  let kernels: Kernels | undefined;
  try {
    const log = await openServerLog(home, database, rng);
    const agreements = new AgreementStore(database, now);
    const uploads = new Uploads(home.path, rng);
    const holds = new LegalHolds({ database, log, rng, now });
    return {
      home,
      settings,
      database,
      log,
      witnesses: new Witnesses({ home, database, log, logger, now }),
      agreements,
      changes: new AgreementChanges(home),
      datasets: new Datasets({ database, uploads, holds, now }),
      uploads,
      runs: new RunStore(database, now),
      studyRuns: new StudyRunStore(database, now),
      approvals: new ApprovalStore(database, log, now),
      asked: new AskedStudies(database, log, now),
      optOuts: new OptOuts({ home, database, agreements, rng, now }),
      holds,
      rng,
      now,
      logger,
      kernels: () => {
        kernels ??= createKernels();
        return kernels;
      },
      close: () => database.destroy(),
    };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}
