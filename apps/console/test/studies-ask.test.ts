import { runStudyOn } from '@symbolon/party';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import { allKinds, joined, mean } from './support/studies.ts';

describe.skipIf(!hasBrowser)('Asking a study', () => {
  const stage = setStage();
  let hash: string;
  beforeAll(async () => {
    hash = await stage.world.studies(allKinds());
  });

  test('a question is checked while it is written: proposals of tables, the place of a fault, the rule that forbids it; then it is asked', async () => {
    const question = (column: string): string =>
      `SELECT app, COUNT(*) AS n, AVG(${column}) AS cost FROM members JOIN patients ON members.medicaid = patients.medicaid GROUP BY app`;
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    await page.goto('/studies');
    await page.getByRole('link', { name: 'Ask a new study' }).click();
    await page.getByRole('link', { name: 'A free question' }).click();
    const editor = page.getByRole('textbox', { name: 'The question in SQL' });
    await editor.click();
    await page.keyboard.type('SELECT memb');
    await page.getByRole('option', { name: /members\.cost/ }).waitFor();
    await expectAccessible(page, 'study-completion');
    await page.keyboard.press('Escape');
    await editor.fill('SELECT medicaid, COUNT(*) AS n FROM members GROUP BY medicaid');
    const refusal = page.getByRole('alert').filter({ hasText: 'The agreement does not allow this' });
    await refusal.getByText('Each column is used only as its policy in the agreement says').waitFor();
    await refusal.getByText('What to do').waitFor();
    expect(await page.locator('.sql-editor .fault').allTextContents()).toEqual(['medicaid', 'medicaid']);
    expect(await page.getByRole('button', { name: 'Ask it' }).isDisabled()).toBe(true);
    await expectAccessible(page, 'study-forbidden');
    // What the page does not send, the server refuses too.
    await stage.world.as('fred', 'anton', async ({ studies }) => {
      const text =
        'name: own\ntitle: Own\nagreement: App and visits\nsql: SELECT medicaid, COUNT(*) AS n FROM members GROUP BY medicaid\nto: [fred]\n';
      await expect(studies.ask(hash, { kind: 'free', text })).rejects.toMatchObject({ code: 'study-policy' });
    });

    await editor.fill(question('cst'));
    await page
      .getByText(/did you mean members.cost/)
      .first()
      .waitFor();
    expect(await page.locator('.sql-editor .fault').allTextContents()).toEqual(['cst']);
    await editor.fill(question('cost'));
    await page.getByText('This can be asked.').waitFor();
    await page.getByLabel(/^Short name/).fill('cost-by-app');
    await page.getByLabel(/^Title/).fill('What members cost, by app');
    await page.getByRole('checkbox', { name: "Sally's EHR" }).uncheck();
    await page.waitForURL((url) => url.hash.includes('cost-by-app') && !url.hash.includes('sally'), {
      waitUntil: 'commit',
    });
    await page.reload();
    await page.getByText('This can be asked.').waitFor();
    await expectAccessible(page, 'study-ask');
    await page.getByRole('button', { name: 'Ask it' }).click();
    await page.getByRole('heading', { name: /^cost-by-app-[0-9a-f]{10}$/ }).waitFor();
    const name = (await page.getByRole('heading', { level: 1 }).textContent())!;
    expectClean();
    const kept = await stage.world.as('fred', 'paula', ({ studies }) => studies.show(hash, name));
    expect(kept).toMatchObject({ to: ['fred'], approvalsNeeded: 1, asked: { kind: 'free' } });
    // Sally's people see it once it has been proposed to them.
    await stage.world.as('fred', 'paula', ({ studies }) => studies.approve(hash, name, 'paula'));
    const run = () =>
      stage.world.as('fred', 'anton', (_, client) => runStudyOn(client, { agreement: hash, study: name }, {}));
    await expect(run()).rejects.toMatchObject({ code: 'unapproved', culprit: 'sally' });
    await stage.world.as('sally', 'stella', ({ studies }) => studies.approve(hash, name, 'stella'));
    const done = await run();
    const { rows } = (await stage.world.as('fred', 'anton', ({ studies }) => studies.result(done)))!;
    const members = joined();
    for (const [app, n, cost] of rows) {
      const own = members.filter((one) => String(one.app) === app).map((one) => one.cost);
      expect([Number(n), Number(cost)]).toEqual([own.length, expect.closeTo(mean(own), 6)]);
    }
  });

  test('a template is filled in, and a method of its own parameters is asked', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    await page.goto('/studies/ask');
    await page.getByRole('link', { name: 'Fill in a template: dear' }).click();
    await page.getByLabel(/^above/).fill('1000');
    await page.getByRole('alert').filter({ hasText: 'This cannot be asked' }).waitFor();
    await page.getByLabel(/^above/).fill('500');
    await page.getByText('This can be asked.').waitFor();
    await expectAccessible(page, 'study-template');
    await page.getByRole('button', { name: 'Ask it' }).click();
    await page.getByRole('heading', { name: /^dear-[0-9a-f]{10}$/ }).waitFor();
    await page.goto(`/studies/ask/${hash}`);
    await page.getByRole('combobox', { name: 'Method' }).click();
    await page.getByRole('option', { name: 'Histogram' }).click();
    await page.getByRole('textbox', { name: 'The question in SQL' }).fill('SELECT cost AS value FROM members');
    await page.getByText(/takes edges or width/).waitFor();
    await page.getByLabel('Width of bins').fill('250');
    await page.getByText('This can be asked.').waitFor();
    expectClean();
  });
});
