import { runLinkOn } from '@symbolon/party';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';

describe.skipIf(!hasBrowser)('an agreement with several purposes that is renewed', () => {
  const stage = setStage();
  let hash: string;
  beforeAll(async () => {
    hash = await stage.world.redraft(await stage.world.link({ signed: false }), {
      purpose: {
        text: 'Who is cared for by both.',
        uses: ['HRESCH', 'CAREMGT'],
        legalBasis: ['GDPR 6(1)(a)', 'GDPR 9(2)(a)'],
      },
      renewal: { months: 12, until: '2040-01-01', noticeDays: 7 },
    });
  });

  test('whoever runs it chooses the purpose; one that it does not name is refused', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    await page.goto(`/links/${hash}`);
    await page.getByRole('combobox', { name: 'What for' }).click();
    expect(await page.getByRole('option').allTextContents()).toEqual(['research', 'care management']);
    await page.getByRole('option', { name: 'care management' }).click();
    await expectAccessible(page, 'link-purpose');
    const asked = page.waitForRequest((request) => request.method() === 'POST' && /link-runs$/.test(request.url()));
    await page.getByRole('button', { name: 'Find the patients that we share' }).click();
    expect((await asked).postDataJSON()).toMatchObject({ purpose: 'CAREMGT' });
    await page.getByRole('region', { name: 'Runs', exact: true }).getByText('done').waitFor();
    await stage.world.as('fred', 'anton', async (_, client) => {
      await expect(runLinkOn(client, { agreement: hash, purpose: 'HMARKT' }, {})).rejects.toMatchObject({
        message: expect.stringContaining('HMARKT'),
      });
    });
    expectClean();
  });

  test('a privacy officer lets it end with its term: both see it', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'paula');
    await page.goto(`/agreements/${hash}`);
    await page.getByRole('button', { name: 'Do not renew' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It runs on until the term ends, and is not renewed.').waitFor();
    await dialog.getByLabel(/^Reason/).fill('The project ends.');
    await dialog.getByRole('button', { name: 'Do not renew' }).click();
    await dialog.waitFor({ state: 'detached' });
    const sally = await stage.pageOf('sally', 'paula');
    await sally.page.goto(`/agreements/${hash}/history`);
    await sally.page.getByText('The project ends.').waitFor();
    await expectAccessible(sally.page, 'agreement-not-renewed');
    sally.expectClean();
    expectClean();
  });
});
