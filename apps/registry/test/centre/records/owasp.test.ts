import { request } from 'node:https';
import {
  mostFileBytes,
  mostRecordCharacters,
  recordList,
  recordRead,
  recordStored,
  recordTypes,
} from '@symbolon/consent';
import { base64url, fromBase64url } from '@symbolon/crypto';
import { openDatabase, organisationCertificate } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { playedCard } from '../../../../../packages/consent/test/cards.ts';
import { addRecordType, listRecordTypes } from '../../../src/centre/records/api.ts';
import { type Client, Network } from '../network.ts';
import { visitSchema } from './archive.ts';

// A table after the OWASP Top 10 (2021), of the addresses about records on a running centre.

const anything = z.unknown();
const code = (text: string) => expect.objectContaining({ code: text });

let network: Network;
let first: Client;
let doctor: Client;
let thief: Client;
let card: ReturnType<typeof playedCard>;
let secret: string;

const records = (client: Client, patient = 'anna') =>
  `/v1/relations/${network.relation(patient, client.physician)}/records`;
const wanted = (more: object = {}) => ({
  ...{
    record: base64url(network.rng(16)),
    type: 'visit',
    typeVersion: 1,
    group: 'general',
    body: '{"score":1}',
    signature: null,
  },
  ...more,
});

beforeAll(async () => {
  network = await Network.make({ settings: { maxRequestsPerMinute: 10_000, maxFailuresPerHour: 5 } });
  await network.start();
  for (const module of ['hips', 'knees']) {
    const body = { name: 'visit', schema: JSON.stringify(visitSchema) };
    await network.administrator((api) => api.call(addRecordType, { params: { module }, body }));
  }
  [first, doctor, thief] = [
    await network.client('first'),
    await network.client('doctor'),
    await network.client('thief'),
  ];
  for (const client of [first, doctor, thief]) await client.logIn();
  card = playedCard('P-256');
  await first.visit('anna', 'enrol', card);
  ({ record: secret } = await first.call('POST', records(first), recordStored, wanted({ group: 'psychiatry' })));
  await thief.visit('bert', 'enrol', playedCard('P-256'));
});

afterAll(() => network?.close());

test('records go over the wire, and nothing below is refused for another reason', async () => {
  const { record } = await first.call('POST', records(first), recordStored, wanted());
  await doctor.visit('anna', 'reidentify', card);
  const { items } = await doctor.call('GET', `${records(doctor)}?limit=5`, recordList);
  expect(items.map((item) => item.record)).toEqual([record]);
  expect(await doctor.call('GET', `${records(doctor)}/${record}`, recordRead)).toMatchObject({ body: '{"score":1}' });
  expect(
    (await doctor.call('GET', `${records(doctor).replace('/records', '/types')}`, recordTypes)).types,
  ).toMatchObject([{ name: 'visit', version: 1 }]);
});

describe('A01 broken access control', () => {
  test("others' relations, records, versions, files, views; by whatever address", async () => {
    const own = records(thief, 'bert');
    const refusals = [];
    for (const [method, path, body] of [
      ['GET', records(first)],
      ['GET', `${records(first)}/${secret}`],
      ['POST', records(first), wanted()],
      ['GET', `${own}/${secret}`],
      ['GET', `${own}/${secret}/versions`],
      ['GET', `${own}/${secret}/files/1`],
      ['POST', `${own}/${secret}/versions`, { version: 2, typeVersion: 1, body: '{"score":2}', signature: null }],
      ['GET', `${own}?after=${secret}`],
      ['GET', records(first).replace('/records', '/view')],
      ['POST', records(first).replace('/records', '/export'), { publicKey: base64url(new Uint8Array(32)) }],
      ['GET', records(first).replace('/records', '/types')],
    ] as const) {
      refusals.push(thief.call(method, path, anything, body));
    }
    for (const refusal of await Promise.allSettled(refusals)) {
      expect(refusal).toMatchObject({ status: 'rejected', reason: { code: 'not-found' } });
    }
    // The patient's view needs the card in a session of its own.
    await expect(first.call('GET', records(first).replace('/records', '/view'), anything)).rejects.toEqual(
      code('forbidden'),
    );
  });

  test('what withholds a record answers byte by byte like what never was', async () => {
    await doctor.visit('anna', 'reidentify', card);
    const answers = await Promise.all(
      [secret, base64url(network.rng(16))].map((name) =>
        doctor.call('GET', `${records(doctor)}/${name}`, anything).catch((error: Error) => error),
      ),
    );
    expect(answers[0]).toEqual(answers[1]);
  });

  test('administrators’ addresses are not there for partners', async () => {
    for (const path of ['/v1/alarms', '/v1/research', '/v1/exports', '/v1/modules/hips/types']) {
      await expect(thief.call('GET', path, anything), path).rejects.toEqual(code('not-found'));
    }
    // The positive control: on the socket they are.
    expect(
      (await network.administrator((api) => api.call(listRecordTypes, { params: { module: 'hips' } }))).types,
    ).toHaveLength(1);
  });

  test('a physician of another module reaches nothing by the same ids', async () => {
    const stranger = await network.client('stranger', { from: network.other });
    await stranger.logIn('knees');
    for (const path of [records(first), `${records(first)}/${secret}`]) {
      await expect(stranger.call('GET', path, anything)).rejects.toEqual(code('not-found'));
    }
  });
});

describe('A03 injection', () => {
  const texts = [
    "' OR '1'='1",
    '"; DROP TABLE record; --',
    '../../status',
    '%2e%2e%2f',
    'a b',
    '0',
    `${'A'.repeat(21)}'`,
  ];
  test.each(texts)('%s as whatever is named', async (text) => {
    const named = encodeURIComponent(text);
    for (const path of [
      `/v1/relations/${named}/records`,
      `${records(first)}/${named}`,
      `${records(first)}/${secret}/files/${named}`,
      `${records(first)}?type=${named}`,
      `${records(first)}?after=${named}`,
      `${records(first)}?limit=${named}`,
      `${records(first)}/${secret}?version=${named}`,
    ]) {
      const refused = first.call('GET', path, anything);
      await expect(refused, path).rejects.toMatchObject({
        code: expect.stringMatching(/^(request-invalid|not-found)$/),
      });
    }
    for (const change of [{ record: text }, { type: text }, { group: text }, { body: text }]) {
      const refused = first.call('POST', records(first), anything, wanted(change));
      await expect(refused).rejects.toMatchObject({
        code: expect.stringMatching(/^(request-invalid|record-invalid|not-found)$/),
      });
    }
    expect((await first.call('GET', records(first), recordList)).items.length).toBeGreaterThan(0);
  });
});

describe('A04 insecure design', () => {
  const more = {
    physician: 'x',
    institution: 'x',
    draft: false,
    recordedAt: 1,
    module: 'knees',
    relation: 'x',
    version: 7,
    id: 1,
    own: true,
  };
  test.each(Object.entries(more))('mass assignment: %s', async (name, value) => {
    const refused = first.call('POST', records(first), anything, wanted({ [name]: value }));
    await expect(refused).rejects.toEqual(code('request-invalid'));
  });

  test('oversized bodies, files and pages', async () => {
    const large = wanted({ body: JSON.stringify({ score: 1, note: 'x'.repeat(mostRecordCharacters) }) });
    await expect(first.call('POST', records(first), anything, large)).rejects.toEqual(code('request-invalid'));
    const larger = wanted({ body: 'x'.repeat(2 ** 20) });
    await expect(first.call('POST', records(first), anything, larger)).rejects.toEqual(code('body-too-large'));
    await expect(first.call('GET', `${records(first)}?limit=501`, anything)).rejects.toEqual(code('request-invalid'));
    const path = `${records(first)}/${secret}/files`;
    expect((await raw(first, { method: 'POST', path }, Buffer.alloc(100))).status).toBe(422);
    expect((await raw(first, { method: 'POST', path }, Buffer.alloc(mostFileBytes + 1))).status).toBe(413);
  });
});

describe('A05 misconfiguration', () => {
  test('malformed requests are answered in words, with nothing of the server', async () => {
    for (const [options, body] of [
      [
        { method: 'POST', path: records(first), headers: { 'content-type': 'application/json' } },
        Buffer.from('{"record":'),
      ],
      [
        { method: 'POST', path: records(first), headers: { 'content-type': 'application/json' } },
        Buffer.from([0xff, 0xfe]),
      ],
      [
        { method: 'POST', path: records(first), headers: { 'content-type': 'text/xml' } },
        Buffer.from('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
      ],
      [{ method: 'PUT', path: records(first) }, Buffer.from('')],
      [{ method: 'GET', path: '/v1/nothing' }, undefined],
    ] as const) {
      const { status, text, headers } = await raw(first, options, body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(text).not.toMatch(/node_modules|\.ts:|\n +at |SQLITE|root:/);
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });
});

describe('A07 authentication', () => {
  test('no token, a wrong one, another installation’s', async () => {
    const { token } = first;
    const stolen = network.clientOf(...thief.again());
    for (const value of [undefined, base64url(new Uint8Array(32)), 'x', token]) {
      stolen.token = value;
      await expect(stolen.call('GET', records(first), anything)).rejects.toEqual(code('unauthenticated'));
    }
  });
});

describe('A08 integrity', () => {
  test('keys twice, prototypes and broken texts in a body', async () => {
    for (const body of [
      '{"score":1,"score":2}',
      '{"score":1,"__proto__":{"own":true}}',
      '{"score":1,"constructor":{"prototype":{}}}',
      '{"score":1e999}',
      '{"score":"\\ud800"}',
      '[]',
      'null',
    ]) {
      const refused = first.call('POST', records(first), anything, wanted({ body }));
      await expect(refused, body).rejects.toMatchObject({ code: expect.stringMatching(/^(request|record)-invalid$/) });
    }
  });

  test('a signature of something else', async () => {
    const signature = base64url(await first.physician.card.sign(fromBase64url(secret)));
    await expect(first.call('POST', records(first), anything, wanted({ signature }))).rejects.toEqual(
      code('bad-signature'),
    );
  });
});

test('A09 logging: what was refused is in the log with who and why, and nothing of it; many are an alarm', async () => {
  const prying = await network.client('prying');
  await prying.logIn();
  await prying.visit('carl', 'relate');
  for (let i = 0; i < 6; i++)
    await prying.call('GET', `${records(prying, 'carl')}/${secret}`, anything).catch(() => undefined);
  const body = JSON.stringify({ score: 1, note: 'write to anna@example.org' });
  await prying.call('POST', records(prying, 'carl'), anything, wanted({ body })).catch(() => undefined);
  const database = await openDatabase(network.centre);
  try {
    const rows = await database.selectFrom('log_entry').select('event').orderBy('index').execute();
    const events = rows.map(({ event }) => Buffer.from(event!).toString());
    const own = events
      .filter((text) => text.includes('record-refused'))
      .map((text) => JSON.parse(text))
      .filter(({ physician }) => physician === prying.physician.physician);
    expect(own.map((event) => event.code)).toEqual([...Array(6).fill('not-found'), 'record-identifies']);
    expect(events.join('\n')).not.toMatch(/anna@example|Bearer/);
    for (const client of [first, prying]) expect(events.join('\n')).not.toContain(client.token!);
    const alarms = await database.selectFrom('registry_alarm').select(['kind', 'physician']).execute();
    expect(
      alarms.filter(({ kind, physician }) => kind === 'many-failures' && physician === prying.physician.physician),
    ).toHaveLength(1);
  } finally {
    await database.destroy();
  }
});

test('A10 server-side requests: a schema that names another server is refused before anything is asked', async () => {
  const schema = JSON.stringify({
    type: 'object',
    additionalProperties: false,
    properties: { x: { $ref: 'http://127.0.0.1:9/x.json' } },
  });
  const asked = network.administrator((api) =>
    api.call(addRecordType, { params: { module: 'hips' }, body: { name: 'ssrf', schema } }),
  );
  await expect(asked).rejects.toEqual(code('record-type'));
});

/** A request as it is written here. */
function raw(
  client: Client,
  options: { readonly method: string; readonly path: string; readonly headers?: Readonly<Record<string, string>> },
  body: Buffer | undefined,
): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
  const [, , home] = client.again();
  const { hostname, port } = new URL(network.centre.card.address);
  const { certificate: cert, key } = home.tls();
  const headers = {
    authorization: `Bearer ${client.token}`,
    'content-type': 'application/octet-stream',
    ...options.headers,
  };
  const tls = { cert, key, ca: [organisationCertificate(network.centre.card)] };
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, ...options, ...tls, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, text: Buffer.concat(parts).toString(), headers: answer.headers }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
