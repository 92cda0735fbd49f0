import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyAgreement, verifySealedStatement } from '@symbolon/agreement';
import { fromBase64url, parseDocument } from '@symbolon/crypto';
import { type ApiClient, localClient, openHome, unwrapSecret } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as api from '../src/api/outsource.ts';
import { eventsOf } from './network.ts';
import { answered, approved, ended, newestRun, sealPatients } from './sealed-calls.ts';
import { passphrase, patientsCsv, type SealedNetwork, sealedAgreement, sealedNetwork } from './sealed-network.ts';

const sql =
  'SELECT treated, COUNT(*) AS n, SUM(cost) AS cost FROM patients WHERE age >= 30 GROUP BY treated ORDER BY treated';

describe("the owner's gateway", () => {
  let network: SealedNetwork;
  let client: ApiClient;
  let agreement: string;
  let table: number;
  let question: number;
  beforeAll(async () => {
    network = await sealedNetwork();
    agreement = await network.agree(sealedAgreement({ minPatients: 60 }));
    await network.start();
    client = network.client();
    const key = await client.call(api.makeSealKey, { body: { agreement, passphrase } });
    expect(key).toMatchObject({ id: 1, state: 'active', open: true, tables: [] });
    table = await sealPatients(client, agreement, key.id);
    question = await approved(client, agreement, sql);
  });
  afterAll(() => network.close());

  test('shows what the rows in the clear come to, signed and logged', async () => {
    const { items } = await client.call(api.listSealedTables, { query: {} });
    const columns = ['age', 'cost', 'region', 'treated'];
    expect(items).toMatchObject([{ id: table, state: 'uploaded', rows: 400, leftOut: 0, columns }]);
    const { id, rows, recomputed } = await answered(client, question);
    expect(recomputed).toBe('same');
    expect(rows).toEqual(clear(30, 200));
    const { statement } = await client.call(api.getSealedStatement, { params: { run: id } });
    const agreed = verifyAgreement(parseDocument(await network.as(({ agreements }) => agreements.export(agreement))));
    const stated = verifySealedStatement(parseDocument(fromBase64url(statement!)), agreed);
    expect(stated).toMatchObject({ owner: 'hospital', compute: 'cloud', recomputed: true, rows: 400 });
    expect(await newestRun(client)).toMatchObject({ id, state: 'done', logEpoch: 1 });
    expect(await network.as((organisation) => eventsOf(organisation, 'sealed-done'))).toHaveLength(1);
    expect(await network.as(({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: 1, faults: [] });
  });

  test('a request that is sent twice makes one key, and one run', async () => {
    const plain = localClient(openHome(network.homes.hospital.path));
    const twice = async (path: string, body: object) => {
      const headers = { 'idempotency-key': `twice-${path}` };
      const once = () => plain.call('POST', path, { body, answer: z.record(z.string(), z.unknown()), headers });
      return [await once(), await once()];
    };
    try {
      const [key, sameKey] = await twice('/v1/seal-keys', { agreement, passphrase });
      expect(sameKey!.id).toBe(key!.id);
      const [run, sameRun] = await twice('/v1/sealed-runs', { question });
      expect(sameRun).toEqual(run);
      await ended(client, Promise.resolve({ job: Number(run!.job) }));
      await client.call(api.lockSealKey, { params: { key: Number(key!.id) } });
    } finally {
      await plain.close();
    }
    expect((await client.call(api.listSealKeys, { query: {} })).items).toHaveLength(2);
    expect((await client.call(api.listSealedRuns, { query: {} })).items).toHaveLength(2);
  });

  test('withholds groups of few patients', async () => {
    const few = await approved(client, agreement, sql.replace('age >= 30', 'age >= 30 AND age < 60'));
    const { rows, cells } = await answered(client, few);
    const [untreated, treated] = clear(30, 60);
    expect(Number(treated![1])).toBeLessThan(60);
    expect(rows).toEqual([untreated, ['true', null, null]]);
    expect(cells.find(({ keys }) => keys[0] === 'true')!.suppressed).toEqual([true, true]);
  });

  test('a method of studies is computed as well', async () => {
    const file = [
      'name: cost',
      'title: Cost by treatment',
      'agreement: none',
      'to: [hospital]',
      'method: t-test',
      'sql: SELECT cost AS value, treated AS grp FROM patients',
    ].join('\n');
    const { method, recomputed } = await answered(client, await approved(client, agreement, file));
    expect(recomputed).toBe('same');
    expect(method).toMatchObject({ method: 'Welch t-test', n: 400 });
  });

  test.each<[string, string, string]>([
    [
      'a column that may only be summed, as a group',
      'study-policy',
      'SELECT cost, COUNT(*) FROM patients GROUP BY cost',
    ],
    ['a table that is not listed', 'study-unknown-column', 'SELECT COUNT(*) FROM others'],
    ['a band cut through', 'circuit', 'SELECT COUNT(*) FROM patients WHERE age > 33'],
  ])('refuses %s', async (_, code, text) => {
    await expect(approved(client, agreement, text).then((id) => answered(client, id))).rejects.toMatchObject({ code });
  });

  test('runs nothing that people have not approved, or have taken back', async () => {
    const { id } = await client.call(api.askSealed, { body: { agreement, text: `${sql} LIMIT 1` } });
    await expect(answered(client, id)).rejects.toMatchObject({ code: 'unapproved' });
    expect(await newestRun(client)).toMatchObject({ question: id, state: 'failed', openedAt: null });
    await client.call(api.approveSealed, { params: { question: id } });
    await client.call(api.withdrawSealedApproval, { params: { question: id } });
    await expect(answered(client, id)).rejects.toMatchObject({ code: 'unapproved' });
  });

  test('opens nothing while the key is locked, and needs its passphrase then', async () => {
    const params = { key: 1 };
    await client.call(api.lockSealKey, { params });
    await expect(answered(client, question)).rejects.toMatchObject({ code: 'seal-key' });
    const wrong = { params, body: { passphrase: `${passphrase}?` } };
    await expect(client.call(api.unlockSealKey, wrong)).rejects.toMatchObject({ code: 'passphrase-wrong' });
    await expect(answered(client, question)).rejects.toMatchObject({ code: 'seal-key' });
    expect(await client.call(api.unlockSealKey, { params, body: { passphrase } })).toMatchObject({ open: true });
    expect((await answered(client, question)).rows).toEqual(clear(30, 200));
  });

  test('says so where the rows have changed since, or are gone', async () => {
    try {
      writeFileSync(network.file, patientsCsv().replace('P7,', 'P7777,').replace(',no,', ',yes,'));
      expect(await answered(client, question)).toMatchObject({ recomputed: 'rows-changed', rows: clear(30, 200) });
      rmSync(network.file);
      expect(await answered(client, question)).toMatchObject({ recomputed: 'rows-gone', rows: clear(30, 200) });
    } finally {
      writeFileSync(network.file, patientsCsv());
    }
  });

  test('neither passphrase nor secret is anywhere in the folder', async () => {
    const { path } = network.homes.hospital;
    const files = readdirSync(path, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const holds = (bytes: Uint8Array): boolean =>
      files.some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(Buffer.from(bytes)));
    const folder = join(path, 'seal');
    const wrapped = readdirSync(folder).find((file) => file.endsWith('.key'))!;
    const text = readFileSync(join(folder, wrapped), 'utf8');
    const { name } = JSON.parse(text) as { name: string };
    const secret = await unwrapSecret(text, name, passphrase);
    expect(holds(Buffer.from(passphrase))).toBe(false);
    expect(holds(secret.subarray(100_000, 100_032))).toBe(false);
    expect(holds(secret.subarray(-32))).toBe(false);
    expect(holds(Buffer.from('Encrypted patients'))).toBe(true);
    const evaluation = files.find((file) => file.name.endsWith('.evaluation'))!;
    expect(holds(readFileSync(join(evaluation.parentPath, evaluation.name)).subarray(100_000, 100_032))).toBe(true);
  });

  test('a server that computes on other ciphertexts is found out; the key is retired, and its tables move to another', async () => {
    const { table: id } = (await client.call(api.listSealedTables, { query: {} })).items[0]!;
    const folder = join(network.homes.cloud.path, 'tables', 'hospital', id);
    for (let column = 1; column < readdirSync(folder).length / 2; column++) {
      copyFileSync(join(folder, `${column}.column`), join(folder, `${column - 1}.column`));
    }
    await expect(answered(client, question)).rejects.toMatchObject({ code: 'fhe-check' });
    expect(await newestRun(client)).toMatchObject({ state: 'failed' });
    const keys = async () => (await client.call(api.listSealKeys, { query: {} })).items;
    expect((await keys())[0]).toMatchObject({ state: 'retired', tables: [table] });
    await expect(answered(client, question)).rejects.toMatchObject({ code: 'not-found' });
    expect(await network.as((organisation) => eventsOf(organisation, 'seal-key-retired'))).toHaveLength(1);
    await expect(sealPatients(client, agreement, 1)).rejects.toMatchObject({ code: 'seal-key' });

    const { id: to } = await client.call(api.makeSealKey, { body: { agreement, passphrase } });
    await ended(client, client.call(api.rotateSealKey, { params: { key: 1 }, body: { to } }));
    expect((await keys())[0]).toMatchObject({ state: 'destroyed', tables: [] });
    expect((await keys()).at(-1)).toMatchObject({ id: to, state: 'active', tables: [table + 1] });
    expect(readdirSync(join(network.homes.cloud.path, 'tables', 'hospital'))).toHaveLength(1);
    expect(await answered(client, question)).toMatchObject({ recomputed: 'same', rows: clear(30, 200) });
  });

  test('a table is deleted here and there', async () => {
    await client.call(api.removeSealedTable, { params: { table: table + 1 } });
    expect(readdirSync(join(network.homes.cloud.path, 'tables', 'hospital'))).toEqual([]);
    await expect(answered(client, question)).rejects.toMatchObject({ code: 'not-found' });
  });
});

/** Patients of an age, by treatment: how many, and their cost, by plain arithmetic. */
function clear(from: number, until: number): (string | null)[][] {
  const [, ...lines] = patientsCsv().trim().split('\n');
  const rows = lines.map((line) => line.split(','));
  return ['no', 'yes'].map((treated) => {
    const own = rows.filter(
      (row) => row[1] === treated && row[3] !== '' && Number(row[3]) >= from && Number(row[3]) < until,
    );
    const cents = own.reduce((sum, row) => sum + Math.round(Number(row[4]) * 100), 0);
    return [String(treated === 'yes'), String(own.length), (cents / 100).toFixed(2)];
  });
}
