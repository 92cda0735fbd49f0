import { runStudyOn } from '@symbolon/party';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import { allKinds, contentsOf, joined, mean, ran } from './support/studies.ts';

describe.skipIf(!hasBrowser)('Studies', () => {
  const stage = setStage();
  let hash: string;
  beforeAll(async () => {
    hash = await stage.world.studies(allKinds());
  });
  const approve = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  };
  async function saved(page: Page, item: string): Promise<string> {
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: item }).click(),
    ]);
    return contentsOf(download);
  }

  test('a study goes its way by pages: both houses approve, an analyst runs it, the result is what the files say', async () => {
    const fred = await stage.pageOf('fred', 'paula');
    await fred.page.getByRole('link', { name: 'Studies' }).click();
    await fred.page.getByRole('link', { name: 'visits-by-app' }).click();
    await fred.page.getByText('One more person must approve it').waitFor();
    await fred.page.getByRole('region', { name: 'Who sends what to whom' }).waitFor();
    await expectAccessible(fred.page, 'study');
    expect(await fred.page.getByRole('button', { name: 'Run it now' }).count()).toBe(0);
    await fred.page.getByRole('button', { name: 'Approve' }).click();
    await fred.page.getByRole('dialog').getByText('in just this form', { exact: false }).waitFor();
    await expectAccessible(fred.page, 'study-approve');
    await fred.page.getByRole('button', { name: 'Cancel' }).click();
    await fred.page.getByText('One more person must approve it').waitFor();
    await approve(fred.page);
    await fred.page.getByText('Approved by paula').waitFor();
    await fred.page.getByRole('button', { name: 'Take my approval back' }).click();
    await fred.page.getByText('One more person must approve it').waitFor();
    await approve(fred.page);
    await fred.page.getByText('Approved by paula').waitFor();
    fred.expectClean();

    // Sally has not approved it: the run says so, and nothing opens.
    const anton = await stage.pageOf('fred', 'anton');
    await anton.page.goto(`/studies/${hash}/visits-by-app`);
    await anton.page.getByRole('button', { name: 'Run it now' }).click();
    await anton.page.getByText("an approval was missing at Sally's EHR").waitFor();
    await expectAccessible(anton.page, 'study-unapproved');

    const sally = await stage.pageOf('sally', 'stella');
    await sally.page.goto(`/studies/${hash}/visits-by-app`);
    await approve(sally.page);
    await sally.page.getByText('Approved by stella').waitFor();
    sally.expectClean();

    await anton.page.reload();
    await anton.page.getByRole('button', { name: 'Run it now' }).click();
    await anton.page.getByRole('link', { name: 'To the result' }).click();
    await anton.page.getByRole('heading', { name: 'Result of visits-by-app' }).waitFor();
    await fred.page.goto('/');
    const left = fred.page.getByRole('region', { name: 'What left the house today' });
    await left.getByText(/its result is for Fred's Health Insurance, Sally's EHR/).waitFor();
    const rows = joined();
    const expected = [true, false].map((app) => {
      const own = rows.filter((row) => row.app === app);
      return [
        String(app),
        own.length,
        mean(own.map(({ visits }) => visits)),
        mean(own.map(({ cost }) => cost)),
      ] as const;
    });
    const table = anton.page.getByRole('table', { name: 'Released numbers' });
    await table.getByRole('rowheader').first().waitFor();
    for (const [app, n, visits, cost] of expected) {
      const cells = await table
        .getByRole('row')
        .filter({ has: anton.page.getByRole('rowheader', { name: app }) })
        .getByRole('cell')
        .allTextContents();
      expect(Number(cells[0])).toBe(n);
      expect(Number(cells[1])).toBeCloseTo(visits, 3);
      expect(Number(cells[2])).toBeCloseTo(cost, 1);
    }
    await anton.page.locator('figure svg[viewBox]').first().waitFor();
    await expectAccessible(anton.page, 'study-result');
    const csv = await saved(anton.page, 'CSV');
    for (const [app, n, visits] of expected) {
      const line = csv
        .split('\r\n')
        .find((one) => one.startsWith(`${app},`))!
        .split(',');
      expect(Number(line[1])).toBe(n);
      expect(Number(line[2])).toBeCloseTo(visits, 9);
    }
    expect(await saved(anton.page, 'Report (a page to print or send)')).toContain('Symbolon study report');
    expect(JSON.parse(await saved(anton.page, 'Signed statement'))).toHaveProperty('signatures');
    anton.expectClean();
  });

  test('who may not approve, run, ask or read is shown no button, and refused by the server', async () => {
    const audrey = await stage.pageOf('fred', 'audrey');
    await audrey.page.goto('/studies');
    await audrey.page.getByRole('link', { name: 'visits-by-app', exact: true }).first().waitFor();
    expect(await audrey.page.getByRole('link', { name: 'Ask a new study' }).count()).toBe(0);
    await audrey.page.goto(`/studies/${hash}/visits-by-app`);
    await audrey.page.getByText('An analyst starts it.').waitFor();
    for (const name of ['Approve', 'Run it now', 'Take my approval back']) {
      expect(await audrey.page.getByRole('button', { name, exact: true }).count()).toBe(0);
    }
    await expectAccessible(audrey.page, 'study-auditor');
    audrey.expectClean();
    const run = await ran(stage.world, hash, 'by-visits');
    await audrey.page.goto(`/studies/runs/${run}`);
    await audrey.page.getByText('Analysts, privacy officers and data stewards read results.').waitFor();
    audrey.expectClean();
    for (const person of ['audrey', 'otto'] as const) {
      await stage.world.as('fred', person, async ({ studies }, client) => {
        const forbidden = { code: 'forbidden' };
        await expect(studies.approve(hash, 'visits-by-app', person)).rejects.toMatchObject(forbidden);
        await expect(studies.result(run)).rejects.toMatchObject(forbidden);
        await expect(runStudyOn(client, { agreement: hash, study: 'visits-by-app' }, {})).rejects.toMatchObject(
          forbidden,
        );
        const asked = { kind: 'template', template: 'dear', values: { above: '1' } } as const;
        await expect(studies.ask(hash, asked)).rejects.toMatchObject(forbidden);
      });
    }
    expect((await audrey.page.request.get(`/v1/study-runs/${run}/report`)).status()).toBe(403);
    // A house that received nothing says so.
    const sally = await stage.pageOf('sally', 'anton');
    const there = await stage.world.as(
      'sally',
      'anton',
      async ({ studies }) => (await studies.runs()).findLast(({ study }) => study === 'by-visits')!.id,
    );
    await sally.page.goto(`/studies/runs/${there}`);
    await sally.page.getByText(/received no result. It went to Fred's Health Insurance/).waitFor();
    await expectAccessible(sally.page, 'study-no-result');
    sally.expectClean();
  });
});
