import { join } from 'node:path';
import { countersign } from '@symbolon/compute';
import { base64url } from '@symbolon/crypto';
import { createHome } from '@symbolon/service';
import { expect, onTestFinished, test } from 'vitest';
import * as api from '../src/api/outsource.ts';
import { Organisation } from '../src/index.ts';
import { quiet } from './network.ts';
import { answered, approved, newestRun, sealPatients } from './sealed-calls.ts';
import { passphrase, type SealedNetwork, sealedAgreement, sealedNetwork } from './sealed-network.ts';

const month = new Date().toISOString().slice(0, 7);
const sql = 'SELECT treated, COUNT(*) AS n FROM patients GROUP BY treated';

test('a question to an encrypted table under a licence takes from its quota, costs what a run costs, and is in the statement with its proof', async () => {
  const network = await sealedNetwork();
  onTestFinished(() => network.close());
  const researcher = await withResearcher(network);
  const hash = await licence(network, researcher);
  await network.start();
  const client = network.client();
  const { id: key } = await client.call(api.makeSealKey, { body: { agreement: hash, passphrase } });
  await sealPatients(client, hash, key);
  const question = await approved(client, hash, sql);
  const { id } = await answered(client, question);
  await answered(client, question);
  await expect(answered(client, question)).rejects.toMatchObject({
    code: 'agreement-limit',
    message: expect.stringContaining('researcher has used all 2 runs a month'),
  });
  expect(await newestRun(client)).toMatchObject({ state: 'failed', openedAt: null });

  expect(await network.as(({ market }) => market.show(hash))).toMatchObject({
    licensee: 'researcher',
    owners: ['hospital'],
    used: { day: 2, month: 2, term: 2 },
  });
  const [, first] = await network.as(({ market }) => market.uses());
  expect(first).toMatchObject({ run: id, study: 'patients', sealed: true, initiator: 'researcher', to: ['hospital'] });
  const file = await network.as(({ market }) => market.state(hash, month));
  const verified = await researcher(({ market }) => market.verify(file));
  const cost = { study: 'patients', sealed: true, initiator: 'researcher', amount: '120.50' };
  expect(verified.statement).toMatchObject({ runs: [cost, cost], total: '241', split: { hospital: '241' } });
  expect(verified.proofs!.map(({ entry }) => entry)).toEqual([expect.any(Number), expect.any(Number)]);
  // The owner alone states these: whoever pays is told that it does not know them.
  expect(verified).toMatchObject({ missing: [], unknown: verified.statement.runs.map(({ attempt }) => attempt) });
  // A run that is stated twice, or that the log does not hold, is no run.
  const [one] = file.runs;
  const twice = researcher(({ market }) => market.verify({ ...file, runs: [one, one] }));
  await expect(twice).rejects.toMatchObject({ code: 'peer-disagrees' });
  const proofs = file.runs.map(({ proof }) => proof).reverse();
  const swapped = file.runs.map((run, i) => ({ ...run, proof: proofs[i]! }));
  await expect(researcher(({ market }) => market.verify({ ...file, runs: swapped }))).rejects.toMatchObject({
    code: 'peer-disagrees',
    culprit: 'hospital',
  });
});

type As = <T>(work: (organisation: Organisation) => Promise<T>) => Promise<T>;

/** An organisation that holds no data and knows all. */
async function withResearcher({ folder, homes }: SealedNetwork): Promise<As> {
  const home = await createHome({
    ...{ path: join(folder, 'researcher'), id: 'researcher', name: 'The researcher', role: 'party' },
    ...{ host: '127.0.0.1', port: 0, now: () => new Date() },
  });
  for (const other of Object.values(homes)) {
    home.partners.add(other.cardFile);
    other.partners.add(home.cardFile);
  }
  return async (work) => {
    const organisation = await Organisation.open(home.path, { logger: quiet });
    try {
      return await work(organisation);
    } finally {
      await organisation.close();
    }
  };
}

/** Drafted at the hospital, signed by all. @returns its hash */
async function licence({ as, homes }: SealedNetwork, researcher: As): Promise<string> {
  const { outsourcing } = JSON.parse(sealedAgreement()) as {
    outsourcing: { tables: { patients: { dataset: string } } };
  };
  const { dataset, ...patients } = outsourcing.tables.patients;
  const source = sealedAgreement(
    {},
    {
      parties: ['researcher', 'hospital', 'cloud'],
      licence: {
        licensee: 'researcher',
        offers: [{ party: 'hospital', offer: base64url(new Uint8Array(32)) }],
      },
      studies: {
        tables: { others: { holders: [{ party: 'hospital', dataset }], ...patients } },
        joins: [],
        minPatients: 5,
        list: [],
        free: { by: ['researcher'], tables: ['others'], methods: ['select'], to: ['researcher'], maxRuns: 5 },
      },
      price: { currency: 'EUR', perRun: '120.50', paidBy: ['researcher'], split: { hospital: '100' } },
      quota: { researcher: { perMonth: 2 } },
    },
  );
  return as(async ({ agreements }) => {
    const { hash } = await agreements.draftText(source, 'json');
    await agreements.sign(hash);
    const two = await countersign(homes.cloud.path, await agreements.export(hash));
    const three = await researcher(async (own) => {
      await own.agreements.receive(two);
      await own.agreements.sign(hash);
      return own.agreements.export(hash);
    });
    await agreements.receive(three);
    return hash;
  });
}
