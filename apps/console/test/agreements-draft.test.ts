import { describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { choose, described, keepDraft } from './support/drafts.ts';
import { setStage } from './support/stage.ts';
import type { House } from './support/world.ts';

describe.skipIf(!hasBrowser)('the draft of a link', () => {
  const stage = setStage();
  const stateOf = (house: House, hash: string): Promise<string> =>
    stage.world.as(house, 'audrey', async ({ agreements }) => (await agreements.show(hash)).state);

  test('a link is drafted by an analyst, signed by one house, and by the other in its own console; its server may stop meanwhile', async () => {
    const analyst = await stage.pageOf('fred', 'anton');
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
    await theirs.fill(await described(stage.world, 'sally'));
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
    const hash = await keepDraft(page);
    await page.getByText('This is a draft.', { exact: false }).waitFor();
    expect(await page.getByRole('button', { name: 'Sign', exact: true }).count()).toBe(0);

    const fred = await stage.pageOf('fred', 'paula');
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

    const sally = await stage.pageOf('sally', 'paula');
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
    await stage.world.stop('sally');
    await sally.page.getByText('Connection lost, trying again').waitFor();
    await stage.world.start('sally');
    await sally.page.getByText('Connection lost, trying again').waitFor({ state: 'detached' });
    await sally.page.getByRole('button', { name: 'Sign', exact: true }).click();
    await sally.page.getByRole('button', { name: 'Sign and send' }).click();
    await sally.page.getByText('It is in force: what it allows may run.').waitFor();
    expect(await stateOf('sally', hash)).toBe('active');
    await fred.page.getByText('It is in force: what it allows may run.').waitFor();
    for (const watched of [analyst, fred, sally]) watched.expectClean();
  });
});
