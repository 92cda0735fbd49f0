import { roles } from '@symbolon/agreement';
import { createPeopleServer, freePort, type Person, peopleServerSettings } from '@symbolon/service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { contracts } from '../src/api/index.ts';
import { allowedTo } from '../src/authorize.ts';
import { openContext, type PartyContext } from '../src/context.ts';
import { localRoutes } from '../src/local-routes.ts';
import { Gateway } from '../src/outsource/gateway.ts';
import { peopleApi } from '../src/people-api.ts';
import { Jobs } from '../src/run/jobs.ts';
import { eventsOf, quiet, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
let context: PartyContext;
let url: string;
/** Names of the operations whose handlers were reached. */
let reached: string[] = [];
const closing: (() => Promise<void>)[] = [];

/** The API as it is served, with handlers that do nothing and take anything: what is left is who may ask. */
beforeAll(async () => {
  network = await testNetwork();
  context = await openContext(network.homes.fred.path, { logger: quiet });
  const jobs = await Jobs.open(context);
  const runners = {
    gateway: new Gateway(context, jobs),
    links: undefined as never,
    studies: undefined as never,
    alerts: { follower: undefined, sender: undefined } as never,
  };
  const api = peopleApi(context, localRoutes(context, jobs, runners));
  const routes = api.routes.map(({ contract: { name, summary, action, method, path } }) => ({
    contract: { name, summary, action, method, path, answer: z.undefined(), unkeyed: true as const },
    handle: async () => void reached.push(name),
  }));
  const door = {
    ...api.door,
    authenticate: async ({ headers }: { headers: { authorization?: string | undefined } }) => {
      const [, id, held = ''] = /^Bearer (\w+):([\w,-]*)$/.exec(headers.authorization ?? '') ?? [];
      if (id === undefined) return undefined;
      const person: Person = { kind: 'user', id, roles: roles.filter((role) => held.split(',').includes(role)) };
      return { person, session: id };
    },
  };
  const settings = peopleServerSettings.parse({ port: await freePort('127.0.0.1') });
  const server = createPeopleServer({ home: context.home, settings, api: { ...api, routes, door }, logger: quiet });
  closing.push(() => server.close());
  url = await server.listen();
});
afterAll(async () => {
  for (const close of closing) await close();
  await context.close();
  await network.close();
});

/** Codes of the refusals, or 'done', of all operations of the API. */
async function askAll(token?: string): Promise<Map<string, string>> {
  reached = [];
  const answers = new Map<string, string>();
  for (const { name, method, path } of contracts) {
    const answered = await fetch(url + path.replaceAll(/:\w+/g, 'x'), {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    const text = await answered.text();
    answers.set(name, answered.ok ? 'done' : JSON.parse(text).type.replace('urn:symbolon:error:', ''));
  }
  expect(reached.toSorted()).toEqual([...answers].flatMap(([name, what]) => (what === 'done' ? [name] : [])).sort());
  return answers;
}

const forAnybody = [
  'logIn',
  'passkeyLoginOptions',
  'logInWithPasskey',
  'leaveForProvider',
  'arriveFromProvider',
  'setUpPassword',
  'getOpenApi',
  'listWaysIn',
];

test('nobody who is not logged in gets anywhere but to the doors and to what all servers have in common', async () => {
  for (const [name, what] of await askAll()) {
    expect(what, name).toBe(forAnybody.includes(name) ? 'done' : 'unauthenticated');
  }
});

test('a user without a role gets to their own account alone, and each attempt is in the log', async () => {
  const answers = await askAll('nora:');
  for (const { name, action } of contracts) {
    const own = action === null || action.startsWith('self.');
    expect(answers.get(name), name).toBe(own ? 'done' : 'forbidden');
  }
  const refused = await eventsOf(context, 'request-refused');
  expect(refused.length).toBeGreaterThanOrEqual(30);
  expect(refused[0]).toMatchObject({ by: 'nora', code: 'forbidden' });
});

test.each(roles)('%s does what the policies permit, and nothing else', async (role) => {
  const answers = await askAll(`u${role.replace('-', '')}:${role}`);
  for (const { name, action } of contracts) {
    const allowed = action === null || allowedTo(role, [action]).length === 1;
    expect(answers.get(name), name).toBe(allowed ? 'done' : 'forbidden');
  }
});
