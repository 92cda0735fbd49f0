import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import * as api from '../src/api/outsource.ts';
import { answered, approved, ended, newestRun, sealPatients } from './sealed-calls.ts';
import { passphrase, patientsCsv, type SealedNetwork, sealedAgreement, sealedNetwork } from './sealed-network.ts';

const sql = 'SELECT treated, COUNT(*) AS n, SUM(cost) AS cost FROM patients GROUP BY treated ORDER BY treated';
const body = { passphrase };

let network: SealedNetwork;
let agreement: string;
afterEach(() => network.close());

async function begin(count: number, terms = {}): Promise<void> {
  network = await sealedNetwork(patientsCsv(count));
  agreement = await network.agree(sealedAgreement(terms));
  await network.start();
}

/** Starts the hospital's server as a process that dies there. */
async function dying(kind: string, when: string): Promise<{ child: ChildProcess; died: Promise<void> }> {
  await network.stop('hospital');
  const script = join(import.meta.dirname, 'dying-gateway.ts');
  const child = fork(script, [network.homes.hospital.path, kind, when], { execArgv: [] });
  const died = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await Promise.race([new Promise((resolve) => child.once('message', resolve)), died]);
  return { child, died };
}

/** Starts the server, opens keys, and asks. */
async function answeredBy(keys: readonly number[], question: number) {
  await network.start('hospital');
  const client = network.client();
  for (const key of keys) await client.call(api.unlockSealKey, { params: { key }, body });
  return answered(client, question);
}

/** What is logged of a rotation, in order; a kill is before or after each. */
const steps = [
  'sealed-table-begun',
  'sealed-table-encrypted',
  'sealed-table-uploaded',
  'sealed-table-deleted',
  'seal-key-destroyed',
];
const all = steps.flatMap((step) => [`${step} before`, `${step} after`]);
const some = [
  'sealed-table-encrypted before',
  'sealed-table-uploaded before',
  'sealed-table-uploaded after',
  'seal-key-destroyed after',
];
const points = process.env.SLOW === '1' ? all : some;

test('a rotation of a table whose rows are gone survives a kill at every step', async () => {
  // Two chunks.
  await begin(7500);
  const before = network.client();
  const from = (await before.call(api.makeSealKey, { body: { agreement, passphrase } })).id;
  await sealPatients(before, agreement, from);
  const question = await approved(before, agreement, sql);
  const expected = await answered(before, question);
  const to = (await before.call(api.makeSealKey, { body: { agreement, passphrase } })).id;
  rmSync(network.file);
  for (const point of points) {
    const [kind, when] = point.split(' ') as [string, string];
    const { died } = await dying(kind, when);
    const client = network.client();
    for (const key of [from, to]) await client.call(api.unlockSealKey, { params: { key }, body });
    const rotation = client.call(api.rotateSealKey, { params: { key: from }, body: { to } });
    await Promise.all([rotation.catch(() => undefined), died]);
    // Whatever is at the server by now answers as before.
    if (kind === 'sealed-table-uploaded') expect((await answeredBy([from, to], question)).rows).toEqual(expected.rows);
  }
  await network.start('hospital');
  const client = network.client();
  const { items } = await client.call(api.listSealKeys, { query: {} });
  expect(items).toMatchObject([
    { id: from, state: 'destroyed', tables: [] },
    { id: to, state: 'active', tables: [2] },
  ]);
  expect(readdirSync(join(network.homes.hospital.path, 'seal'))).toHaveLength(2);
  expect(readdirSync(join(network.homes.hospital.path, 'sealed'))).toEqual([]);
  expect(readdirSync(join(network.homes.cloud.path, 'tables', 'hospital'))).toHaveLength(1);
  expect(await answeredBy([to], question)).toMatchObject({ rows: expected.rows, recomputed: 'rows-gone' });
});

test('a run in which the server was killed goes on; what is half encrypted is deleted', async () => {
  // The one that goes on is the last.
  await begin(300, { maxRuns: 2 });
  const before = network.client();
  const { id: key } = await before.call(api.makeSealKey, { body: { agreement, passphrase } });
  await sealPatients(before, agreement, key);
  const question = await approved(before, agreement, sql);
  const expected = await answered(before, question);

  const first = await dying('sealed-done', 'before');
  const client = network.client();
  await client.call(api.unlockSealKey, { params: { key }, body });
  const running = client.call(api.runSealed, { body: { question } });
  await Promise.all([running.catch(() => undefined), first.died]);
  await network.start('hospital');
  const again = network.client();
  const stopped = await newestRun(again);
  expect(stopped).toMatchObject({ state: 'stopped', logIndex: null });
  const params = { run: stopped.id };
  await expect(again.call(api.resumeSealedRun, { params })).rejects.toMatchObject({ code: 'seal-key' });
  await again.call(api.unlockSealKey, { params: { key }, body });
  expect(await ended(again, again.call(api.resumeSealedRun, { params }))).toBe(stopped.id);
  const { released } = await again.call(api.getSealedResult, { params });
  expect(released).toMatchObject({ rows: expected.rows, recomputed: 'same' });
  await expect(again.call(api.resumeSealedRun, { params })).rejects.toMatchObject({ code: 'conflict' });

  const second = await dying('sealed-table-encrypted', 'before');
  const third = network.client();
  await third.call(api.unlockSealKey, { params: { key }, body });
  const wanted = { agreement, name: 'patients', key, cuts: {} };
  await Promise.all([third.call(api.encryptTable, { body: wanted }).catch(() => undefined), second.died]);
  const sealed = join(network.homes.hospital.path, 'sealed');
  expect(readdirSync(sealed)).toHaveLength(1);
  await network.start('hospital');
  expect(existsSync(sealed) ? readdirSync(sealed) : []).toEqual([]);
  const { items } = await network.client().call(api.listSealedTables, { query: {} });
  expect(items.map(({ state }) => state)).toEqual(['uploaded', 'deleted']);
});
