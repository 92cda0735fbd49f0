import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { choose } from './support/drafts.ts';
import { setStage } from './support/stage.ts';
import { tables } from './support/world.ts';

const [first, second] = tables()
  .fred.split('\n')
  .slice(1)
  .map((line) => line.split(',')[0]!) as [string, string];

describe.skipIf(!hasBrowser)('Patients’ requests', () => {
  const stage = setStage();
  beforeAll(async () => {
    await stage.world.link();
  });
  const name = async (page: Page, people: string): Promise<void> => {
    await choose(page, 'Column', 'medicaid');
    await page.getByLabel(/^People/).fill(people);
  };
  const enter = (page: Page) => page.getByRole('button', { name: 'Enter', exact: true });

  test('a privacy officer leaves people out, in part and wholly, takes one back, and erases one: counts are shown, never who', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'paula');
    await page.getByRole('link', { name: 'Patients’ requests' }).click();
    await page.getByText('Nobody has asked to be left out.').waitFor();
    expect(await enter(page).isDisabled()).toBe(true);
    await name(page, `${first}\n${second}\n`);
    await choose(page, 'In what', 'in runs for one purpose');
    await choose(page, 'Purpose', 'public health');
    await page.getByLabel('From which day on').fill('2031-02-01');
    await expectAccessible(page, 'requests-form');
    await enter(page).click();
    await page.getByText('2 people: entered. 2 records are theirs now.').waitFor();
    await page.getByRole('cell', { name: 'runs for public health, from 2031-02-01 on' }).waitFor();
    expect(await page.getByLabel(/^People/).inputValue()).toBe('');

    await name(page, 'M-nobody');
    await choose(page, 'In what', 'under one agreement');
    expect(await enter(page).isDisabled()).toBe(true);
    await page.getByRole('combobox', { name: 'Agreement' }).click();
    await page.getByRole('option', { name: /^Members who are patients/ }).click();
    await page.getByLabel('From which day on').fill('');
    await enter(page).click();
    await page.getByText(/One person: entered\. No record is theirs now: this may be a mistyped name/).waitFor();
    await page.getByRole('cell', { name: 'the agreement “Members who are patients”' }).waitFor();

    await name(page, first);
    await choose(page, 'What they ask', 'to take part again');
    await choose(page, 'In what', 'in runs for one purpose');
    await enter(page).click();
    await page.getByRole('row', { name: /medicaid 1 runs for public health/ }).waitFor();

    await choose(page, 'What they ask', 'to be erased');
    expect(await page.getByRole('button', { name: 'Erase', exact: true }).isDisabled()).toBe(true);
    await name(page, first);
    await page.getByRole('button', { name: 'Erase', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Erase one person?' });
    await dialog.getByText('Released statistics and what partners have learnt stay.', { exact: false }).waitFor();
    expect(await dialog.getByRole('button', { name: 'Erase' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('erase');
    await dialog.getByRole('button', { name: 'Erase' }).click();
    await page.getByText('Deleted here: 0 matches, 0 alerts.').waitFor();
    await page.getByRole('cell', { name: 'everything; what was kept of them is erased' }).waitFor();
    await expectAccessible(page, 'requests');
    expect(await page.locator('main').textContent()).not.toContain(first);
    expect(page.url()).not.toContain(first);
    expectClean();
  });

  test('a legal hold forbids to erase until two people have lifted it', async () => {
    const steward = await stage.pageOf('fred', 'stella');
    await steward.page.goto('/requests/holds');
    await steward.page.getByText('There is no legal hold.').waitFor();
    await steward.page.getByLabel(/^Reason/).fill('Case 12/2027');
    await steward.page.getByRole('button', { name: 'Set', exact: true }).click();
    const row = (page: Page) => page.getByRole('row', { name: /Case 12\/2027/ });
    await row(steward.page).getByText('stands until two people lift it').waitFor();
    await expectAccessible(steward.page, 'requests-holds');
    await steward.page.getByRole('tab', { name: 'Who takes no part' }).click();
    await name(steward.page, second);
    await choose(steward.page, 'What they ask', 'to be erased');
    await steward.page.getByRole('button', { name: 'Erase', exact: true }).click();
    const dialog = steward.page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('erase');
    await dialog.getByRole('button', { name: 'Erase' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'legal-hold' }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    const officer = await stage.pageOf('fred', 'paula');
    for (const { page } of [steward, officer]) {
      await page.goto('/requests/holds');
      await row(page).getByRole('button', { name: 'Lift' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Lift' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await row(page).getByRole('button', { name: 'Lift' }).count()).toBe(0);
      if (page === steward.page)
        await row(page)
          .getByText(/stella has lifted it/)
          .waitFor();
    }
    await row(officer.page).getByText('lifted by stella, paula').waitFor();
    steward.expectClean();
    officer.expectClean();
  });

  test('an auditor sees counts and holds, and enters nothing; an analyst sees none of it', async () => {
    const auditor = await stage.pageOf('fred', 'audrey');
    await auditor.page.getByRole('link', { name: 'Patients’ requests' }).click();
    await auditor.page.getByRole('columnheader', { name: 'Told apart by' }).waitFor();
    expect(await enter(auditor.page).count()).toBe(0);
    const analyst = await stage.pageOf('fred', 'anton');
    expect(await analyst.page.getByRole('link', { name: 'Patients’ requests' }).count()).toBe(0);
    for (const { page } of [auditor, analyst]) {
      const { csrf } = await (await page.request.get('/v1/me')).json();
      const headers = { 'x-csrf-token': csrf, 'idempotency-key': 'a-role-that-may-not' };
      for (const [path, data] of [
        ['datasets/people/opt-outs', { column: 'medicaid', values: ['M1'] }],
        ['datasets/people/opt-ins', { column: 'medicaid', values: ['M1'] }],
        ['datasets/people/erasures', { column: 'medicaid', values: ['M1'] }],
        ['legal-holds', { dataset: 'people', reason: 'mine' }],
      ] as const) {
        const refused = await page.request.post(`/v1/${path}`, { headers, data });
        expect([refused.status(), await refused.text()], path).toEqual([403, expect.stringContaining('subject.')]);
      }
    }
    expect((await analyst.page.request.get('/v1/opt-outs')).status()).toBe(403);
    auditor.expectClean();
    analyst.expectClean();
  });
});
