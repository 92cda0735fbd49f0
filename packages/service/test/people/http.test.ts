import { Agent, request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  authorizeOperator,
  createPeopleServer,
  freePort,
  Idempotency,
  peopleRoutes,
  peopleServerSettings,
  RequestKey,
  RequestLog,
} from '../../src/index.ts';
import { quiet } from '../homes.ts';
import { Authenticator } from './authenticator.ts';
import { Issuer } from './issuer.ts';
import { goodPassword, type TestPeople, testPeople } from './support.ts';

interface Answered {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: what a server answers, looked at by tests
  readonly body: any;
}

/** A browser that keeps cookies, or a program that keeps none. */
class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #url: string;
  readonly #agent = new Agent({ connect: { rejectUnauthorized: false } });

  constructor(url: string) {
    this.#url = url;
    onTestFinished(() => this.#agent.close());
  }

  async ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object, headers = {}): Promise<Answered> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await request(new URL(path, this.#url), {
      method,
      dispatcher: this.#agent,
      headers: { ...(body && { 'content-type': 'application/json' }), ...(cookie && { cookie }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    for (const line of [response.headers['set-cookie'] ?? []].flat()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value === '') this.cookies.delete(name!);
      else this.cookies.set(name!, value!);
    }
    const text = await response.body.text();
    const json = text === '' ? undefined : JSON.parse(text);
    return { status: response.statusCode, headers: response.headers, body: json };
  }
}

/** The people of `fred` behind a listener. */
async function served(settings: Record<string, unknown> = {}, tls?: 'home', environment = {}) {
  const port = await freePort('127.0.0.1');
  const people = await testPeople({ origin: `http://localhost:${port}`, ...settings }, environment);
  const { home, database, log, door, clock } = people;
  const server = createPeopleServer({
    home,
    settings: peopleServerSettings.parse({ port, tls }),
    api: {
      routes: peopleRoutes(people),
      door,
      authorize: async (person, action) => authorizeOperator(person, action),
      idempotency: new Idempotency(database, new RequestKey(new Uint8Array(32)), () => clock.now),
      requests: new RequestLog(log, () => clock.now),
    },
    logger: quiet,
  });
  onTestFinished(() => server.close());
  const url = (await server.listen()).replace('127.0.0.1', 'localhost');
  return { ...people, url, visitor: () => new Visitor(url) };
}

const credentials = { user: 'ada', password: goodPassword };

async function loggedIn(people: TestPeople & { visitor(): Visitor }) {
  await people.user('ada');
  const browser = people.visitor();
  const { body } = await browser.ask('POST', '/v1/login', { ...credentials, session: 'cookie' });
  return { browser, csrf: { 'x-csrf-token': body.csrf as string } };
}

test('before a proxy too, every POST is done once for a key or needs none', async () => {
  const routes = peopleRoutes(await testPeople({ origin: 'https://fred.example' }));
  for (const { contract, resume } of routes.filter((one) => one.contract.method === 'POST'))
    expect(contract.unkeyed ?? contract.secretAnswer ?? resume, contract.name).toBeDefined();
});

const setCookies = ({ headers }: Answered): string[] => [headers['set-cookie'] ?? []].flat();

describe('a browser', () => {
  test('gets its token in a cookie that no script and no other site can use, and logs out', async () => {
    const people = await served();
    await people.user('ada');
    const browser = people.visitor();
    const answer = await browser.ask('POST', '/v1/login', { ...credentials, session: 'cookie' });
    expect(setCookies(answer).map((line) => line.replace(/=[\w-]{43};/, '=…;'))).toEqual([
      'symbolon-session-fred=…; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict',
      'symbolon-device-fred=…; Path=/v1/login; Max-Age=15552000; HttpOnly; SameSite=Lax',
    ]);
    expect(Object.keys(answer.body).sort()).toEqual(['csrf', 'session', 'user']);
    const token = browser.cookies.get('symbolon-session-fred')!;
    expect(JSON.stringify(answer.body)).not.toContain(token);
    const me = await browser.ask('GET', '/v1/me');
    expect(me.body).toMatchObject({ kind: 'user', id: 'ada', name: 'ADA', roles: ['analyst'], csrf: answer.body.csrf });
    const out = await browser.ask('POST', '/v1/logout', undefined, { 'x-csrf-token': me.body.csrf });
    expect([out.status, browser.cookies.has('symbolon-session-fred')]).toEqual([204, false]);
    browser.cookies.set('symbolon-session-fred', token);
    expect((await browser.ask('GET', '/v1/me')).status).toBe(401);
  });

  test('over TLS gets cookies that another name of the domain cannot plant', async () => {
    const people = await served({}, 'home');
    await people.user('ada');
    const answer = await people.visitor().ask('POST', '/v1/login', { ...credentials, session: 'cookie' });
    const [session, device] = setCookies(answer);
    expect(session).toMatch(/^__Host-symbolon-session-fred=.*; Path=\/; .*; Secure$/);
    expect(device).toMatch(/^__Secure-symbolon-device-fred=.*; Secure$/);
  });

  test('changes nothing without the CSRF token, nor from a page of another site', async () => {
    const people = await served();
    const { browser, csrf } = await loggedIn(people);
    const code = async (headers: object) => (await browser.ask('POST', '/v1/logout', undefined, headers)).body?.type;
    const refused = 'urn:symbolon:error:cross-site';
    expect(await code({})).toBe(refused);
    expect(await code({ 'x-csrf-token': 'x'.repeat(43) })).toBe(refused);
    expect(await code({ ...csrf, origin: 'https://evil.test' })).toBe(refused);
    expect(await code({ ...csrf, 'sec-fetch-site': 'cross-site' })).toBe(refused);
    expect((await browser.ask('GET', '/v1/me')).status).toBe(200);
    const kept = { kind: 'request-refused', by: null, action: 'self.manage', code: 'cross-site' };
    expect((await people.events()).slice(-2)).toMatchObject([kept, kept]);
    expect(await code({ ...csrf, origin: people.url, 'sec-fetch-site': 'same-origin' })).toBeUndefined();
  });

  test('that brings a session along, its own or one that was planted, leaves with another', async () => {
    const people = await served();
    await people.user('ada');
    const browser = people.visitor();
    const planted = 'A'.repeat(43);
    browser.cookies.set('symbolon-session-fred', planted);
    const first = await browser.ask('POST', '/v1/login', { ...credentials, session: 'cookie' });
    const own = browser.cookies.get('symbolon-session-fred')!;
    expect(own).not.toBe(planted);
    const csrf = { 'x-csrf-token': first.body.csrf };
    await browser.ask('POST', '/v1/login', { ...credentials, session: 'cookie' }, csrf);
    const other = people.visitor();
    for (const token of [planted, own]) {
      other.cookies.set('symbolon-session-fred', token);
      expect((await other.ask('GET', '/v1/me')).status).toBe(401);
    }
    expect((await browser.ask('GET', '/v1/me')).status).toBe(200);
  });

  test('is known again at its next login, whatever others guess meanwhile', async () => {
    const people = await served();
    const { browser, csrf } = await loggedIn(people);
    await browser.ask('POST', '/v1/logout', undefined, csrf);
    const guess = (visitor: Visitor, password: string) =>
      visitor.ask('POST', '/v1/login', { user: 'ada', password, session: 'cookie' });
    for (let i = 0; i < 6; i++) await guess(people.visitor(), `${i}`);
    const refused = await guess(people.visitor(), goodPassword);
    expect([refused.status, refused.body.type]).toEqual([429, 'urn:symbolon:error:too-many-requests']);
    expect((await guess(browser, goodPassword)).status).toBe(200);
  });

  test('registers a passkey and logs in with it', async () => {
    const people = await served();
    const { browser, csrf } = await loggedIn(people);
    const key = new Authenticator(people.url);
    const options = await browser.ask('POST', '/v1/me/passkeys/options', undefined, csrf);
    const made = { ...key.create(options.body), authenticatorAttachment: 'platform' };
    const keep = () =>
      browser.ask(
        'POST',
        '/v1/me/passkeys',
        { name: 'my laptop', response: made },
        { ...csrf, 'idempotency-key': 'key-of-passkey' },
      );
    const kept = await keep();
    expect(kept.body).toMatchObject({ name: 'my laptop', usedAt: null });
    // As if the server had stopped before it answered.
    await people.database.updateTable('answered_request').set({ answer: null }).execute();
    expect((await keep()).body).toEqual(kept.body);
    expect(await people.passkeys.list('ada')).toHaveLength(1);
    const other = people.visitor();
    const asked = await other.ask('POST', '/v1/login/passkey/options');
    const answer = await other.ask('POST', '/v1/login/passkey', { response: key.get(asked.body), session: 'cookie' });
    expect(answer.body).toMatchObject({ user: { id: 'ada' }, session: { method: 'passkey' } });
    expect((await browser.ask('DELETE', `/v1/me/passkeys/${kept.body.id}`, undefined, csrf)).status).toBe(204);
  });

  test('goes to the identity provider and comes back logged in', async () => {
    const issuer = await Issuer.start();
    const oidc = { issuer: issuer.url, clientId: issuer.clientId, roles: { analysts: ['analyst'] } };
    const people = await served({ oidc });
    const browser = people.visitor();
    const away = await browser.ask('GET', '/v1/login/provider');
    expect(away.status).toBe(303);
    expect(setCookies(away)[0]).toMatch(/Path=\/v1\/login\/provider\/callback; Max-Age=600; HttpOnly; SameSite=Lax$/);
    const back = issuer.visit(String(away.headers.location));
    const stranger = await people.visitor().ask('GET', `${back.pathname}${back.search}`);
    expect(stranger.status).toBe(401);
    const arrived = await browser.ask('GET', `${back.pathname}${back.search}`);
    expect([arrived.status, arrived.headers.location, arrived.body]).toEqual([303, '/', undefined]);
    expect((await browser.ask('GET', '/v1/me')).body).toMatchObject({ name: 'Ada Lovelace', roles: ['analyst'] });
    expect([...browser.cookies.keys()]).toEqual(['symbolon-session-fred', 'symbolon-device-fred']);
    expect((await served()).oidc).toBeUndefined();
  });
});

describe('a program', () => {
  test('shows its token, needs no CSRF token, and may do what its user may', async () => {
    const people = await served();
    await people.user('ada');
    await people.user('olga', ['operator']);
    const program = people.visitor();
    const bearer = async (user: string) => {
      const { body } = await program.ask('POST', '/v1/login', { ...credentials, user });
      return { authorization: `Bearer ${body.token}` };
    };
    const [ada, olga] = [await bearer('ada'), await bearer('olga')];
    const bob = { id: 'bob', name: 'Bob', roles: ['auditor'] };
    const denied = await program.ask('POST', '/v1/users', bob, ada);
    expect([denied.status, denied.body.type]).toEqual([403, 'urn:symbolon:error:forbidden']);
    expect((await program.ask('GET', '/v1/users', undefined, ada)).status).toBe(403);
    const added = await program.ask('POST', '/v1/users', bob, olga);
    expect((await program.ask('POST', '/v1/setup', { code: added.body.code, password: goodPassword })).body).toEqual({
      user: 'bob',
    });
    await bearer('bob');
    const users = await program.ask('GET', '/v1/users?limit=2', undefined, olga);
    expect(users.body).toMatchObject({ items: [{ id: 'ada' }, { id: 'bob' }], next: 'bob' });
    const roles = await program.ask('POST', '/v1/users/ada/roles', { roles: ['analyst', 'auditor'] }, olga);
    expect(roles.body.roles).toEqual(['analyst', 'auditor']);
    expect((await program.ask('GET', '/v1/me', undefined, ada)).status).toBe(401);
    await program.ask('POST', '/v1/users/bob/disabled', { disabled: true }, olga);
    expect((await program.ask('POST', '/v1/login', { ...credentials, user: 'bob' })).status).toBe(401);
  });

  test('whose session is over, or never was, is told to log in', async () => {
    const people = await served({ idleMinutes: 5 });
    await people.user('ada');
    const program = people.visitor();
    const { body } = await program.ask('POST', '/v1/login', credentials);
    const me = (token: string) => program.ask('GET', '/v1/me', undefined, { authorization: `Bearer ${token}` });
    expect((await me(body.token)).status).toBe(200);
    people.later({ minutes: 5 });
    for (const token of [body.token, 'x', '']) {
      const { status, body: problem } = await me(token);
      expect([status, problem.type]).toEqual([401, 'urn:symbolon:error:unauthenticated']);
    }
    // What is over is no hindrance to begin anew.
    const again = await program.ask('POST', '/v1/login', credentials, { authorization: `Bearer ${body.token}` });
    expect(again.status).toBe(200);
  });

  test.each<[string, object]>([
    ['/v1/login', { user: 'ada', password: goodPassword, admin: true }],
    ['/v1/login', { user: 'ada', password: 7 }],
    ['/v1/login', { user: 'ada', password: 'x'.repeat(257) }],
    ['/v1/login', { user: 'ada' }],
    ['/v1/setup', { code: 'short', password: goodPassword }],
    ['/v1/login/passkey', { response: { id: 'x' } }],
  ])('%s refuses what has another shape, without a word of what was sent: %j', async (path, body) => {
    const people = await served();
    const { status, body: problem } = await people.visitor().ask('POST', path, body);
    expect(status).toBe(400);
    expect(JSON.stringify(problem)).not.toContain(goodPassword);
  });
});
