import { describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';

describe.skipIf(!hasBrowser)('answers to proposals', () => {
  const stage = setStage();

  /** Signed and sent by Fred alone. */
  const propose = (hash: string): Promise<string> =>
    stage.world.as('fred', 'paula', async ({ agreements }) => {
      await agreements.sign(hash);
      await agreements.send(hash);
      return hash;
    });

  test('a partner asks for more patients behind a number and fewer runs; its version comes into force once both sign it', async () => {
    const hash = await propose(await stage.world.studies(undefined, { signed: false }));
    const { page, expectClean } = await stage.pageOf('sally', 'paula');
    await page.goto(`/agreements/${hash}`);
    await page.getByRole('link', { name: 'Ask for changes' }).click();
    const keep = page.getByRole('button', { name: 'Keep the draft' });
    await page.getByLabel('Patients behind every number').fill('5');
    await page.getByLabel('Runs of visits-by-app').fill('2');
    await page.getByLabel('Last day').fill('2020-01-01');
    await expectAccessible(page, 'agreements-answer');
    await keep.click();
    await page.getByRole('alert').getByText('term', { exact: false }).first().waitFor();
    await page.getByLabel('Last day').fill(new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10));
    await keep.click();
    await page.waitForURL(/\/changes$/);
    await page.getByText(/3 → 5/).first().waitFor();
    await expectAccessible(page, 'agreements-answer-changes');
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByRole('button', { name: 'Sign and send' }).click();
    await page.getByText('Signed here. Waiting for').waitFor();

    const fred = await stage.pageOf('fred', 'paula');
    await fred.page.goto(`/agreements/${hash}`);
    await fred.page.getByRole('link', { name: 'To that version' }).click();
    await fred.page.getByRole('tab', { name: 'Changes' }).click();
    await fred.page.getByText(/3 → 5/).first().waitFor();
    await fred.page.getByRole('button', { name: 'Sign', exact: true }).click();
    await fred.page.getByRole('button', { name: 'Sign and send' }).click();
    await fred.page.getByText('It is in force: what it allows may run.').waitFor();
    const agreed = await stage.world.as('sally', 'anton', ({ agreements }) => agreements.list());
    const { agreement } = agreed.find(({ state }) => state === 'active')!;
    expect(agreement.studies).toMatchObject({ minPatients: 5, list: [{ name: 'visits-by-app', maxRuns: 2 }] });
    expectClean();
    fred.expectClean();
  });

  test('a rule with a typing error is refused where it is; nothing can be answered by whoever may not draft, or too late', async () => {
    const hash = await propose(await stage.world.link({ signed: false }));
    const { page, expectClean } = await stage.pageOf('sally', 'anton');
    await page.goto(`/agreements/${hash}/answer`);
    const keep = page.getByRole('button', { name: 'Keep the draft' });
    const rule = page.getByLabel('Rule');
    await rule.waitFor();
    expect(await keep.isDisabled()).toBe(true);
    await rule.fill('a.medicaid = b.medicad');
    await keep.click();
    await page.getByRole('alert').getByText('medicad', { exact: false }).first().waitFor();
    await rule.fill('a.medicaid = b.medicaid');
    await keep.click();
    await page.waitForURL(/\/changes$/);

    const auditor = await stage.pageOf('sally', 'audrey');
    await auditor.page.goto(`/agreements/${hash}`);
    await auditor.page.getByText('A privacy officer signs or declines.').waitFor();
    expect(await auditor.page.getByRole('link', { name: 'Ask for changes' }).count()).toBe(0);
    await auditor.page.goto(`/agreements/${hash}/answer`);
    await auditor.page.getByText('Your roles do not').first().waitFor();
    const { csrf } = await (await auditor.page.request.get('/v1/me')).json();
    const refused = await auditor.page.request.post(`/v1/agreements/${hash}/answers`, {
      headers: { 'x-csrf-token': csrf, 'idempotency-key': 'test-of-a-role-9013' },
      data: { changes: { title: 'Mine' } },
    });
    expect(refused.status()).toBe(403);

    const signed = await stage.world.link();
    await page.goto(`/agreements/${signed}/answer`);
    await page.getByText('Only what is proposed can be answered.').waitFor();
    expectClean();
    auditor.expectClean();
  });
});
