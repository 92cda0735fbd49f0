import { fault, type Rng, systemRng } from '@symbolon/crypto';
import {
  createLogger,
  createPeerServer,
  type Logger,
  openDatabase,
  openHome,
  openServerLog,
  RefusalCounts,
  type Running,
  renewTls,
} from '@symbolon/service';
import { settingsOf } from './config.ts';
import { Evaluations } from './evaluations.ts';
import { openKeys } from './keys.ts';
import { moduleRoutes } from './routes.ts';

/** Starts the server that holds the key of a module's pseudonyms; resolves when it answers. It never sees an identity, nor a pseudonym. */
export async function startOprf(params: {
  homePath: string;
  logger?: Logger;
  rng?: Rng;
  now?: () => Date;
}): Promise<Running> {
  const { homePath, rng = systemRng, now = () => new Date() } = params;
  const home = openHome(homePath, rng);
  if (home.config.role !== 'oprf') {
    throw fault('config-invalid', `${home.path} is the folder of a ${home.config.role}, not of an OPRF server`, {
      culprit: home.path,
    });
  }
  const settings = settingsOf(home);
  const logger = params.logger ?? createLogger(home.config);
  if (await renewTls(home, { now, rng })) logger.info('the TLS certificate was renewed');
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let step = closers.pop(); step !== undefined; step = closers.pop()) await step();
  };
  try {
    const database = await openDatabase(home, { serves: true, logger, rng });
    closers.push(() => database.destroy());
    const log = await openServerLog(home, database, rng);
    const keys = await openKeys({ home, database, log, names: settings.keys, rng, now });
    closers.push(() => {
      for (const key of keys.values()) key.fill(0);
    });
    const evaluations = new Evaluations({ keys, settings, log, logger, now });
    closers.push(() => evaluations.close());
    const refusals = new RefusalCounts({ log, logger, now });
    closers.push(() => refusals.close());
    const server = createPeerServer({ home, routes: moduleRoutes(settings, evaluations), logger, rng, refusals });
    closers.push(() => server.close());
    return { url: await server.listen(), close };
  } catch (error) {
    await close();
    throw error;
  }
}
