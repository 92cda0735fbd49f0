import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { systemRng } from '@symbolon/crypto';
import { localClient } from '@symbolon/service';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { removeDataset } from '../src/api/datasets.ts';
import { openContext } from '../src/context.ts';
import { addUploaded } from '../src/datasets/uploaded.ts';
import { Uploads } from '../src/datasets/uploads.ts';
import { configure } from './alert-network.ts';
import { agree, quiet, testNetwork } from './network.ts';

const csv = 'id,born,value\n1,1980-05-17,4.5\n2,1980-06-17,5.5\n3,,6.5\n4,1981-01-01,7,9,9\n';

/** The server of an organisation, asked by its owner. */
async function served(settings: object = {}) {
  const network = await testNetwork();
  onTestFinished(() => network.close());
  configure(network, 'fred', settings);
  await network.start();
  const home = network.homes.fred.path;
  const folder = join(home, 'uploads');
  const client = localClient(network.homes.fred);
  onTestFinished(() => client.close());
  const sending = (name: string, length: number, kind = 'csv') =>
    request({
      socketPath: join(home, 'symbolon.sock'),
      method: 'POST',
      path: `/v1/datasets/${name}/file?kind=${kind}`,
      headers: { 'content-type': 'application/octet-stream', 'content-length': length },
    });
  const send = async (name: string, text: string | Uint8Array, kind?: string) => {
    const asked = sending(name, Buffer.byteLength(text), kind);
    asked.end(text);
    const [answered] = await once(asked, 'response');
    let body = '';
    for await (const chunk of answered) body += chunk;
    return { status: answered.statusCode as number, body: JSON.parse(body) };
  };
  const remove = (name: string) => client.call('DELETE', `/v1/datasets/${name}`, { answer: removeDataset.answer });
  const files = () => (existsSync(folder) ? readdirSync(folder) : []);
  return { network, home, folder, client, sending, send, remove, files };
}

test('a file that is sent becomes a data set, in a folder that is its owner’s alone', async () => {
  const { send, files, folder, client } = await served();
  const { status, body } = await send('lab', csv);
  expect([status, body]).toMatchObject([200, { name: 'lab', rows: 3, problemCount: 1, uploaded: true }]);
  const [file] = files();
  expect(file).toMatch(/^lab-[0-9a-f]{16}\.csv$/);
  expect([statSync(folder).mode & 0o777, statSync(join(folder, file!)).mode & 0o777]).toEqual([0o700, 0o600]);
  expect(readFileSync(join(folder, file!), 'utf8')).toBe(csv);
  const shown = await client.call('GET', '/v1/datasets/lab', { answer: z.looseObject({}) });
  expect(shown).toMatchObject({ uploaded: true, source: { kind: 'csv', path: join(folder, file!) } });
});

test('another file of that name takes the place of the first, which is deleted; with the data set goes its file', async () => {
  const { send, files, remove, network, client } = await served();
  await send('lab', csv);
  const before = files();
  expect((await send('lab', 'id\n1\n')).body).toMatchObject({ rows: 1 });
  expect(files()).toHaveLength(1);
  expect(files()).not.toEqual(before);
  const path = join(network.folder, 'members.csv');
  const source = { kind: 'csv', path };
  await client.call('POST', '/v1/datasets', { body: { name: 'lab', source }, answer: z.looseObject({}) });
  expect(files()).toEqual([]);
  await remove('lab');
  expect(existsSync(path)).toBe(true);
  await send('lab', csv);
  await remove('lab');
  expect(files()).toEqual([]);
  await expect(remove('lab')).rejects.toMatchObject({ code: 'not-found' });
});

test('what is refused leaves nothing: a name, a kind, a size, content that is no table', async () => {
  const { send, files } = await served({ uploadMegabytes: 1 });
  expect((await send('..%2f..%2fkeys', csv)).status).toBe(400);
  expect((await send('Lab', csv)).status).toBe(400);
  expect((await send('lab', csv, 'exe')).status).toBe(400);
  const { status, body } = await send('lab', new Uint8Array(1_000_001));
  expect([status, body]).toMatchObject([
    413,
    { detail: 'the file has 2 MB; this server takes 1 at most', hint: expect.stringContaining('uploadMegabytes') },
  ]);
  for (const [text, kind] of [
    ['', 'csv'],
    ['no parquet', 'parquet'],
    ['1,2\n3,4\n', 'csv'],
  ] as const) {
    const refused = await send('lab', text, kind);
    expect(refused).toMatchObject({ status: 422, body: { type: 'urn:symbolon:error:data-malformed' } });
    expect(refused.body.detail).toMatch(/^the file/);
  }
  expect(files()).toEqual([]);
});

test('a server that takes no files says so', async () => {
  const { send, files } = await served({ uploadMegabytes: 0 });
  expect(await send('lab', csv)).toMatchObject({ status: 403, body: { culprit: 'uploadMegabytes' } });
  expect(files()).toEqual([]);
});

test('a connection that is cut leaves nothing, and the file can be sent again', async () => {
  const { sending, send, files, folder } = await served();
  const asked = sending('lab', 1_000_000);
  asked.on('error', () => undefined);
  asked.write(new Uint8Array(300_000));
  await vi.waitFor(() => expect(files()).toEqual([expect.stringMatching(/\.part$/)]));
  expect(statSync(join(folder, files()[0]!)).mode & 0o777).toBe(0o600);
  asked.destroy();
  await vi.waitFor(() => expect(files()).toEqual([]));
  expect((await send('lab', csv)).status).toBe(200);
});

test('a disk without room, and too many at once', async () => {
  const { network } = await served();
  const uploads = new Uploads(network.homes.fred.path, systemRng);
  const { bavail, bsize } = statfsSync(network.homes.fred.path);
  const huge = { bytes: (async function* () {})(), length: bavail * bsize };
  const wanted = { name: 'lab', kind: 'csv', most: Number.MAX_SAFE_INTEGER } as const;
  await expect(uploads.keep(wanted, huge)).rejects.toMatchObject({ code: 'storage-full' });
  const fails = (async function* (): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1);
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  })();
  await expect(uploads.keep(wanted, { bytes: fails, length: 10 })).rejects.toMatchObject({ code: 'storage-full' });
  let go = (): void => undefined;
  const waiting = new Promise<void>((resolve) => {
    go = resolve;
  });
  const slow = async function* (): AsyncGenerator<Uint8Array> {
    await waiting;
    yield Uint8Array.of(1);
  };
  const four = Array.from({ length: 4 }, () => uploads.keep(wanted, { bytes: slow(), length: 1 }));
  await expect(uploads.keep(wanted, { bytes: slow(), length: 1 })).rejects.toMatchObject({ code: 'too-many-requests' });
  go();
  expect(new Set(await Promise.all(four)).size).toBe(4);
});

test('a server that starts deletes what no data set names', async () => {
  const { network, send, files, folder } = await served();
  await send('lab', csv);
  const kept = files();
  await network.stop('fred');
  mkdirSync(folder, { recursive: true });
  for (const left of ['x-1.csv.part', 'x-2.csv']) writeFileSync(join(folder, left), 'a\n1\n');
  await network.start();
  expect(files()).toEqual(kept);
});

test('a data set that an agreement names stays, and so does one on hold, its file too', async () => {
  const { network, home, remove, send, files } = await served();
  await agree(network, { signed: false });
  await expect(remove('members')).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining("names the data set 'members'"),
  });
  await send('lab', csv);
  const kept = files();
  const context = await openContext(home, { logger: quiet });
  onTestFinished(() => context.close());
  await context.holds.set('lab', { reason: 'Case 12', by: 'petra' });
  expect((await send('lab', csv)).body).toMatchObject({ type: 'urn:symbolon:error:legal-hold' });
  const path = join(network.folder, 'members.csv');
  await expect(context.datasets.add('lab', { kind: 'csv', path })).rejects.toMatchObject({ code: 'legal-hold' });
  const bytes = (async function* () {
    yield Buffer.from(csv);
  })();
  const again = addUploaded(context, { name: 'lab', kind: 'csv', most: 1e6 }, { bytes, length: csv.length });
  await expect(again).rejects.toMatchObject({ code: 'legal-hold' });
  await expect(remove('lab')).rejects.toMatchObject({ code: 'legal-hold' });
  expect(files()).toEqual(kept);
});
