import { fault } from '@symbolon/crypto';
import { onTestFinished } from 'vitest';
import {
  type Api,
  type ApiRoute,
  createPeopleServer,
  type Database,
  type Doorkeeper,
  freePort,
  Idempotency,
  openDatabase,
  type Person,
  peopleServerSettings,
  Quota,
  RefusalCounts,
  RequestKey,
  RequestLog,
  type ServerLog,
} from '../src/index.ts';
import { quiet, testHome } from './homes.ts';

/** Users by token. */
export const ana: Person = { kind: 'user', id: 'ana', roles: ['analyst'] };
export const abe: Person = { kind: 'user', id: 'abe', roles: ['analyst'] };
export const olaf: Person = { kind: 'user', id: 'olaf', roles: ['operator'] };

/** Users whose sessions are over, to what they began. */
export const over = new Set<string>();

const door: Doorkeeper = {
  async authenticate({ headers }) {
    const person = [ana, abe, olaf].find(({ id }) => headers.authorization === `Bearer ${id}`);
    return person && { person, session: `session of ${person.id}` };
  },
  recall: async (session) => [ana, olaf].find(({ id }) => session === `session of ${id}` && !over.has(id)),
  owner: async () => ({ kind: 'owner', id: 'owner', roles: [] }),
};

/** A server for people that answers `routes`; only analysts may do anything. @returns its address, and what goes into the log */
export async function serveApi(
  routes: readonly ApiRoute[] | ((database: Database) => readonly ApiRoute[]),
  {
    perMinute = 10_000,
    now = () => new Date(),
    counting = false,
  }: { perMinute?: number; now?: () => Date; counting?: boolean } = {},
): Promise<{ url: string; port: number; events: object[]; refusals: RefusalCounts }> {
  const events: object[] = [];
  const home = await testHome('fred');
  const database = await openDatabase(home);
  onTestFinished(() => database.destroy());
  const append: ServerLog['append'] = (event, within = async () => undefined) =>
    database.transaction().execute(async (transaction) => {
      await within(transaction, events.length);
      return events.push(event) - 1;
    });
  const refusals = new RefusalCounts({ log: { append }, logger: quiet, now });
  const api: Api = {
    routes: typeof routes === 'function' ? routes(database) : routes,
    door,
    authorize: async ({ id, roles }, action) => {
      if (!roles.includes('analyst')) throw fault('forbidden', `${id} may not ${action}`);
    },
    idempotency: new Idempotency(database, new RequestKey(new Uint8Array(32)), now),
    requests: new RequestLog({ append }, now),
    quota: new Quota(perMinute, now),
    ...(counting ? { refusals } : {}),
  };
  const port = await freePort('127.0.0.1');
  const settings = peopleServerSettings.parse({ port });
  const server = createPeopleServer({ home, settings, api, logger: quiet });
  onTestFinished(() => server.close());
  return { url: await server.listen(), port, events, refusals };
}
