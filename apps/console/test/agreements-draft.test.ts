import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser, openBrowser, pageOf } from './support/browser.ts';
import { type House, openWorld, type World } from './support/world.ts';

describe.skipIf(!hasBrowser)('drafts of agreements', () => {
  let world: World;
  let browser: Browser;
  beforeAll(async () => {
    [world, browser] = await Promise.all([openWorld(), openBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });
  const choose = async (page: Page, label: string | RegExp, option: string, nth = 0): Promise<void> => {
    await page.getByRole('combobox', { name: label }).nth(nth).click();
    await page.getByRole('option', { name: option, exact: true }).filter({ visible: true }).click();
  };
  const stateOf = (house: House, hash: string): Promise<string> =>
    world.as(house, 'audrey', async ({ agreements }) => (await agreements.show(hash)).state);
  const described = (house: House): Promise<string> =>
    world.as(house, 'anton', async ({ agreements }) => JSON.stringify(await agreements.describe('people')));

  test('a link is drafted by an analyst, signed by one house, and by the other in its own console; its server may stop meanwhile', async () => {
    const analyst = await pageOf(browser, world, 'fred', 'anton');
    await analyst.page.goto('/agreements');
    await analyst.page.getByText(/There is no agreement yet/).waitFor();
    await analyst.page.getByRole('link', { name: 'New agreement' }).click();
    await analyst.page.getByRole('link', { name: 'Draft a link' }).click();
    const { page } = analyst;
    await page.getByLabel(/^Title/).fill('Members who are patients');
    await choose(page, /^Partner/, "Sally's EHR");
    await choose(page, /^Key service/, 'Neutral Key Service');
    await choose(page, /^Your data set/, 'people');
    const theirs = page.getByLabel(/^Your partner’s data set/);
    await theirs.fill('{"name": 1}');
    await page.getByText('This is no description of a data set.').waitFor();
    await theirs.fill(await described('sally'));
    await choose(page, 'Your column', 'name');
    await choose(page, 'Agree when', 'enough characters agree');
    await page.getByRole('button', { name: 'And also' }).click();
    await choose(page, 'Your column', 'born', 1);
    await page.getByRole('button', { name: 'Another way to match' }).click();
    await choose(page, 'Your column', 'medicaid', 2);
    await page.getByText('This can be computed securely.').waitFor();
    await page
      .getByText('(agree(a.name, b.name) >= 0.9 AND a.born = b.born) OR (a.medicaid = b.medicaid)', { exact: true })
      .waitFor();
    await page.getByLabel(/^In words/).fill('To know which members are treated.');
    await expectAccessible(page, 'agreements-draft');
    await page.getByRole('button', { name: 'Keep the draft' }).click();
    await page.waitForURL(/\/agreements\/[\w-]{43}$/);
    const hash = page.url().split('/').at(-1)!;
    await page.getByText('This is a draft.', { exact: false }).waitFor();
    expect(await page.getByRole('button', { name: 'Sign', exact: true }).count()).toBe(0);

    const fred = await pageOf(browser, world, 'fred', 'paula');
    await fred.page.goto('/agreements');
    await fred.page.getByRole('region', { name: 'Waiting for your organisation' }).getByRole('link').click();
    await fred.page.getByRole('img', { name: 'Who sends what to whom' }).waitFor();
    await fred.page.getByText('people: 60 rows fit the agreement').waitFor();
    await fred.page.getByRole('button', { name: 'Sign', exact: true }).click();
    await fred.page.getByRole('dialog').getByText('Your organisation is bound', { exact: false }).waitFor();
    expect(await stateOf('fred', hash)).toBe('draft');
    await fred.page.getByRole('button', { name: 'Sign and send' }).click();
    await fred.page.getByText("Signed here. Waiting for Sally's EHR.").waitFor();
    await fred.page.getByRole('link', { name: 'in the log' }).waitFor();

    const sally = await pageOf(browser, world, 'sally', 'paula');
    await sally.page.goto('/agreements');
    await sally.page.getByRole('link', { name: 'Members who are patients' }).click();
    await sally.page.getByRole('button', { name: 'Decline' }).waitFor();
    await sally.page.getByText('people: 55 rows fit the agreement').waitFor();
    await expectAccessible(sally.page, 'agreements-proposal');
    await sally.page.getByRole('tab', { name: 'Columns' }).click();
    await sally.page.getByRole('rowheader', { name: 'born' }).first().waitFor();
    await expectAccessible(sally.page, 'agreements-columns');
    await sally.page.getByRole('tab', { name: 'Match rule' }).click();
    for (const side of ['a', 'b']) {
      await sally.page.getByLabel(`${side}.name`).fill('Anna Berger');
      await sally.page.getByLabel(`${side}.born`).fill('1980-01-02');
      await sally.page.getByLabel(`${side}.medicaid`).fill(`M-${side}`);
    }
    await sally.page.getByRole('button', { name: 'Try this pair' }).click();
    await sally.page.getByText('These two match').waitFor();
    await expectAccessible(sally.page, 'agreements-rule');
    await world.stop('sally');
    await sally.page.getByText('Connection lost, trying again').waitFor();
    await world.start('sally');
    await sally.page.getByText('Connection lost, trying again').waitFor({ state: 'detached' });
    await sally.page.getByRole('button', { name: 'Sign', exact: true }).click();
    await sally.page.getByRole('button', { name: 'Sign and send' }).click();
    await sally.page.getByText('It is in force: what it allows may run.').waitFor();
    expect(await stateOf('sally', hash)).toBe('active');
    await fred.page.getByText('It is in force: what it allows may run.').waitFor();
    for (const watched of [analyst, fred, sally]) watched.expectClean();
  }, 180_000);

  test('studies are drafted by forms, and a text is checked line by line', async () => {
    const { page, expectClean } = await pageOf(browser, world, 'fred', 'stella');
    await page.goto('/agreements/new/studies');
    await page.getByLabel(/^Title/).fill('Visits and costs');
    await choose(page, /^Partner/, "Sally's EHR");
    await choose(page, /^Key service/, 'Neutral Key Service');
    await choose(page, /^Your data set/, 'people');
    await page.getByLabel(/^Your partner’s data set/).fill(await described('sally'));
    await choose(page, /^Column that says whose record it is/, 'medicaid', 0);
    await choose(page, /^Column that says whose record it is/, 'medicaid', 1);
    await choose(page, 'What it may be used for: visits', 'adding up, never one person');
    await page.getByRole('combobox', { name: /^Answer goes to/ }).press('ArrowDown');
    await page.getByRole('option', { name: 'fred', exact: true }).click();
    await page
      .getByLabel(/^Its SQL/)
      .fill('SELECT COUNT(*) AS n, AVG(t.visits) AS visits FROM ours o JOIN theirs t ON o.medicaid = t.medicaid');
    await expectAccessible(page, 'agreements-draft-studies');
    await page.getByRole('button', { name: 'Keep the draft' }).click();
    await page.waitForURL(/\/agreements\/[\w-]{43}$/);
    await page.getByText('one study can be computed securely').waitFor();
    await page.getByRole('link', { name: 'first' }).waitFor();
    await expectAccessible(page, 'agreements-studies');

    await page.goto('/agreements/new/text');
    await page.getByLabel('Agreement (YAML)').fill('kind: agreement\ntitel: wrong\n');
    await page.getByRole('button', { name: 'Check it' }).click();
    await page.getByRole('row').filter({ hasText: 'titel' }).getByRole('cell', { name: '2', exact: true }).waitFor();
    await expectAccessible(page, 'agreements-text');
    expectClean();
  }, 120_000);
});
