import { describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { choose, fillWhoseData, keepDraft, tick } from './support/drafts.ts';
import { setStage } from './support/stage.ts';

describe.skipIf(!hasBrowser)('drafts of studies, and in writing', () => {
  const stage = setStage();

  test('studies are drafted by forms, with free questions, price and quota', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'stella');
    await page.goto('/agreements/new/studies');
    await fillWhoseData(page, stage.world, 'Visits and costs');
    await choose(page, /^Column that says whose record it is/, 'medicaid', 0);
    await choose(page, /^Column that says whose record it is/, 'medicaid', 1);
    await choose(page, 'What it may be used for: visits', 'adding up, never one person');
    await tick(page, /^Answer goes to/, 'fred');
    await page
      .getByLabel(/^Its SQL/)
      .fill('SELECT COUNT(*) AS n, AVG(t.visits) AS visits FROM ours o JOIN theirs t ON o.medicaid = t.medicaid');

    expect(await page.getByText('two groups that differ by a few patients', { exact: false }).count()).toBe(0);
    await page.getByLabel('Questions that are not listed may be asked').check();
    await page.getByText('two groups that differ by a few patients', { exact: false }).waitFor();
    const keep = page.getByRole('button', { name: 'Keep the draft' });
    expect(await keep.isDisabled()).toBe(true);
    await tick(page, /^Who may ask/, 'fred');
    await tick(page, /^Who may learn an answer/, 'fred');
    await tick(page, /^Who may learn an answer/, 'sally');
    await tick(page, /^Methods/, 'Cross-tabulation');
    await page.getByLabel('Runs of all such questions together, at most').fill('3');
    await page.getByLabel("Runs that Fred's Health Insurance may start a month").fill('20');
    await page.getByLabel("Runs that Fred's Health Insurance may start in the whole term").fill('5');
    await choose(page, /^Who pays/, "Fred's Health Insurance");
    await page.getByLabel('For a run that opens its result').fill('12.50');
    await tick(page, /^Costs nothing for/, 'public health');
    await expectAccessible(page, 'agreements-draft-studies');

    await keep.click();
    await page.getByRole('alert').getByText('allows fewer runs a longer time', { exact: false }).waitFor();
    await page.getByLabel("Runs that Fred's Health Insurance may start in the whole term").fill('50');
    const hash = await keepDraft(page);
    await page.getByText('one study can be computed securely').waitFor();
    await page.getByRole('link', { name: 'first' }).waitFor();
    await expectAccessible(page, 'agreements-studies');
    const { agreement } = await stage.world.as('fred', 'audrey', ({ agreements }) => agreements.show(hash));
    expect(agreement.studies?.free).toEqual({
      by: ['fred'],
      tables: ['ours', 'theirs'],
      methods: ['select', 'describe', 'histogram', 'crosstab'],
      to: ['fred', 'sally'],
      maxRuns: 3,
    });
    expect(agreement.quota).toEqual({ fred: { perMonth: 20, perTerm: 50 } });
    expect(agreement.price).toEqual({
      currency: 'EUR',
      perRun: '12.50',
      paidBy: ['fred'],
      freeFor: [expect.any(String)],
      split: { sally: '100' },
    });
    expectClean();
  });

  test('a text is checked line by line', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'stella');
    await page.goto('/agreements/new/text');
    await page.getByLabel('Agreement (YAML)').fill('kind: agreement\ntitel: wrong\n');
    await page.getByRole('button', { name: 'Check it' }).click();
    await page.getByRole('row').filter({ hasText: 'titel' }).getByRole('cell', { name: '2', exact: true }).waitFor();
    await expectAccessible(page, 'agreements-text');
    expectClean();
  });
});
