import type { OrganisationRole } from '@symbolon/agreement';
import { fault, type Rng, systemRng } from '@symbolon/crypto';
import { renewTls } from './create-home.ts';
import { type Database, openDatabase } from './database.ts';
import { type Home, openHome } from './home.ts';
import type { Running } from './lifecycle.ts';
import { openServerLog, type ServerLog } from './log.ts';
import { createLogger, type Logger } from './logging.ts';
import type { Pages } from './pages.ts';

/** What a server is started with. */
export interface StartOptions {
  readonly homePath: string;
  readonly logger?: Logger;
  readonly rng?: Rng;
  readonly now?: () => Date;
  /** What browsers are shown on the listener for people; none: the API alone. */
  readonly pages?: Pages | undefined;
}

/** What every server is made of, with what its home's settings say. */
export interface Starting<Settings> {
  readonly home: Home;
  readonly settings: Settings;
  readonly database: Database;
  readonly log: ServerLog;
  readonly logger: Logger;
  readonly rng: Rng;
  readonly now: () => Date;
  /** Ends what was begun: called in the opposite order when the server is closed, or does not start. */
  readonly closers: (() => unknown)[];
}

/**
 * Opens a home, its database and its log, and starts the server that is its own. Throws `config-invalid` for the folder of another one.
 * @param kind.name like `a compute server` @param start resolves to the server's address when it answers
 */
export async function startServer<Settings>(
  options: StartOptions,
  kind: { readonly role: OrganisationRole; readonly name: string; readonly settingsOf: (home: Home) => Settings },
  start: (starting: Starting<Settings>) => Promise<string>,
): Promise<Running> {
  const { homePath, rng = systemRng, now = () => new Date() } = options;
  const home = openHome(homePath, rng);
  if (home.config.role !== kind.role) {
    throw fault('config-invalid', `${home.path} is the folder of a ${home.config.role}, not of ${kind.name}`, {
      culprit: home.path,
    });
  }
  const settings = kind.settingsOf(home);
  const logger = options.logger ?? createLogger(home.config);
  if (await renewTls(home, { now, rng })) logger.info('the TLS certificate was renewed');
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let step = closers.pop(); step !== undefined; step = closers.pop()) await step();
  };
  try {
    const database = await openDatabase(home, { serves: true, logger, rng });
    closers.push(() => database.destroy());
    const log = await openServerLog(home, database, rng);
    const url = await start({ home, settings, database, log, logger, rng, now, closers });
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}
