import {
  createLocalServer,
  createPeerServer,
  createPeopleServer,
  logRoutes,
  RefusalCounts,
  type Running,
  requireNewestStore,
  type StartOptions,
  startServer,
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
export function startCentre(options: StartOptions): Promise<Running> {
  const kind = { role: 'centre' as const, name: 'a central server', settingsOf };
  return startServer(options, kind, async ({ closers, ...starting }) => {
    const { home, settings, logger, rng } = starting;
    const keys = await CentreKeys.open(starting);
    const witnesses = new Witnesses(starting);
    closers.push(() => witnesses.close());
    const outbox = new NoticeOutbox(starting);
    closers.push(() => outbox.close());
    const alarms = new Alarms({ ...starting, outbox });
    outbox.onRefused((module) => alarms.noticeRefused(module));
    const context: Context = { ...starting, keys, witnesses, alarms, outbox, records: recordKeeper };
    const parts = partsOf(context, alarms);
    const refusals = new RefusalCounts(context);
    closers.push(() => refusals.close());
    const { reviews, sessions, archive } = parts;
    const api = centreApi(context, { reviews, refusals, more: archive.api });
    const local = createLocalServer({ home, api, logger, rng });
    closers.push(() => local.close());
    await local.listen();
    await requireNewestStore(context);
    await archive.recover();
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
      const people = createPeopleServer({ home, settings: settings.people, api, pages: options.pages, logger, rng });
      closers.push(() => people.close());
      logger.info({ people: await people.listen() }, 'ready for people');
    }
    outbox.start();
    witnesses.start();
    return url;
  });
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
