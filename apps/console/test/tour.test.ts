import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser, openBrowser, openPage, watch } from './support/browser.ts';
import { bringUpDemo, type RunningDemo } from './support/demo.ts';
import { press, tabTo, type } from './support/keyboard.ts';

/** Logs in, by keyboard. */
async function enter(page: Page, user: string, password: string): Promise<void> {
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await type(page, /^User/, user);
  await type(page, /^Password/, password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').waitFor();
}

const done = (page: Page, words: RegExp): Promise<void> =>
  page.getByRole('region', { name: 'Guided tour' }).getByRole('status').getByText(words).waitFor();

describe.skipIf(!hasBrowser)('the guided tour', () => {
  let demo: RunningDemo;
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
    demo = await bringUpDemo();
  });
  afterAll(async () => {
    await browser.close();
    await demo?.down();
  });

  test('leads by keyboard alone from an approval to a result, a refusal and a log that was tampered with', async () => {
    const { page: sally, expectClean: sallyClean } = await openPage(browser, demo.url.sally);
    const context = sally.context();
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await sally.goto('/');
    await enter(sally, 'petra', demo.password);
    await sally.getByRole('button', { name: 'Begin the tour' }).waitFor();
    await expectAccessible(sally, 'tour-offer');
    await press(sally, /^Begin the tour$/);

    await press(sally, /^Open the study$/);
    await sally.getByRole('heading', { level: 1, name: 'visits-with-the-app' }).waitFor();
    await sally.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await press(sally, /^Approve$/);
    await sally.getByRole('dialog').waitFor();
    await press(sally, /^Approve$/);
    await done(sally, /institute may run it now/);
    await expectAccessible(sally, 'tour-approve');
    await press(sally, /^Next step$/);

    await sally.getByText('another house: Institute for Care Research').waitFor();
    await sally.getByText(demo.password).waitFor();
    await expectAccessible(sally, 'tour-elsewhere');
    const opened = context.waitForEvent('page');
    await press(sally, /^Open its console$/);
    const { page: rosa, expectClean: rosaClean } = watch(await opened, demo.url.institute);
    await enter(rosa, 'rosa', demo.password);
    await rosa.getByRole('heading', { name: 'Run it as the researcher' }).waitFor();
    expect(rosa.url()).not.toContain('tour=');
    await press(rosa, /^Open the study$/);
    await rosa.getByRole('button', { name: 'Run it now' }).waitFor();
    await press(rosa, /^Run it now$/);
    await done(rosa, /It has run/);
    await expectAccessible(rosa, 'tour-run');
    await press(rosa, /^Next step$/);

    await press(rosa, /^Open the study and its runs$/);
    await press(rosa, /^To the result$/);
    await done(rosa, /all that left the two houses/);
    await rosa.getByText('suppressed', { exact: false }).first().waitFor();
    await expectAccessible(rosa, 'tour-result');
    await press(rosa, /^Next step$/);

    await press(rosa, /^Copy: The question$/);
    await press(rosa, /^Open the editor$/);
    await rosa.getByRole('textbox', { name: 'The question in SQL' }).waitFor();
    await tabTo(rosa, /^The question in SQL/);
    await rosa.keyboard.press('Control+V');
    await done(rosa, /Refused, with the rule named/);
    await rosa.getByText('Each column is used only as its policy in the agreement says').waitFor();
    await expectAccessible(rosa, 'tour-forbidden');
    await press(rosa, /^Next step$/);
    rosaClean();

    // The session of the other console is still there: the two do not share a cookie.
    const back = context.waitForEvent('page');
    await press(rosa, /^Open its console$/);
    const { page: petra, expectClean: petraClean } = watch(await back, demo.url.sally);
    await petra.getByRole('heading', { name: 'Verify the log' }).waitFor();
    await press(petra, /^Open the log$/);
    await petra.getByRole('button', { name: 'Verify the log', exact: true }).waitFor();
    await press(petra, /^Verify the log$/);
    await done(petra, /Every entry is there/);
    await expectAccessible(petra, 'tour-verify');
    await press(petra, /^Next step$/);
    await press(petra, /^Tamper with the copy$/);
    await done(petra, /Found, and the place named/);
    await petra.getByText('Found: the copy was changed').waitFor();
    await expectAccessible(petra, 'tour-tamper');
    await press(petra, /^Next step$/);
    await petra.getByRole('heading', { name: 'That was all of it' }).waitFor();
    await press(petra, /^End the tour$/);
    await petra.getByRole('button', { name: 'Guided tour, step 1 of 6' }).waitFor();
    petraClean();
    sallyClean();
  });

  test('can be left and taken up, over a reload; another user is told whose step it is', async () => {
    const { page, expectClean } = await openPage(browser, demo.url.sally);
    await page.goto('/');
    await enter(page, 'stella', demo.password);
    await press(page, /^Begin the tour$/);
    await page.getByText('This step is for Petra').waitFor();
    await press(page, /^(Skip this|Next) step$/);
    await press(page, /^Leave the tour/);
    await page.reload();
    await press(page, /^Guided tour, step 2 of 6$/);
    await page.getByRole('heading', { name: 'Run it as the researcher' }).waitFor();
    await press(page, /^Back$/);
    await page.getByRole('heading', { name: 'Approve a study' }).waitFor();
    expectClean();
  });
});
