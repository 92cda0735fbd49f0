import { runLinkOn } from '@symbolon/party';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import { someStudies } from './support/world.ts';

describe.skipIf(!hasBrowser)('Home', () => {
  const stage = setStage();
  let draft: string;
  beforeAll(async () => {
    const link = await stage.world.link();
    await stage.world.studies();
    draft = await stage.world.studies({ ...someStudies(), minPatients: 4 }, { signed: false });
    await stage.world.as('fred', 'anton', (_, client) => runLinkOn(client, { agreement: link }, {}));
  });

  test('a privacy officer finds what to sign and approve, what ran, and what left the house', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'paula');
    const waiting = page.getByRole('region', { name: 'Waiting for you' });
    await waiting.getByRole('link', { name: /Sign or decline the agreement “App and visits”/ }).waitFor();
    await waiting.getByRole('link', { name: /Approve the study visits-by-app/ }).waitFor();
    const left = page.getByRole('region', { name: 'What left the house today' });
    await left.getByText(/A link was done \(a: 60 rows, b: 55 rows\), with \d+ matches/).waitFor();
    await page.getByRole('region', { name: 'What ran lately' }).getByText('done').waitFor();
    await expectAccessible(page, 'home');
    for (const width of [900, 400]) {
      await page.setViewportSize({ width, height: 860 });
      await expectAccessible(page, `home-${width}`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    await page.setViewportSize({ width: 1280, height: 860 });
    await left.getByRole('link').first().click();
    await page.getByText(/Proven: this is entry/).waitFor();
    await page.goto('/');
    expect(await waiting.getByRole('link', { name: /Sign or decline/ }).getAttribute('href')).toBe(
      `/agreements/${draft}`,
    );
    expectClean();
  });

  test('each role has its own view: an analyst no log and nothing to sign, an operator the server', async () => {
    const analyst = await stage.pageOf('fred', 'anton');
    await analyst.page.getByText('Nothing waits for you.').waitFor();
    await analyst.page.getByRole('region', { name: 'What ran lately' }).getByText('done').waitFor();
    expect(await analyst.page.getByRole('region', { name: 'What left the house today' }).count()).toBe(0);
    analyst.expectClean();
    const auditor = await stage.pageOf('fred', 'audrey');
    await auditor.page
      .getByRole('region', { name: 'What left the house today' })
      .getByText(/A link was done/)
      .waitFor();
    expect(await auditor.page.getByRole('link', { name: /Sign or decline/ }).count()).toBe(0);
    auditor.expectClean();
    const operator = await stage.pageOf('fred', 'otto');
    await operator.page.getByText('Nothing waits for you.').waitFor();
    expect(await operator.page.getByRole('region', { name: 'What left the house today' }).count()).toBe(0);
    operator.expectClean();
  });
});
