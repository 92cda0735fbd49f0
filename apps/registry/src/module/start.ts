import { fault } from '@symbolon/crypto';
import {
  type Client,
  createLocalServer,
  createPeerServer,
  createPeopleServer,
  type Home,
  peerClient,
  RefusalCounts,
  RequestLog,
  type Running,
  requireNewestStore,
  type Starting,
  type StartOptions,
  startServer,
  Witnesses,
} from '@symbolon/service';
import { Authorities } from '../common/authorities.ts';
import { Logins } from '../common/logins.ts';
import { NoticeOutbox } from '../common/notices.ts';
import { Physicians } from '../common/physicians.ts';
import { Alarms } from './alarms.ts';
import { operatorApi } from './api/api.ts';
import { type Settings, settingsOf } from './config.ts';
import type { Context } from './context.ts';
import { Failures } from './failures.ts';
import { openIdentities } from './identities/open.ts';
import { readTicketKeys } from './keys.ts';
import { Telling } from './notices/telling.ts';
import { Admission } from './people/admission.ts';
import { Installations } from './people/installations.ts';
import { Pseudonyms } from './pseudonyms/pseudonyms.ts';
import { pseudonymSource } from './pseudonyms/source.ts';
import { peerRoutes } from './routes.ts';
import type { Served } from './served.ts';
import { PersonChecks } from './visits/person-checks.ts';
import { Tickets } from './visits/tickets.ts';
import { Visits } from './visits/visits.ts';

const hour = 3_600_000;
const typedHours = 24;

type Closers = (() => unknown)[];

/** Starts a module on the home at `homePath`; resolves when it answers. Throws `store-behind` if its database was put back. */
export function startModule(options: StartOptions): Promise<Running> {
  const kind = { role: 'module' as const, name: 'a module', settingsOf };
  return startServer(options, kind, async ({ closers, ...starting }) => {
    const { home, settings, database, log, logger, rng, now } = starting;
    const context = await openContext(starting, closers);
    const requests = new RequestLog(log, now);
    const refusals = new RefusalCounts(context);
    closers.push(() => refusals.close());
    const served = await serve(context, requests, closers);
    const api = operatorApi(context, served, { requests, refusals });
    const local = createLocalServer({ home, api, logger, rng });
    closers.push(() => local.close());
    await local.listen();
    await requireNewestStore(context);
    const server = createPeerServer({ home, routes: peerRoutes(context, served), logger, rng, refusals });
    closers.push(() => server.close());
    const url = await server.listen();
    if (settings.people !== undefined) {
      const people = createPeopleServer({ home, settings: settings.people, api, pages: options.pages, logger, rng });
      closers.push(() => people.close());
      logger.info({ people: await people.listen() }, 'ready for people');
    }
    const witnesses = new Witnesses({ home, database, log, logger, now });
    closers.push(() => witnesses.close());
    witnesses.start();
    context.outbox.start();
    served.telling.wake();
    return url;
  });
}

async function openContext(starting: Omit<Starting<Settings>, 'closers'>, closers: Closers): Promise<Context> {
  const { home, settings, database, log, logger, rng, now } = starting;
  const registry = { server: settings.centre, module: home.card.id };
  const client = clients(home, closers);
  const source = await pseudonymSource({ home, database, settings: settings.pseudonyms, client, rng });
  const pseudonyms = new Pseudonyms(source, { fields: settings.fields, database, log, now });
  const stores = { ...starting, fields: settings.fields, pseudonyms };
  const identities = openIdentities(stores);
  closers.push(() => identities.close());
  const physicians = new Physicians({ database, now });
  const authorities = new Authorities(home, settings.physicians, now);
  const registryOf = (module: string) => {
    if (module === registry.module) return registry;
    throw fault('forbidden', `this is the module ${registry.module}, not ${module}`, { culprit: 'module' });
  };
  const logins = new Logins({ database, log, physicians, authorities, at: home.card.id, registryOf, rng, now });
  const outbox = new NoticeOutbox({ home, database, logger, rng, now });
  closers.push(() => outbox.close());
  const alarms = new Alarms({ database, log, now });
  return { ...starting, registry, physicians, logins, pseudonyms, identities, alarms, outbox };
}

async function serve(context: Context, requests: RequestLog, closers: Closers): Promise<Served> {
  const { home, settings, database, identities, logger, rng, now, alarms } = context;
  const installations = new Installations(context);
  const failures = new Failures({ requests, alarms, mostPerHour: settings.maxFailuresPerHour, now });
  const checks = new PersonChecks(context, new Authorities(home, settings.patients.authorities, now));
  const keys = await readTicketKeys(home, database, { rng, ticketKey: settings.ticketKey });
  const telling = new Telling(context);
  closers.push(() => telling.close());
  const forget = (): void => {
    identities.relations.forget(new Date(now().getTime() - typedHours * hour)).catch((error: unknown) => {
      logger.error({ err: error }, 'persons whom nobody asked a ticket for could not be forgotten');
    });
  };
  const timer = setInterval(forget, hour).unref();
  closers.push(() => clearInterval(timer));
  return {
    ...{ installations, checks, telling },
    admission: new Admission(context),
    visits: new Visits(context, installations, failures),
    tickets: new Tickets(context, checks, keys),
  };
}

/** Clients of other servers, each made when it is needed first. */
function clients(home: Home, closers: Closers): (server: string) => Client {
  const made = new Map<string, Client>();
  closers.push(() => Promise.all([...made.values()].map((client) => client.close())));
  return (server) => {
    const client = made.get(server) ?? peerClient({ home, partner: home.partners.get(server) });
    made.set(server, client);
    return client;
  };
}
