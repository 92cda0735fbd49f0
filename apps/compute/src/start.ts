import { fault, type Rng, systemRng } from '@symbolon/crypto';
import {
  createLogger,
  createPeerServer,
  type Logger,
  openDatabase,
  openHome,
  openServerLog,
  type Running,
  renewTls,
} from '@symbolon/service';
import { settingsOf } from './config.ts';
import type { Context } from './context.ts';
import { Jobs } from './jobs.ts';
import { ownerRoutes } from './routes.ts';
import { Tables } from './tables.ts';

/** Starts a compute server on the home at `homePath`; resolves when it answers. It holds no secret key of any table. */
export async function startCompute(params: {
  homePath: string;
  logger?: Logger;
  rng?: Rng;
  now?: () => Date;
}): Promise<Running> {
  const { homePath, rng = systemRng, now = () => new Date() } = params;
  const home = openHome(homePath, rng);
  if (home.config.role !== 'compute') {
    throw fault('config-invalid', `${home.path} is the folder of a ${home.config.role}, not of a compute server`, {
      culprit: home.path,
    });
  }
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
    const context: Context = { home, settings: settingsOf(home), database, log, logger, rng, now };
    const tables = new Tables(context);
    const jobs = new Jobs(context, tables);
    closers.push(() => jobs.close());
    const server = createPeerServer({ home, routes: ownerRoutes(context, { tables, jobs }), logger, rng });
    closers.push(() => server.close());
    const url = await server.listen();
    await jobs.resume();
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}
