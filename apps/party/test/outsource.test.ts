import { verifyAgreement, verifySealedStatement } from '@symbolon/agreement';
import { fromBase64url, parseDocument } from '@symbolon/crypto';
import type { ApiClient } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getJob } from '../src/api/jobs.ts';
import * as api from '../src/api/outsource.ts';
import { passphrase, patientsCsv, type SealedNetwork, sealedNetwork } from './sealed-network.ts';

/** Follows a job to its end. Throws what ended it. @returns the number of what it made */
async function ended(client: ApiClient, begin: Promise<{ job: number }>): Promise<number> {
  const params = await begin;
  for (;;) {
    const { state, run, error } = await client.call(getJob, { params });
    if (state === 'done') return run!;
    if (state === 'failed') throw Object.assign(new Error(error!.message), error);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const sql =
  'SELECT treated, COUNT(*) AS n, SUM(cost) AS cost, AVG(age) AS age FROM patients WHERE age >= 30 AND age < 60 GROUP BY treated ORDER BY treated';

describe("the owner's gateway", () => {
  let network: SealedNetwork;
  let client: ApiClient;
  let agreement: string;
  beforeAll(async () => {
    network = await sealedNetwork();
    agreement = await network.agree();
    await network.start();
    client = network.client();
  }, 60_000);
  afterAll(() => network.close());

  test('makes a key, encrypts, uploads, asks, and shows what the rows in the clear come to', {
    timeout: 60_000,
  }, async () => {
    const key = await client.call(api.makeSealKey, { body: { agreement, passphrase } });
    expect(key).toMatchObject({ id: 1, state: 'active', open: true, tables: [] });
    const wanted = { agreement, name: 'patients', key: 1, cuts: { age: ['30', '60'] } };
    const table = await ended(client, client.call(api.encryptTable, { body: wanted }));
    await ended(client, client.call(api.uploadTable, { params: { table } }));
    const { items } = await client.call(api.listSealedTables, { query: {} });
    expect(items).toMatchObject([
      { id: table, state: 'uploaded', rows: 400, leftOut: 0, columns: ['age', 'cost', 'region', 'treated'] },
    ]);

    const asked = await client.call(api.askSealed, { body: { agreement, text: sql } });
    expect(asked.words.join('\n')).toContain('age');
    const run = () => ended(client, client.call(api.runSealed, { body: { question: asked.id } }));
    await expect(run()).rejects.toMatchObject({ code: 'unapproved' });
    await client.call(api.approveSealed, { params: { question: asked.id } });
    const id = await run();
    const { released } = await client.call(api.getSealedResult, { params: { run: id } });
    expect(released).toMatchObject({ recomputed: 'same', columns: ['treated', 'n', 'cost', 'age'] });
    expect(released!.rows.map((row) => row.slice(0, 3))).toEqual(clear());
    const { statement } = await client.call(api.getSealedStatement, { params: { run: id } });
    const agreed = verifyAgreement(parseDocument(await network.as(({ agreements }) => agreements.export(agreement))));
    const stated = verifySealedStatement(parseDocument(fromBase64url(statement!)), agreed);
    expect(stated).toMatchObject({ owner: 'hospital', compute: 'cloud', recomputed: true, rows: 400 });
    expect((await client.call(api.getSealedRun, { params: { run: id } })).logIndex).not.toBeNull();
  });
});

/** The same by plain arithmetic. */
function clear(): (string | null)[][] {
  const rows = patientsCsv()
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  return ['no', 'yes'].map((treated) => {
    const own = rows.filter(
      (row) => row[1] === treated && row[3] !== '' && Number(row[3]) >= 30 && Number(row[3]) < 60,
    );
    const cents = own.reduce((sum, row) => sum + Math.round(Number(row[4]) * 100), 0);
    return [String(treated === 'yes'), String(own.length), (cents / 100).toFixed(2)];
  });
}
