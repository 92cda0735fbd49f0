import { runLinkOn } from '@symbolon/party';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser, openBrowser, pageOf } from './support/browser.ts';
import { openWorld, someStudies, type World } from './support/world.ts';

describe.skipIf(!hasBrowser)('Home', () => {
  let world: World;
  let browser: Browser;
  let draft: string;
  beforeAll(async () => {
    [world, browser] = await Promise.all([openWorld(), openBrowser()]);
    const link = await world.link();
    await world.studies();
    draft = await world.studies({ ...someStudies(), minPatients: 4 }, { signed: false });
    await world.as('fred', 'anton', (_, client) => runLinkOn(client, { agreement: link }, {}));
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  test('a privacy officer finds what to sign and approve, what ran, and what left the house', async () => {
    const { page, expectClean } = await pageOf(browser, world, 'fred', 'paula');
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
    const analyst = await pageOf(browser, world, 'fred', 'anton');
    await analyst.page.getByText('Nothing waits for you.').waitFor();
    await analyst.page.getByRole('region', { name: 'What ran lately' }).getByText('done').waitFor();
    expect(await analyst.page.getByRole('region', { name: 'What left the house today' }).count()).toBe(0);
    analyst.expectClean();
    const auditor = await pageOf(browser, world, 'fred', 'audrey');
    await auditor.page
      .getByRole('region', { name: 'What left the house today' })
      .getByText(/A link was done/)
      .waitFor();
    expect(await auditor.page.getByRole('link', { name: /Sign or decline/ }).count()).toBe(0);
    auditor.expectClean();
    const operator = await pageOf(browser, world, 'fred', 'otto');
    await operator.page.getByText('Nothing waits for you.').waitFor();
    expect(await operator.page.getByRole('region', { name: 'What left the house today' }).count()).toBe(0);
    operator.expectClean();
  });
});
