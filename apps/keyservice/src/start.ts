import { fault, type Rng, systemRng } from '@symbolon/crypto';
import {
  createLocalServer,
  createLogger,
  createPeerServer,
  createPeopleServer,
  type Logger,
  openDatabase,
  openHome,
  openServerLog,
  RefusalCounts,
  type Running,
  renewTls,
  requireNewestStore,
  Witnesses,
} from '@symbolon/service';
import { Threads } from '@symbolon/service/threads';
import { settingsOf } from './config.ts';
import type { Context } from './context.ts';
import { operatorApi, peerRoutes } from './routes.ts';
import { Sessions } from './sessions.ts';

/** Starts a key service on the home at `homePath`; resolves when it answers. Closing it wipes all secrets. Throws `store-behind` if its database was put back. */
export async function startKeyservice(params: {
  homePath: string;
  logger?: Logger;
  rng?: Rng;
  now?: () => Date;
}): Promise<Running> {
  const { homePath, rng = systemRng, now = () => new Date() } = params;
  const home = openHome(homePath, rng);
  if (home.config.role !== 'keyservice') {
    throw fault(
      'config-invalid',
      `${home.path} is the folder of an organisation that holds data, not of a key service`,
      {
        culprit: home.path,
        hint: `Start it with: symbolon serve party --home ${home.path}`,
      },
    );
  }
  const settings = settingsOf(home);
  const logger = params.logger ?? createLogger(home.config);
  if (await renewTls(home, { now, rng })) logger.info('the TLS certificate was renewed');
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (let step = closers.pop(); step !== undefined; step = closers.pop()) await step();
  };
  try {
    const database = await openDatabase(home, { serves: true, logger, rng });
    closers.push(() => database.destroy());
    const log = await openServerLog(home, database, rng);
    const threads = new Threads({
      script: new URL('./dealing-thread.ts', import.meta.url),
      most: settings.threads,
      heapMegabytes: 1024,
    });
    closers.push(() => threads.close());
    const witnesses = new Witnesses({ home, database, log, logger, now });
    closers.push(() => witnesses.close());
    const context: Context = { home, settings, database, log, witnesses, logger, rng, now, threads };
    const sessions = new Sessions(context);
    const refusals = new RefusalCounts(context);
    closers.push(() => refusals.close());
    const api = operatorApi(context, sessions, refusals);
    const local = createLocalServer({ home, api, logger, rng });
    closers.push(() => local.close());
    await local.listen();
    await requireNewestStore(context);
    const server = createPeerServer({ home, routes: peerRoutes(context, sessions), logger, rng, refusals });
    closers.push(() => server.close());
    closers.push(() => sessions.close());
    const url = await server.listen();
    if (settings.people !== undefined) {
      const people = createPeopleServer({ home, settings: settings.people, api, logger, rng });
      closers.push(() => people.close());
      logger.info({ people: await people.listen() }, 'ready for people');
    }
    witnesses.start();
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}
