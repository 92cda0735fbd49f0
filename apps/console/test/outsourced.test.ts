import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersign, startCompute } from '@symbolon/compute';
import { sealed } from '@symbolon/party';
import { addPartner, createHome, createLogger, type Running } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import type { World } from './support/world.ts';

const passphrase = 'vierzehn grüne Zebras am Fluss';
const logger = createLogger({ id: 'console-test', logLevel: 'silent' });

/** Fred's members, encrypted for a server that he does not trust. */
const agreed = {
  kind: 'agreement',
  version: 1,
  title: 'Encrypted members',
  predecessor: null,
  parties: ['fred', 'cloud'],
  keyService: 'keys',
  outsourcing: {
    owner: 'fred',
    compute: 'cloud',
    tables: {
      members: {
        dataset: 'people',
        maxRows: 1000,
        patient: 'medicaid',
        onePerPatient: true,
        columns: {
          medicaid: { type: 'text', policy: 'join', required: true },
          app: { type: 'boolean', policy: 'group', required: true },
          cost: { type: 'number', policy: 'aggregate', min: '0', max: '1000' },
        },
      },
    },
    methods: ['select', 'score'],
    minPatients: 5,
    maxRuns: 50,
  },
  pads: 'expanded',
  term: { from: '2020-01-01', until: '2099-12-31' },
};

/** A compute server that knows Fred and has signed. */
async function agreeWithCloud(world: World): Promise<Running> {
  const cloud = await createHome({
    ...{ path: join(world.folder, 'cloud'), id: 'cloud', name: 'Cloud of the University', role: 'compute' },
    ...{ host: '127.0.0.1', port: 0, settings: { processes: 1, maxRequestsPerMinute: 10_000 } },
    now: () => new Date(),
  });
  for (const other of Object.values(world.homes)) cloud.partners.add(other.cardFile);
  const card = Buffer.from(cloud.cardFile).toString();
  await world.as('fred', 'otto', (_, client) => client.call(addPartner, { body: { card } }));
  await world.as('fred', 'paula', async ({ agreements }) => {
    const { hash } = await agreements.draftText(JSON.stringify(agreed), 'json');
    await agreements.sign(hash);
    await agreements.receive(await countersign(cloud.path, await agreements.export(hash)));
  });
  return startCompute({ homePath: cloud.path, logger });
}

describe.skipIf(!hasBrowser)('Outsourced', () => {
  const stage = setStage();
  let cloud: Running | undefined;
  beforeAll(async () => {
    cloud = await agreeWithCloud(stage.world);
  });
  afterAll(async () => {
    await cloud?.close();
  });

  test('a table is encrypted and sent by its steward, asked by an analyst, approved by the privacy officer, and read here alone', async () => {
    const steward = await stage.pageOf('fred', 'stella');
    await steward.page.goto('/outsourced/keys');
    await steward.page.getByLabel(/^Passphrase/).fill('short');
    await steward.page.getByRole('button', { name: 'Make a key' }).click();
    await steward.page.getByRole('alert').waitFor();
    await steward.page.getByLabel(/^Passphrase/).fill(passphrase);
    await steward.page.getByRole('button', { name: 'Make a key' }).click();
    await steward.page.getByText('in use, open').waitFor();
    await expectAccessible(steward.page, 'outsourced-keys');
    await steward.page.getByRole('tab', { name: 'Tables' }).click();
    await steward.page.getByRole('button', { name: 'Encrypt', exact: true }).click();
    await steward.page.getByRole('button', { name: 'Send to the compute server' }).click();
    await steward.page.getByRole('cell', { name: 'at the compute server' }).waitFor();
    await expectAccessible(steward.page, 'outsourced-tables');

    const analyst = await stage.pageOf('fred', 'anton');
    await analyst.page.goto('/outsourced/questions');
    await analyst.page.getByLabel(/^SQL/).fill('SELECT medicaid, COUNT(*) AS n FROM members GROUP BY medicaid');
    await analyst.page.getByRole('button', { name: 'Ask', exact: true }).click();
    await analyst.page.getByRole('alert').waitFor();
    await analyst.page
      .getByLabel(/^SQL/)
      .fill('SELECT app, COUNT(*) AS n, SUM(cost) AS cost FROM members GROUP BY app');
    await analyst.page.getByRole('button', { name: 'Ask', exact: true }).click();
    await analyst.page.getByText('0 of 1 approvals').waitFor();
    expect(await analyst.page.getByRole('button', { name: 'Approve' }).count()).toBe(0);

    const officer = await stage.pageOf('fred', 'paula');
    await officer.page.goto('/outsourced/questions');
    await officer.page.getByRole('button', { name: 'Approve' }).click();
    await officer.page.getByText('1 of 1 approvals').waitFor();
    await expectAccessible(officer.page, 'outsourced-questions');

    await analyst.page.reload();
    await analyst.page.getByRole('button', { name: 'Run' }).click();
    await analyst.page.waitForURL(/\/outsourced\/runs\/\d+$/);
    await analyst.page.getByText(/The same was computed from the records in the clear/).waitFor();
    // Every third of Fred's sixty members has the app.
    const cells = await analyst.page.getByRole('row').filter({ hasText: 'true' }).getByRole('cell').allTextContents();
    const costs = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 100 + ((i * 137) % 900) : 0));
    expect(cells).toEqual(['true', '20', String(costs.reduce((sum, cost) => sum + cost, 0))]);
    await expectAccessible(analyst.page, 'outsourced-result');

    await steward.page.getByRole('tab', { name: 'Keys' }).click();
    await steward.page.getByRole('button', { name: 'Lock' }).click();
    await steward.page.getByText('in use, locked').waitFor();
    await steward.page.getByLabel('Passphrase: Key 1').fill('another one');
    await steward.page.getByRole('button', { name: 'Open', exact: true }).click();
    await steward.page.getByRole('alert').waitFor();
    for (const { expectClean } of [steward, analyst, officer]) expectClean();
  });

  test('scores of patients are for data stewards alone: who ran the model sees how many there are', async () => {
    const steward = await stage.pageOf('fred', 'stella');
    await steward.page.goto('/outsourced/keys');
    await steward.page.getByRole('combobox', { name: 'For' }).click();
    await steward.page.getByRole('option', { name: 'scores of patients' }).click();
    await steward.page.getByLabel(/^Passphrase( \*)?$/).fill(passphrase);
    await steward.page.getByRole('button', { name: 'Make a key' }).click();
    await steward.page.getByText('in use, open').waitFor();
    await steward.page.getByRole('tab', { name: 'Tables' }).click();
    await steward.page.getByLabel('Columns that scores are computed from').fill('app, cost');
    await steward.page.getByRole('button', { name: 'Encrypt', exact: true }).click();
    await steward.page.getByRole('button', { name: 'Send to the compute server' }).click();
    await steward.page
      .getByRole('row')
      .filter({ hasText: 'for scores of patients' })
      .getByText('at the compute server')
      .waitFor();
    await expectAccessible(steward.page, 'outsourced-tables-scores');

    const analyst = await stage.pageOf('fred', 'anton');
    await analyst.page.goto('/outsourced/questions');
    const model = { scores: 'members', kind: 'linear', intercept: 1, weights: { app: 2, cost: 0.01 } };
    await analyst.page.getByLabel(/^SQL/).fill(JSON.stringify(model));
    await analyst.page.getByRole('button', { name: 'Ask', exact: true }).click();
    await analyst.page.getByText('for the eyes of data stewards alone').waitFor();
    await stage.world.as('fred', 'paula', (_, client) =>
      client.call(sealed.approveSealed, { params: { question: 2 } }),
    );
    await analyst.page.reload();
    await analyst.page.getByRole('button', { name: 'Run' }).first().click();
    await analyst.page.waitForURL(/\/outsourced\/runs\/\d+$/);
    await analyst.page.getByText('60 patients have a score.').waitFor();
    expect(await analyst.page.getByRole('button', { name: 'Save as CSV' }).count()).toBe(0);
    const run = Number(/\d+$/.exec(analyst.page.url())![0]);
    expect((await analyst.page.request.get(`/v1/sealed-runs/${run}/scores`)).status()).toBe(403);
    expect((await analyst.page.request.get(`/v1/sealed-runs/${run}/result`)).status()).toBe(403);

    await steward.page.goto(`/outsourced/runs/${run}`);
    const saving = steward.page.waitForEvent('download');
    await steward.page.getByRole('button', { name: 'Save as CSV' }).click();
    const [header, ...lines] = readFileSync(await (await saving).path(), 'utf8')
      .trim()
      .split('\n');
    expect([header, lines.length]).toEqual(['patient,score', 60]);
    const costs = Array.from({ length: 60 }, (_, i) => 100 + ((i * 137) % 900));
    for (const [i, line] of lines.entries())
      expect(Number(line.split(',')[1])).toBeCloseTo(1 + (i % 3 === 0 ? 2 : 0) + 0.01 * costs[i]!, 2);
    await expectAccessible(steward.page, 'outsourced-scores');
    for (const { expectClean } of [steward, analyst]) expectClean();
  });

  test('an auditor sees what there is, opens no key, and reads no result', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'audrey');
    await page.goto('/outsourced/keys');
    await page
      .getByRole('cell', { name: /in use/ })
      .first()
      .waitFor();
    expect(await page.getByRole('button', { name: 'Make a key' }).count()).toBe(0);
    expect(await page.getByLabel(/^Passphrase/).count()).toBe(0);
    const results = await page.request.get('/v1/sealed-runs/1/result');
    expect(results.status()).toBe(403);
    expectClean();
  });
});
