import { runStudyOn } from '@symbolon/party';
import { describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';

describe.skipIf(!hasBrowser)('Market', () => {
  const stage = setStage();

  test('a data set is published, asked for, granted, used and accounted for: each step in the console of whose step it is', async () => {
    const steward = await stage.pageOf('sally', 'stella');
    await steward.page.getByRole('link', { name: 'Market' }).click();
    await steward.page.getByText(/There is no licence yet/).waitFor();
    await steward.page.getByRole('tab', { name: 'Our catalogue' }).click();
    await steward.page.getByRole('link', { name: 'Publish a data set' }).click();
    await steward.page.getByRole('combobox', { name: 'Data set' }).click();
    await steward.page.getByRole('option', { name: 'people' }).click();
    await steward.page.getByLabel(/^Title/).fill('Visits to the practice');
    await steward.page.getByLabel(/^Description/).fill('One row a patient, with the number of visits.');
    const policy = async (column: string, words: string): Promise<void> => {
      await steward.page.getByRole('combobox', { name: `What it may be used for: ${column}` }).click();
      await steward.page.getByRole('option', { name: words, exact: true }).click();
    };
    await policy('medicaid', 'finding the same people');
    await policy('visits', 'adding up, never one person');
    await steward.page.getByLabel('Price of a run (EUR)').fill('10');
    await steward.page.getByLabel('Runs a month, at most').fill('5');
    await expectAccessible(steward.page, 'market-publish');
    await steward.page.getByRole('button', { name: 'Sign and publish' }).click();
    await steward.page.getByRole('heading', { name: 'Visits to the practice' }).waitFor();
    expect(await steward.page.getByText('born').count()).toBe(0);
    await expectAccessible(steward.page, 'market-catalogue');

    const asker = await stage.pageOf('fred', 'paula');
    await asker.page.goto('/market/partners');
    await asker.page.getByRole('link', { name: 'Ask for a licence' }).click();
    await asker.page.getByLabel(/^Its SQL/).fill('SELECT COUNT(*) AS n, AVG(visits) AS visits FROM people');
    await asker.page.getByLabel(/^What for/).fill('How often members see a physician.');
    await expectAccessible(asker.page, 'market-request');
    await asker.page.getByRole('button', { name: 'Send the request' }).click();
    await asker.page.waitForURL(/\/market\/licences\//);
    await asker.page.getByText('proposed').waitFor();
    const hash = asker.page.url().split('/').at(-1)!;

    const owner = await stage.pageOf('sally', 'paula');
    await owner.page.getByRole('link', { name: 'Grant or decline the licence “Visits to the practice”' }).waitFor();
    expect(await owner.page.getByRole('link', { name: /Sign or decline the agreement/ }).count()).toBe(0);
    await owner.page.goto('/market');
    await owner.page.getByRole('cell', { name: "Fred's Health Insurance" }).waitFor();
    await owner.page.getByRole('link', { name: 'Visits to the practice' }).click();
    await owner.page.getByRole('button', { name: 'Grant the licence' }).waitFor();
    await owner.page.getByRole('row', { name: "Has not signed Sally's EHR" }).waitFor();
    await expectAccessible(owner.page, 'market-licence');
    await owner.page.getByRole('button', { name: 'Grant the licence' }).click();
    await owner.page.getByText('in force').waitFor();
    expect(await owner.page.getByRole('button', { name: 'Grant the licence' }).count()).toBe(0);

    await expect
      .poll(() => stage.world.as('fred', 'anton', async ({ agreements }) => (await agreements.show(hash)).state))
      .toBe('active');
    await stage.world.as('fred', 'anton', (_, client) => runStudyOn(client, { agreement: hash, study: 'first' }, {}));
    await owner.page.reload();
    await owner.page.getByRole('rowheader', { name: 'first' }).waitFor();
    const download = owner.page.waitForEvent('download');
    await owner.page.getByRole('button', { name: 'Signed statement (JSON)' }).click();
    const file = JSON.parse(await text(await (await download).createReadStream()));
    await owner.page.getByRole('row', { name: 'Runs that count 1' }).waitFor();
    await owner.page.getByRole('row', { name: 'Total 10 EUR' }).waitFor();
    await owner.page.getByRole('row', { name: "Of that to Sally's EHR 10 EUR" }).waitFor();
    await asker.page.goto('/market/statements');
    const check = async (text: string): Promise<void> =>
      asker.page
        .locator('input[type=file]')
        .setInputFiles({ name: 'statement.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    await check(JSON.stringify(file));
    await asker.page.getByText("Sally's EHR has signed it for", { exact: false }).waitFor();
    await asker.page.getByRole('row', { name: 'the same runs' }).waitFor();
    await asker.page.getByRole('row', { name: '1 of 1 runs' }).waitFor();
    await expectAccessible(asker.page, 'market-statement');
    const figures = JSON.parse(Buffer.from(file.statement.payload, 'base64url').toString());
    const payload = Buffer.from(JSON.stringify({ ...figures, total: '99.00' })).toString('base64url');
    await check(JSON.stringify({ ...file, statement: { ...file.statement, payload } }));
    await asker.page.getByText('This statement cannot be trusted').waitFor();
    await check('no statement');
    await asker.page.getByText('it is not JSON', { exact: false }).waitFor();
    steward.expectClean();
    owner.expectClean();
    asker.expectClean();
  });

  test('a request is declined with a reason; whoever asked sees that, and nobody can use it', async () => {
    const asker = await stage.pageOf('fred', 'paula');
    await asker.page.goto('/market/partners');
    await asker.page.getByRole('link', { name: 'Ask for a licence' }).click();
    await asker.page.getByLabel(/^Title/).fill('Asked once more');
    await asker.page.getByLabel(/^What for/).fill('Nothing that we could say.');
    await asker.page.getByRole('button', { name: 'Send the request' }).click();
    await asker.page.waitForURL(/\/market\/licences\//);
    const hash = asker.page.url().split('/').at(-1)!;

    const owner = await stage.pageOf('sally', 'paula');
    await owner.page.getByRole('link', { name: 'Grant or decline the licence “Asked once more”' }).click();
    await owner.page.getByRole('button', { name: 'Decline' }).waitFor();
    expect(await owner.page.getByRole('button', { name: 'Decline' }).isDisabled()).toBe(true);
    await owner.page.getByLabel(/^Why\?/).fill('We do not see what for.');
    await owner.page.getByRole('button', { name: 'Decline' }).click();
    await owner.page.getByText('declined').waitFor();
    await asker.page.getByText('declined').waitFor();
    await asker.page.getByRole('link', { name: /See the whole agreement/ }).click();
    await asker.page.getByText('We do not see what for.', { exact: false }).waitFor();
    await stage.world.as('fred', 'anton', async (_, client) => {
      const run = runStudyOn(client, { agreement: hash, study: 'first' }, {});
      await expect(run).rejects.toHaveProperty('code', expect.stringMatching(/^agreement-/));
    });
    owner.expectClean();
    asker.expectClean();
  });

  test('a request is answered by another price and a smaller quota', async () => {
    const asker = await stage.pageOf('fred', 'paula');
    await asker.page.goto('/market/partners');
    await asker.page.getByRole('link', { name: 'Ask for a licence' }).click();
    await asker.page.getByLabel(/^Title/).fill('Asked for less');
    await asker.page.getByLabel(/^What for/).fill('How often members see a physician.');
    await asker.page.getByRole('button', { name: 'Send the request' }).click();
    await asker.page.waitForURL(/\/market\/licences\//);
    const hash = asker.page.url().split('/').at(-1)!;

    const owner = await stage.pageOf('sally', 'paula');
    await owner.page.goto(`/market/licences/${hash}`);
    await owner.page.getByRole('link', { name: 'Ask for changes' }).click();
    await owner.page.getByLabel('A run costs (EUR)').fill('12.50');
    await owner.page.getByLabel("Runs that Fred's Health Insurance may start a month").fill('3');
    await expectAccessible(owner.page, 'market-answer');
    await owner.page.getByRole('button', { name: 'Keep the draft' }).click();
    await owner.page.getByRole('button', { name: 'Sign', exact: true }).click();
    await owner.page.getByRole('button', { name: 'Sign and send' }).click();
    await owner.page.getByText('Signed here. Waiting for').waitFor();

    await asker.page.goto(`/agreements/${hash}`);
    await asker.page.getByText('A partner has answered with another version.').waitFor();
    await asker.page.getByRole('link', { name: 'To that version' }).click();
    await asker.page.getByRole('tab', { name: 'Changes' }).click();
    await asker.page.getByText(/10 → 12\.50/).waitFor();
    await asker.page.getByText(/5 → 3/).waitFor();
    owner.expectClean();
    asker.expectClean();
  });

  test('an offer that is withdrawn is gone from the own catalogue and from what partners see', async () => {
    const { page, expectClean } = await stage.pageOf('sally', 'stella');
    await page.goto('/market/catalogue');
    await page.getByRole('heading', { name: 'Visits to the practice' }).waitFor();
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('We offer nothing yet.', { exact: false }).waitFor();
    const asker = await stage.pageOf('fred', 'paula');
    await asker.page.goto('/market/partners');
    await asker.page.getByText('This partner offers nothing to us.').waitFor();
    expectClean();
    asker.expectClean();
  });

  test('an auditor sees catalogues and may not publish; the server refuses it', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'audrey');
    await page.goto('/market');
    await page.getByRole('heading', { name: 'Market' }).waitFor();
    expect(await page.getByRole('link', { name: 'Publish a data set' }).count()).toBe(0);
    const { csrf } = await (await page.request.get('/v1/me')).json();
    const refused = await page.request.post('/v1/market/offers', {
      headers: { 'x-csrf-token': csrf, 'idempotency-key': 'test-of-a-role-5678' },
      data: { offer: {} },
    });
    expect(refused.status()).toBe(403);
    expectClean();
  });
});

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
