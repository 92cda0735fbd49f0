import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import {
  type Api,
  answer,
  contract,
  createPeerServer,
  createPeopleServer,
  freePort,
  type Home,
  Idempotency,
  openDatabaseFile,
  organisationCertificate,
  type Person,
  peerClient,
  peopleClient,
  peopleServerSettings,
  RequestKey,
  RequestLog,
  type Route,
  route,
} from '../src/index.ts';
import { clientTls } from '../src/tls.ts';
import { quiet, temporaryFolder, testHome, testPartners } from './homes.ts';

const who = contract({
  name: 'who',
  summary: 'Who asks',
  action: 'who.ask',
  method: 'GET',
  path: '/who',
  answer: z.strictObject({ id: z.string() }),
});
const ana: Person = { kind: 'user', id: 'ana', roles: ['analyst'] };
const token = 'Bearer of-ana';

async function apiOf(): Promise<Api> {
  const database = await openDatabaseFile(':memory:', 'party');
  onTestFinished(() => database.destroy());
  return {
    routes: [answer(who, async ({ caller }) => ({ id: caller.id }))],
    door: {
      authenticate: async ({ headers }) =>
        headers.authorization === token ? { person: ana, session: 'one' } : undefined,
      recall: async () => ana,
      owner: async () => ana,
    },
    authorize: async () => undefined,
    idempotency: new Idempotency(database, new RequestKey(new Uint8Array(32)), () => new Date()),
    requests: new RequestLog({ append: async () => 0 }, () => new Date()),
  };
}

/** File with the certificate of an organisation. */
function caOf({ card }: Home): string {
  const file = join(temporaryFolder(), 'ca.pem');
  writeFileSync(file, organisationCertificate(card));
  return file;
}

async function servePeople(home: Home, settings: object): Promise<string> {
  const parsed = peopleServerSettings.parse({ port: await freePort('127.0.0.1'), ...settings });
  const server = createPeopleServer({ home, settings: parsed, api: await apiOf(), logger: quiet });
  onTestFinished(() => server.close());
  return server.listen();
}

test('a session is nothing on the port for partners, and a partner’s certificate nothing on that for people', async () => {
  const [fred, sally] = await testPartners('fred', 'sally');
  const peerRoutes: Route<{ readonly id: string }>[] = [
    route<{ readonly id: string }>()({
      method: 'GET',
      path: '/who',
      handle: async ({ caller }) => ({ id: caller.id }),
    }),
  ];
  const peers = createPeerServer({ home: sally, routes: peerRoutes, logger: quiet });
  await peers.listen();
  onTestFinished(() => peers.close());
  const url = await servePeople(sally, { tls: 'home' });
  const { port } = new URL(url);
  const toPeople = peopleClient({ url, token: 'of-ana', ca: caOf(sally) });
  onTestFinished(() => toPeople.close());
  expect(await toPeople.call(who, {})).toEqual({ id: 'ana' });
  const partner = peerClient({ home: fred, partner: sally.card });
  onTestFinished(() => partner.close());
  expect(await partner.call('GET', '/who', { answer: z.unknown() })).toEqual({ id: 'fred' });

  const asking = (options: object, text: string): Promise<string> =>
    new Promise((done) => {
      const socket = connect({ host: '127.0.0.1', rejectUnauthorized: false, ...options }, () => socket.write(text));
      socket.on('error', (error) => done(String('code' in error ? error.code : error.message)));
      socket.on('data', (answered) => done(answered.toString())).on('close', () => done('closed'));
    });
  const withToken = `GET /who HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${token}\r\n\r\n`;
  const onPartners = await asking({ port: sally.config.listen.port }, withToken);
  expect(onPartners).toMatch(/CERTIFICATE_REQUIRED|closed|ECONNRESET/);
  const withCertificate = await asking(
    { port, ...clientTls(fred, sally.card) },
    'GET /who HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n',
  );
  expect(withCertificate).toMatch(/^HTTP\/1.1 401 /);
  expect(withCertificate.toLowerCase()).toContain('strict-transport-security: ');
  expect(await asking({ port, maxVersion: 'TLSv1.2' }, withToken)).toMatch(/PROTOCOL_VERSION|closed|ECONNRESET/);
});

test('plain HTTP is for this machine only, and certificates can come from files', async () => {
  const fred = await testHome('fred');
  const api = await apiOf();
  const create = (settings: object) =>
    createPeopleServer({ home: fred, settings: peopleServerSettings.parse(settings), api, logger: quiet });
  expect(() => create({ host: '0.0.0.0', port: 1 })).toThrow(
    expect.objectContaining({ code: 'config-invalid', culprit: 'settings.people.tls' }),
  );
  const folder = temporaryFolder();
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  const tls = fred.tls();
  writeFileSync(files.certificate, tls.certificate);
  expect(() => create({ port: 1, tls: files })).toThrow(expect.objectContaining({ culprit: files.key }));
  writeFileSync(files.key, tls.key);
  const url = await servePeople(fred, { tls: files });
  const client = peopleClient({ url, token: 'of-ana', ca: caOf(fred) });
  onTestFinished(() => client.close());
  expect(await client.call(who, {})).toEqual({ id: 'ana' });
});
