import { fault, type Rng, systemRng } from '@symbolon/crypto';
import {
  createLocalServer,
  createLogger,
  createPeerServer,
  createPeopleServer,
  type Logger,
  logRoutes,
  openDatabase,
  openHome,
  openServerLog,
  RefusalCounts,
  type Running,
  renewTls,
  requireNewestStore,
  Witnesses,
} from '@symbolon/service';
import { Authorities } from '../common/authorities.ts';
import { Logins } from '../common/logins.ts';
import { NoticeOutbox } from '../common/notices.ts';
import { Physicians } from '../common/physicians.ts';
import { ticker } from '../common/ticker.ts';
import { Alarms } from './alarms/alarms.ts';
import { centreApi } from './api.ts';
import { openArchive } from './archive.ts';
import { settingsOf } from './config.ts';
import { type Context, policyOf } from './context.ts';
import { Door } from './door.ts';
import { Grants } from './grants.ts';
import { CentreKeys } from './keys.ts';
import { Notices } from './notices/notices.ts';
import { recordKeeper } from './records/keeper.ts';
import { Reviews } from './reviews.ts';
import { replayErasures } from './rights.ts';
import { centreRoutes } from './routes.ts';
import { Sessions } from './sessions/sessions.ts';

const reviewMilliseconds = 60_000;

/**
 * Starts a central server on the home at `homePath`; resolves when it answers. It keeps records under pseudonyms and never sees an identity, nor a certificate,
 * key or signature of a patient's card. Throws `store-behind` if its database was put back.
 */
export async function startCentre(params: {
  homePath: string;
  logger?: Logger;
  rng?: Rng;
  now?: () => Date;
}): Promise<Running> {
  const { homePath, rng = systemRng, now = () => new Date() } = params;
  const home = openHome(homePath, rng);
  if (home.config.role !== 'centre') {
    throw fault('config-invalid', `${home.path} is the folder of a ${home.config.role}, not of a central server`, {
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
    const keys = await CentreKeys.open({ home, settings, database, log, rng, now });
    const witnesses = new Witnesses({ home, database, log, logger, now });
    closers.push(() => witnesses.close());
    const outbox = new NoticeOutbox({ home, database, logger, rng, now });
    closers.push(() => outbox.close());
    const alarms = new Alarms({ database, log, logger, now, outbox });
    const context: Context = {
      ...{ home, settings, database, log, logger, rng, now, keys, witnesses, alarms },
      records: recordKeeper,
    };
    const parts = partsOf(context, alarms);
    const refusals = new RefusalCounts(context);
    closers.push(() => refusals.close());
    const { reviews, sessions, archive } = parts;
    const api = centreApi(context, { reviews, refusals, more: archive.api });
    const local = createLocalServer({ home, api, logger, rng });
    closers.push(() => local.close());
    await local.listen();
    await requireNewestStore(context);
    const erased = await replayErasures(context);
    if (erased > 0) logger.warn({ erased }, 'patients who had been erased were here again, and were erased again');
    const routes = [...centreRoutes(parts), ...archive.routes, ...logRoutes(context)];
    const server = createPeerServer({ home, routes, logger, rng, refusals });
    closers.push(() => server.close());
    for (const watched of [sessions, archive]) {
      const watch = watched.watch();
      closers.push(() => watch.close());
    }
    const late = ticker(
      () => reviews.watch(),
      reviewMilliseconds,
      (error) => logger.error({ err: error }, 'reviews could not be looked through'),
    );
    closers.push(() => late.close());
    const url = await server.listen();
    if (settings.people !== undefined) {
      const people = createPeopleServer({ home, settings: settings.people, api, logger, rng });
      closers.push(() => people.close());
      logger.info({ people: await people.listen() }, 'ready for people');
    }
    outbox.start();
    witnesses.start();
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function partsOf(context: Context, alarms: Alarms) {
  const { home, settings, database, log, rng, now } = context;
  const physicians = new Physicians(context);
  const logins = new Logins({
    ...{ database, log, physicians, rng, now },
    authorities: new Authorities(home, settings.physicians, now),
    at: home.card.id,
    registryOf: (module) => ({ server: home.card.id, module: policyOf(settings, module).id }),
  });
  const door = new Door(context, logins);
  const grants = new Grants(context);
  return {
    now,
    logins,
    door,
    sessions: new Sessions(context),
    notices: new Notices(context, physicians),
    reviews: new Reviews(context),
    archive: openArchive(context, { grants, alarms, authenticate: (headers, client) => door.admit(headers, client) }),
  };
}
