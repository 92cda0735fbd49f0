import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseVerifierKeys } from '@symbolon/ledger';
import {
  apiClient,
  type Disclosed,
  exportLog,
  localClient,
  logReading,
  openArchive,
  openDatabase,
  verifyLogFolder,
  writeBundle,
} from '@symbolon/service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { servedLog } from '../src/index.ts';
import { type TestNetwork, testNetwork } from './network.ts';

// More than two pages of events, and tiles of two levels.
const entries = 600;

let network: TestNetwork;
let folder: string;
let client: ReturnType<typeof apiClient>;
beforeAll(async () => {
  network = await testNetwork();
  folder = mkdtempSync(join(tmpdir(), 'symbolon-log-'));
  await network.fred(({ log }) =>
    Promise.all(Array.from({ length: entries }, (_, n) => log.append({ kind: 'test', n }))),
  );
  await network.start();
  client = apiClient(localClient(network.homes.fred));
});
afterAll(async () => {
  await client.close();
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Every file below a folder, by its path. */
function filesOf(path: string): Record<string, string> {
  const found = readdirSync(path, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return Object.fromEntries(
    found.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [file.slice(path.length), readFileSync(file, 'base64')];
    }),
  );
}

test.each<[string, Disclosed]>([
  ['no event', []],
  ['two events', [599, 3, 3]],
  ['all events', 'all'],
])('over HTTP, %s: the very files that the folder writes, and anybody can verify them', async (name, disclose) => {
  const [served, own] = ['served', 'own'].map((which) => join(folder, `${name} ${which}`)) as [string, string];
  const done = await writeBundle(await servedLog(client, disclose), served);
  const database = await openDatabase(network.homes.fred);
  try {
    expect(await exportLog(await openArchive(network.homes.fred, database), own, disclose)).toEqual(done);
  } finally {
    await database.destroy();
  }
  expect(filesOf(served)).toEqual(filesOf(own));
  const keys = parseVerifierKeys(readFileSync(join(served, 'keys'), 'utf8'));
  const { size, events, ok } = await verifyLogFolder(served, keys);
  expect([ok, size, events]).toEqual([true, done.entries, disclose === 'all' ? done.entries : new Set(disclose).size]);
  await expect(writeBundle(await servedLog(client, disclose), served)).rejects.toMatchObject({ code: 'conflict' });
});

test('while the log grows, an export stays that of its checkpoint', async () => {
  const bundle = await servedLog(client, 'all');
  await network.fred(({ log }) => log.append({ kind: 'test', late: true }));
  const path = join(folder, 'grown');
  await writeBundle(bundle, path);
  const keys = parseVerifierKeys(readFileSync(join(path, 'keys'), 'utf8'));
  expect(await verifyLogFolder(path, keys)).toMatchObject({ ok: true, size: bundle.entries, events: bundle.entries });
});

test('what there is not is refused, and a server that leaves something out is found', async () => {
  await expect(servedLog(client, [], 7)).rejects.toMatchObject({ code: 'not-found' });
  const query = { entries: 10_000, from: 0 };
  await expect(client.call(logReading.exportLogTiles, { query })).rejects.toMatchObject({ code: 'not-found' });
  const unknown = { entries: 10, disclosed: '10', from: 0 };
  await expect(client.call(logReading.exportLogEvents, { query: unknown })).rejects.toMatchObject({
    code: 'not-found',
  });
  for (const disclosed of ['some', '1,,2', '-1', '1.5']) {
    const asked = client.call(logReading.exportLogEvents, { query: { ...unknown, disclosed } });
    await expect(asked).rejects.toMatchObject({ code: 'request-invalid' });
  }
  const bundle = await servedLog(client, []);
  const none = async function* (): AsyncGenerator<Uint8Array> {};
  await expect(writeBundle({ ...bundle, tiles: none }, join(folder, 'few'))).rejects.toMatchObject({
    code: 'bad-document',
  });
  const path = join(folder, 'altered');
  await writeBundle(bundle, path);
  const bytes = readFileSync(join(path, 'tile/entries/000'));
  bytes[40]! ^= 1;
  writeFileSync(join(path, 'tile/entries/000'), bytes);
  const keys = parseVerifierKeys(readFileSync(join(path, 'keys'), 'utf8'));
  expect(await verifyLogFolder(path, keys)).toMatchObject({ ok: false });
});
