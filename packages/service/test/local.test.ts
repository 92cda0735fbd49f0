import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type Api,
  addPartner,
  apiClient,
  createLocalServer,
  createLogger,
  describeError,
  Idempotency,
  listPartners,
  localClient,
  openDatabaseFile,
  ownerAlone,
  partnerRoutes,
  RequestKey,
  RequestLog,
} from '../src/index.ts';
import { quiet, testHome } from './homes.ts';

test('the owner’s commands reach the server through a socket that is the owner’s alone', async () => {
  const [fred, sally] = [await testHome('fred'), await testHome('sally')];
  const client = apiClient(localClient(fred));
  onTestFinished(() => client.close());
  const list = async () => (await client.call(listPartners, {})).items;
  await expect(list()).rejects.toMatchObject({
    code: 'conflict',
    message: 'the server of fred is not running',
    hint: `Start it with: symbolon serve party --home ${fred.path}`,
  });
  // What a server that was killed leaves behind.
  writeFileSync(join(fred.path, 'symbolon.sock'), '');
  const database = await openDatabaseFile(':memory:', 'party');
  onTestFinished(() => database.destroy());
  const api: Api = {
    routes: partnerRoutes(fred),
    door: ownerAlone,
    authorize: async () => undefined,
    idempotency: new Idempotency(database, new RequestKey(new Uint8Array(32)), () => new Date()),
    requests: new RequestLog({ append: async () => 0 }, () => new Date()),
  };
  const server = createLocalServer({ home: fred, api, logger: quiet });
  await server.listen();
  onTestFinished(() => server.close());
  expect(statSync(join(fred.path, 'symbolon.sock')).mode & 0o777).toBe(0o600);
  expect(await list()).toEqual([]);
  await client.call(addPartner, { body: { card: sally.cardFile } });
  expect(await list()).toMatchObject([{ id: 'sally' }]);
  const second = createLocalServer({ home: fred, logger: quiet });
  await expect(second.listen()).rejects.toMatchObject({ code: 'conflict', culprit: fred.path });
  await second.close();
  expect(await list()).toHaveLength(1);
});

test('a log line holds no secret and no message of an unknown error', () => {
  const lines: string[] = [];
  const logger = createLogger({ id: 'fred', logLevel: 'debug' }, { write: (line) => lines.push(line) });
  logger.info({ seed: 'CANARY', session: { pads: 'CANARY' }, err: new Error('row 7: CANARY') }, 'hello');
  expect(lines.join('')).toContain('hello');
  expect(lines.join('')).not.toContain('CANARY');
  expect(describeError(new TypeError('CANARY'))).toMatchObject({ type: 'TypeError' });
  expect(JSON.stringify(describeError(new TypeError('CANARY')))).not.toContain('CANARY');
});
