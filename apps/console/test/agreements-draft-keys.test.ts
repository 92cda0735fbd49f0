import { describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { choose, described, fillWhoseData, keepDraft } from './support/drafts.ts';
import { setStage } from './support/stage.ts';

describe.skipIf(!hasBrowser)('the draft of a link with blocking keys, price and quota', () => {
  const stage = setStage();

  test('keys are built of columns and checked while they are; the agreement has them, and what is paid', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    await page.goto('/agreements/new/link');
    await fillWhoseData(page, stage.world, 'Members by keys');
    await choose(page, 'Your column', 'name');
    await choose(page, 'Agree when', 'enough characters agree');
    await page.getByText('This can be computed securely.').waitFor();
    await page.getByText('Every record of yours is compared with every one', { exact: false }).waitFor();

    // A page that is left alone asks nothing again.
    await page.waitForTimeout(1500);
    let previews = 0;
    page.on('request', (request) => {
      if (request.url().includes('/link-previews')) previews++;
    });
    await page.waitForTimeout(2500);
    expect(previews).toBe(0);
    const keep = page.getByRole('button', { name: 'Keep the draft' });
    await page.getByRole('button', { name: 'Add a key' }).click();
    expect(await keep.isDisabled()).toBe(true);
    await choose(page, 'Your key column', 'born');
    expect(await page.getByRole('combobox', { name: 'Partner’s key column' }).inputValue()).toBe('born');
    await page.getByRole('button', { name: 'Equal in this column, too' }).click();
    await choose(page, 'Your key column', 'name', 1);
    await choose(page, 'Equal in', 'the beginning', 1);
    await page.getByLabel('Characters of it').fill('4');
    await page.getByRole('button', { name: 'Add another key' }).click();
    await choose(page, 'Your key column', 'medicaid', 2);
    await choose(page, 'Partner’s key column', 'born', 2);
    await page
      .getByRole('alert')
      .getByText(/blocking key 2/)
      .waitFor();
    await choose(page, 'Partner’s key column', 'medicaid', 2);
    await page.getByText('This can be computed securely.').waitFor();
    await page.getByRole('button', { name: 'Add another key' }).click();
    await page.getByRole('button', { name: 'Remove part 1 of key 3' }).click();
    await page.getByLabel('Records of a table that one value brings together, at most').fill('4');
    await page.getByLabel("Runs that Sally's EHR may start in the whole term").fill('0');
    await choose(page, /^Who pays/, "Sally's EHR");
    await page.getByLabel('Currency').fill('CHF');
    await page.getByLabel('For a month that has begun').fill('300');
    await page.getByText('This can be computed securely.').waitFor();
    await expectAccessible(page, 'agreements-draft-keys');
    const hash = await keepDraft(page);
    const { agreement } = await stage.world.as('fred', 'audrey', ({ agreements }) => agreements.show(hash));
    expect(agreement.link?.blocking).toEqual({
      keys: ['a.born = b.born AND left(a.name, 4) = left(b.name, 4)', 'a.medicaid = b.medicaid'],
      cap: 4,
    });
    expect(Object.keys(agreement.tables?.a.columns ?? {}).sort()).toEqual(['born', 'medicaid', 'name']);
    expect(agreement.quota).toEqual({ sally: { perTerm: 0 } });
    expect(agreement.price).toEqual({ currency: 'CHF', perMonth: '300', paidBy: ['sally'], split: { fred: '100' } });
    expectClean();
  });

  test('who may not draft is refused', async () => {
    const { page } = await stage.pageOf('fred', 'audrey');
    await page.goto('/agreements');
    await page.getByRole('heading', { name: 'Agreements', exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'New agreement' }).count()).toBe(0);
    const { csrf } = await (await page.request.get('/v1/me')).json();
    const draft = {
      ...{ title: 'Mine', as: 'a', partner: 'sally', keyService: 'keys', dataset: 'people', rule: 'a.name = b.name' },
      partnerDataset: JSON.parse(await described(stage.world, 'sally')),
      ...{ maxRows: 100, maxRuns: 1, term: { from: '2026-01-01', until: '2036-01-01' } },
      ...{ blocking: { keys: ['a.born = b.born'], cap: 4 }, quota: { fred: { perTerm: 1 } } },
    };
    for (const [path, data] of [
      ['link-drafts', draft],
      ['link-previews', draft],
      ['drafts', { source: 'kind: agreement', format: 'yaml' }],
    ] as const) {
      const headers = { 'x-csrf-token': csrf, 'idempotency-key': 'test-of-a-role-1234' };
      const refused = await page.request.post(`/v1/agreements/${path}`, { headers, data });
      expect([path, refused.status()]).toEqual([path, 403]);
    }
    expect(await stage.world.as('fred', 'audrey', ({ agreements }) => agreements.list())).not.toContainEqual(
      expect.objectContaining({ title: 'Mine' }),
    );
  });
});
