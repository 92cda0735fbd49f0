import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { signNotice } from '@symbolon/consent';
import { base64url, systemRng } from '@symbolon/crypto';
import { type Home, openDatabase, organisationCertificate } from '@symbolon/service';
import { x509Library } from '@symbolon/testkit/smartcards';
import { expect, onTestFinished, test } from 'vitest';
import * as api from '../../src/module/api/contracts.ts';
import { anything, ModuleNetwork } from './network.ts';

// What the OWASP Top 10 (2021) asks, on the module's server over real TLS: a test for each, as far as it has to do with a server.

const anna = { lastName: 'Müller', firstName: 'Anna', birthDate: '1950-03-12', insurance: 'A123' };
const refused = (code: string) => expect.objectContaining({ code });

/** Bytes as they are, from an installation. */
function raw(
  network: ModuleNetwork,
  home: Home,
  params: { method: string; path: string; headers?: object; body?: string },
) {
  const { hostname, port } = new URL(network.homes.hips.card.address);
  const { certificate: cert, key } = home.tls();
  const { method, path, headers, body } = params;
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const ca = organisationCertificate(network.homes.hips.card);
    const options = { hostname, port, method, path, ca, cert, key, agent: false, headers: { ...headers } };
    const asked = request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode!, text: Buffer.concat(chunks).toString() }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test("A01, access control: others' relations and numbers that were guessed are alike; what administrators ask is not there", async () => {
  const network = await ModuleNetwork.open({ maxFailuresPerHour: 1000 });
  const [north, south] = [await network.physician('north'), await network.physician('south')];
  const { relation } = await north.relation(anna);
  await north.ticket(relation, 'relate');
  const errorOf = (id: string, what: () => Promise<unknown>) =>
    what().then(
      () => expect.fail(`${id} was answered`),
      (error: Error & { code: string; hint: string }) => [error.code, error.message, error.hint],
    );
  for (const [path, body] of [
    ['tickets', { operation: 'reidentify' }],
    ['challenges', { operation: 'enrol' }],
    ['cards', { challenge: base64url(systemRng(16)), chain: ['AA'], signature: 'AA' }],
  ] as const) {
    const ask = (id: string) => errorOf(id, () => south.call('POST', `/v1/relations/${id}/${path}`, anything, body));
    const [code] = await ask(relation);
    expect(code).toBe('not-found');
    expect(await ask(relation)).toEqual(await ask(base64url(systemRng(16))));
  }
  for (const path of ['physicians', 'alarms', 'duplicates', 'patients/1', 'status', 'installations', 'partners']) {
    await expect(north.call('GET', `/v1/${path}`, anything), path).rejects.toEqual(refused('not-found'));
  }
  await expect(network.at('centre').begin()).rejects.toEqual(refused('peer-refused'));
  await network.admin.call(api.removeInstallation, { params: { installation: 'north' } });
  await expect(north.relation(anna)).rejects.toEqual(refused('forbidden'));
});

test('A02, cryptography: TLS 1.3 with a certificate of a partner, or nothing; of tokens and nonces only what cannot be used is kept', async () => {
  const network = await ModuleNetwork.open();
  const at = await network.physician();
  const { hostname, port } = new URL(network.homes.hips.card.address);
  const shake = (options: object) =>
    new Promise<string>((resolve) => {
      const ca = organisationCertificate(network.homes.hips.card);
      const socket = connect({ host: hostname, port: Number(port), ca, ...options });
      socket.once('error', (error) => resolve(error.message));
      socket.once('data', () => resolve('answered'));
      socket.once('close', () => resolve('closed'));
      socket.once('secureConnect', () => socket.write('GET /v1/registry HTTP/1.1\r\nHost: x\r\n\r\n'));
    });
  const { certificate: cert, key } = network.homes.north.tls();
  expect(await shake({ cert, key })).toBe('answered');
  expect(await shake({})).not.toBe('answered');
  expect(await shake({ cert, key, maxVersion: 'TLSv1.2' })).not.toBe('answered');
  const database = await openDatabase(network.homes.hips);
  onTestFinished(() => database.destroy());
  const sessions = JSON.stringify(await database.selectFrom('physician_session').selectAll().execute());
  expect(sessions).toContain(at.physicianId);
  expect(sessions).not.toContain(at.token);
});

test('A03, injection: text is text, wherever it stands', async () => {
  const network = await ModuleNetwork.open({ maxFailuresPerHour: 1000 });
  const at = await network.physician();
  for (const text of [
    "Robert'); DROP TABLE relation;--",
    '" OR "1"="1',
    '$(reboot)',
    '<script>x</script>',
    '{{7*7}}',
    '%00',
    'a%',
  ]) {
    const person = { ...anna, lastName: text };
    const { relation } = await at.relation(person);
    await at.ticket(relation, 'relate');
    expect((await at.relation(person)).relation, text).toBe(relation);
  }
  await expect.poll(async () => (await network.admin.call(api.getRegistryModule, {})).counts.patients).toBe(7);
  for (const path of ["' OR 1=1 --", '%', '..%2f..%2fstatus', '%00', 'A'.repeat(22)]) {
    const asked = at.call('POST', `/v1/relations/${encodeURIComponent(path)}/tickets`, anything, {
      operation: 'relate',
    });
    await expect(asked, path).rejects.toEqual(
      expect.objectContaining({ code: expect.stringMatching(/request-invalid|not-found/) }),
    );
  }
  for (const person of [
    { ...anna, constructor: 'x' },
    { ...anna, toString: 'x' },
    { ...anna, role: 'admin' },
  ]) {
    await expect(at.relation(person)).rejects.toEqual(refused('consent-identity'));
  }
  const polluted = `{"person":{"__proto__":{"lastName":"x"}}}`;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${at.token}` };
  const sent = { method: 'POST', path: '/v1/relations', headers, body: polluted };
  expect((await raw(network, network.homes.north, sent)).status).toBe(400);
  await expect(at.apply(await network.professional('Dr X'), 'Dr X\u0000\r\nSet-Cookie: a=b')).rejects.toEqual(
    refused('request-invalid'),
  );
});

test('A04, design: how many persons one may name in a day, and how many requests in a minute, is bounded', async () => {
  const network = await ModuleNetwork.open({
    maxPersonsPerDay: 4,
    emergencyPersonsPerDay: 1,
    maxTicketsPerDay: 2,
    maxRequestsPerMinute: 14,
    maxFailuresPerHour: 3,
  });
  const at = await network.physician();
  const batch = (count: number) => {
    const persons = Array.from({ length: count }, (_, i) => ({ ...anna, insurance: `N${i}` }));
    return at.call('POST', '/v1/relations/batch', anything, { persons });
  };
  await batch(3);
  const { relation } = await at.relation(anna);
  await expect(batch(1)).rejects.toEqual(refused('too-many-requests'));
  // One more at a time, for an emergency.
  await at.relation(anna);
  await expect(at.relation(anna)).rejects.toEqual(refused('too-many-requests'));
  await expect(batch(1001)).rejects.toEqual(refused('request-invalid'));
  for (let i = 0; i < 2; i++) await at.ticket(relation, 'relate');
  await expect(at.ticket(relation, 'relate')).rejects.toEqual(refused('too-many-requests'));
  await at.ticket(relation, 'break-glass');
  const { items } = await network.admin.call(api.listRegistryAlarms, { query: {} });
  expect(items.map(({ alarm, physician }) => [alarm, physician]).sort()).toEqual([
    ['many-failures', at.physicianId],
    ['many-persons', at.physicianId],
  ]);
  const tickets = async () => {
    for (let i = 0; i < 10; i++) await at.ticket(relation, 'break-glass');
  };
  await expect(tickets()).rejects.toEqual(refused('too-many-requests'));
  network.clock.ahead += 86_400_000;
  await expect(at.relation(anna)).rejects.toEqual(refused('unauthenticated'));
});

test('A05, configuration: answers to nonsense say what is wrong and nothing of the server', async () => {
  const network = await ModuleNetwork.open({ maxLoginsPerMinute: 1000 });
  const at = await network.physician();
  const authorization = `Bearer ${at.token}`;
  const json = { 'content-type': 'application/json', authorization };
  const rows: [what: string, status: number, sent: Parameters<typeof raw>[2]][] = [
    ['an address that there is not', 404, { method: 'GET', path: '/admin' }],
    ['a method that there is not', 404, { method: 'PUT', path: '/v1/relations' }],
    ['TRACE', 404, { method: 'TRACE', path: '/v1/relations' }],
    ['malformed JSON', 400, { method: 'POST', path: '/v1/relations', headers: json, body: '{"person":' }],
    ['a key twice', 400, { method: 'POST', path: '/v1/relations', headers: json, body: '{"person":{},"person":{}}' }],
    ['no object', 400, { method: 'POST', path: '/v1/relations', headers: json, body: '[]' }],
    [
      'a field too many',
      400,
      { method: 'POST', path: '/v1/relations', headers: json, body: JSON.stringify({ person: anna, physician: 'x' }) },
    ],
    [
      'another type',
      400,
      { method: 'POST', path: '/v1/relations', headers: { ...json, 'content-type': 'text/xml' }, body: '<a/>' },
    ],
    [
      'a long body',
      413,
      {
        method: 'POST',
        path: '/v1/relations',
        headers: json,
        body: JSON.stringify({ person: { a: 'x'.repeat(20_000) } }),
      },
    ],
    ['a query', 400, { method: 'GET', path: '/v1/registry?debug=1' }],
  ];
  for (const [what, status, sent] of rows) {
    const answer = await raw(network, network.homes.north, sent);
    expect(answer.status, `${what}: ${answer.text}`).toBe(status);
    expect(answer.text, what).not.toMatch(/node_modules|\.ts:|at .*\(|sqlite|fastify/i);
  }
});

test('A06, components: what the server is made of has one exact version and a hash each, and is what is installed', () => {
  const root = join(import.meta.dirname, '../../../..');
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Installed;
  const { packages } = read('package-lock.json') as unknown as { packages: Record<string, Installed> };
  const seen = new Set<string>();
  const visit = (at: string): void => {
    if (seen.has(at)) return;
    seen.add(at);
    const { link, resolved, version, integrity, dependencies = {} } = packages[at]!;
    if (link === true) {
      visit(resolved!);
      return;
    }
    const isOwn = !at.includes('node_modules/');
    for (const [name, wanted] of Object.entries(dependencies)) {
      if (isOwn) expect(wanted, `${at} needs ${name}`).toMatch(/^\d[\w.-]*$/);
      visit(placeOf(packages, at, name));
    }
    if (isOwn) return;
    expect(integrity, at).toMatch(/^sha512-/);
    expect(read(`${at}/package.json`).version, at).toBe(version);
  };
  visit('apps/registry');
  expect(seen.size).toBeGreaterThan(20);
});

interface Installed {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly version?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Where Node finds a package that another needs: the nearest `node_modules` above it. */
function placeOf(packages: Readonly<Record<string, Installed>>, from: string, name: string): string {
  for (let folder = from; ; ) {
    const place = `${folder}${folder === '' ? '' : '/'}node_modules/${name}`;
    if (place in packages) return place;
    expect(folder, `${from} needs ${name}`).not.toBe('');
    const above = folder.lastIndexOf('/node_modules/');
    folder = above < 0 ? '' : folder.slice(0, above);
  }
}

test('A07, authentication: guessed and malformed tokens are alike, counted, and an alarm', async () => {
  const network = await ModuleNetwork.open({ maxFailuresPerHour: 5 });
  const at = await network.physician();
  const { token } = at;
  const answers: unknown[] = [];
  for (const guess of [
    base64url(systemRng(32)),
    `${token!.startsWith('A') ? 'B' : 'A'}${token!.slice(1)}`,
    '',
    'x',
    `${token}x`,
  ]) {
    at.token = guess;
    answers.push(await at.relation(anna).catch((error: Error & { code: string }) => [error.code, error.message]));
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toEqual(['unauthenticated', expect.anything()]);
  const { items } = await network.admin.call(api.listRegistryAlarms, { query: {} });
  expect(items).toMatchObject([{ alarm: 'many-failures', physician: null, installation: 'north' }]);
  at.token = token;
  await at.relation(anna);
});

test('A08, integrity: what the centre tells counts as it signed it, for this module, and once', async () => {
  const network = await ModuleNetwork.open();
  const what = { about: 'right', right: 'erase', pseudonym: base64url(systemRng(32)) };
  const said = { from: 'centre', to: 'hips', at: Date.now(), what };
  const { centre, north } = network.homes;
  const signed = (over: object, home = centre) => signNotice({ ...said, ...over }, home.signingKey, systemRng).document;
  const tell = (notice: object) => network.at('centre').call('POST', '/v1/notices', anything, { notice });
  const told = async () => (await network.events()).filter(({ kind }) => kind === 'right-done').length;
  const altered = (document: ReturnType<typeof signed>) => {
    const payload = JSON.parse(Buffer.from(document.payload, 'base64url').toString());
    const other = { ...payload, what: { ...what, pseudonym: base64url(systemRng(32)) } };
    return { ...document, payload: Buffer.from(JSON.stringify(other)).toString('base64url') };
  };
  const before = await told();
  await expect(tell(signed({}, north))).rejects.toEqual(refused('document-signer'));
  await expect(tell(signed({ from: 'north' }, north))).rejects.toBeDefined();
  await expect(tell(signed({ to: 'elsewhere' }))).rejects.toBeDefined();
  await expect(tell(altered(signed({})))).rejects.toBeDefined();
  expect(await told()).toBe(before);
  const right = signed({});
  await tell(right);
  await tell(right);
  expect(await told()).toBe(before + 1);
});

test('A09, logging: every refusal stands in the log with who asked, and none with whom it was about', async () => {
  const network = await ModuleNetwork.open();
  const at = await network.physician();
  const { relation } = await at.relation(anna);
  await at.ticket(relation, 'erase').catch(() => undefined);
  const events = await network.events();
  expect(events).toContainEqual(
    expect.objectContaining({
      kind: 'request-refused',
      by: `${at.physicianId} at north`,
      action: 'ticket erase',
      code: 'person-unverified',
    }),
  );
  expect(JSON.stringify(events)).not.toMatch(/M.ller|Anna|A123/);
});

test('A10, requests from the server: addresses in a certificate are not asked', async () => {
  const network = await ModuleNetwork.open({ maxFailuresPerHour: 100 });
  const hits: string[] = [];
  const server = createServer((request, answer) => {
    hits.push(request.url!);
    answer.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const x509 = await x509Library();
  const extensions = [
    new x509.CRLDistributionPointsExtension([`${url}/list`]),
    new x509.AuthorityInfoAccessExtension({ ocsp: `${url}/ocsp`, caIssuers: `${url}/issuer` }),
  ];
  const at = network.at('north');
  const card = await network.physicians.card({ commonName: 'Dr Address' }, { extensions });
  await at.apply(card, 'Dr Address');
  expect(hits).toEqual([]);
  // So that it would be seen.
  await fetch(`${url}/control`);
  expect(hits).toEqual(['/control']);
});
