import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64url, hashLabelled, systemRng, utf8 } from '@symbolon/crypto';
import { localClient, readRequestKey } from '@symbolon/service';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { configure } from './alert-network.ts';
import { agree, eventsOf, testNetwork } from './network.ts';

const password = 'vqx7-marmot-trellis-98';
const person = 'CANARY-4711';

test('what is kept of requests about people names nobody and gives no secret twice', async () => {
  const network = await testNetwork();
  onTestFinished(() => network.close());
  await agree(network, { signed: false });
  const sources = [{ name: 'ehr', kind: 'fhir', port: 0 }];
  configure(network, 'fred', { alerts: { sources, patients: { patients: { birthDateColumn: 'born' } } } });
  await network.start();
  const { fred: home } = network.homes;
  const client = localClient(home);
  onTestFinished(() => client.close());
  const post = (path: string, body: object | undefined, key: string) =>
    client.call('POST', path, {
      answer: z.looseObject({}),
      headers: { 'idempotency-key': key },
      ...(body && { body }),
    });

  const named = { column: 'medicaid', values: [person] };
  const hold = { dataset: 'members', column: 'medicaid', value: person, reason: 'Case 12 of the court' };
  const asked: [path: string, body: object][] = [
    ['/v1/datasets/members/opt-outs', named],
    ['/v1/datasets/members/opt-ins', named],
    ['/v1/datasets/members/erasures', named],
    ['/v1/legal-holds', hold],
  ];
  for (const [path, body] of asked) {
    const first = await post(path, body, `key of ${path}`.replaceAll(' ', '-'));
    expect(await post(path, body, `key of ${path}`.replaceAll(' ', '-'))).toEqual(first);
    const other = { ...body, column: 'name' };
    const reused = post(path, other, `key of ${path}`.replaceAll(' ', '-'));
    await expect(reused).rejects.toMatchObject({ code: 'key-reused' });
  }
  const logged = (kind: string) => network.fred(async (fred) => (await eventsOf(fred, kind)).length);
  const kinds = ['subjects-opted-out', 'subjects-opted-in', 'subjects-erased', 'hold-set'];
  expect(await Promise.all(kinds.map(logged))).toEqual([1, 1, 1, 1]);

  const ada = { id: 'ada', name: 'Ada', roles: ['operator'] };
  const setup = await post('/v1/users', ada, 'key-of-a-user');
  const again = post('/v1/users', ada, 'key-of-a-user');
  await expect(again).rejects.toMatchObject({ code: 'answer-not-kept', hint: expect.stringContaining('--for ID') });
  const { code } = await post('/v1/users/ada/setup', undefined, 'key-of-a-code');
  await expect(post('/v1/users/ada/setup', undefined, 'key-of-a-code')).rejects.toMatchObject({
    code: 'answer-not-kept',
  });
  const source = '/v1/alert-sources/ehr/token';
  const { token } = await post(source, undefined, 'key-of-a-token');
  await expect(post(source, undefined, 'key-of-a-token')).rejects.toMatchObject({ code: 'answer-not-kept' });
  expect(await Promise.all(['user-created', 'user-setup-code', 'alert-token-made'].map(logged))).toEqual([1, 1, 1]);
  await post('/v1/setup', { code, password }, 'key-of-a-password');

  const files = readdirSync(home.path).filter((name) => name.startsWith('symbolon.db'));
  const disk = Buffer.concat(files.map((name) => readFileSync(join(home.path, name))));
  const holds = (text: string) => disk.includes(text);
  const texts = asked.map(([path, body]) => ['POST', path, JSON.stringify(body)]);
  const unkeyed = [
    person,
    person.toLowerCase(),
    ...texts.map((words) => words.join('')),
    ...texts.map(([, , body]) => body!),
  ];
  const hashes = unkeyed.flatMap((text) => [hash('sha256', text, 'hex'), hash('sha256', text, 'base64url')]);
  const labelled = texts.map((words) => base64url(hashLabelled('symbolon/api/request/1', ...words.map(utf8))));
  const secrets = [setup.code, code, token, password] as string[];
  expect([...unkeyed, ...hashes, ...labelled, ...secrets].filter(holds)).toEqual([]);
  // The control: what is meant to be there is found, the keyed hashes of just these words too.
  const key = readRequestKey(home, systemRng);
  expect([...texts.map((words) => key.mark(words)), hold.reason].filter((text) => !holds(text))).toEqual([]);
});
