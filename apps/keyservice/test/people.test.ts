import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiClient, createHome, freePort, homePaths, localClient, people, peopleClient } from '@symbolon/service';
import { expect, onTestFinished, test } from 'vitest';
import { startKeyservice } from '../src/index.ts';
import { quiet } from './network.ts';

const password = 'a tall kettle sings 7 tunes';
const codeOf = (promise: Promise<unknown>) => promise.catch((error: { code: string }) => error.code);

test('those who operate a key service log in over TLS, and others get nothing there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const params = { path: join(folder, 'keys'), id: 'keys', name: 'Keys', role: 'keyservice' as const };
  const home = await createHome({ ...params, host: '127.0.0.1', port: 0, now: () => new Date() });
  const port = await freePort('127.0.0.1');
  const file = homePaths(home.path).config;
  const settings = { people: { port, tls: 'home' } };
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), settings }));
  const running = await startKeyservice({ homePath: home.path, logger: quiet });
  onTestFinished(() => running.close());

  const owner = apiClient(localClient(home));
  const url = `https://127.0.0.1:${port}`;
  const ca = homePaths(home.path).organisationCertificate;
  const clients = [owner];
  onTestFinished(async () => void (await Promise.all(clients.map((each) => each.close()))));
  const as = (token?: string) => {
    const client = peopleClient({ url, ca, token });
    clients.push(client);
    return client;
  };
  const logIn = async (user: string) => {
    const { token } = await as().call(people.logIn, { body: { user, password } });
    return as(token);
  };
  for (const [id, role] of [
    ['olga', 'operator'],
    ['ada', 'analyst'],
  ] as const) {
    const { code } = await owner.call(people.addUser, { body: { id, name: id, roles: [role] } });
    await as().call(people.setUpPassword, { body: { code, password } });
  }
  const [olga, ada] = [await logIn('olga'), await logIn('ada')];
  expect((await olga.call(people.listUsers, {})).items.map(({ id }) => id)).toEqual(['ada', 'olga']);
  expect(await codeOf(ada.call(people.listUsers, {}))).toBe('forbidden');
  expect((await ada.call(people.getMe, {})).id).toBe('ada');
  expect(await codeOf(as().call(people.listUsers, {}))).toBe('unauthenticated');
  expect(await codeOf(as('x'.repeat(43)).call(people.getMe, {}))).toBe('unauthenticated');
});
