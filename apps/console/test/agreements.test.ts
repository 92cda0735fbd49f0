import { describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import { type House, someStudies } from './support/world.ts';

describe.skipIf(!hasBrowser)('Agreements', () => {
  const stage = setStage();
  const stateOf = (house: House, hash: string): Promise<string> =>
    stage.world.as(house, 'audrey', async ({ agreements }) => (await agreements.show(hash)).state);

  test('an answer shows what it changes; one in force is suspended, resumed, and revoked with the word typed', async () => {
    const proposal = await stage.world.link({ signed: false });
    await stage.world.as('fred', 'paula', ({ agreements }) => agreements.sign(proposal));
    const { page, expectClean } = await stage.pageOf('fred', 'paula');
    const { csrf } = await (await page.request.get('/v1/me')).json();
    const answered = await page.request.post(`/v1/agreements/${proposal}/answers`, {
      headers: { 'x-csrf-token': csrf, 'idempotency-key': 'test-of-an-answer-1' },
      data: { changes: { link: { maxRuns: 7 } } },
    });
    const answer = await answered.json();
    await page.goto(`/agreements/${answer.hash}/changes`);
    await page.getByText(/100 → 7/).waitFor();
    await expectAccessible(page, 'agreements-changes');

    const force = await stage.world.studies();
    await page.goto(`/agreements/${force}`);
    await page.getByRole('button', { name: 'Suspend' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Suspend' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/^Reason/).fill('We are looking into a complaint.');
    await dialog.getByRole('button', { name: 'Suspend' }).click();
    await page.getByText(/At rest: suspended by Fred/).waitFor();
    await expect.poll(() => stateOf('sally', force)).toBe('suspended');
    await page.getByRole('button', { name: 'Resume' }).click();
    await dialog.getByLabel(/^Reason/).fill('Settled.');
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('It is in force', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Revoke' }).click();
    await dialog.getByLabel(/^Reason/).fill('The project is over.');
    expect(await dialog.getByRole('button', { name: 'Revoke' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/type “revoke”/).fill('revoke');
    await expectAccessible(page, 'agreements-revoke');
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('It was revoked, for good.').waitFor();
    await expect.poll(() => stateOf('sally', force)).toBe('revoked');
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByRole('row').filter({ hasText: 'The project is over.' }).waitFor();
    await expectAccessible(page, 'agreements-history');
    await page.goto('/agreements');
    await page.getByRole('heading', { name: 'Over' }).waitFor();
    await expectAccessible(page, 'agreements');
    expectClean();
  });

  test('an auditor reads and decides nothing; the server refuses it, too', async () => {
    const hash = await stage.world.studies({ ...someStudies(), minPatients: 4 }, { signed: false });
    const { page, expectClean } = await stage.pageOf('fred', 'audrey');
    await page.goto('/agreements');
    await page.getByRole('link', { name: 'App and visits' }).first().waitFor();
    expect(await page.getByRole('link', { name: 'New agreement' }).count()).toBe(0);
    await page.goto('/agreements/new/link');
    await page.getByText('Your roles do not let you see this page').waitFor();
    await page.goto(`/agreements/${hash}`);
    await page.getByText('A privacy officer signs or declines.').waitFor();
    for (const name of ['Sign', 'Decline', 'Discard'])
      expect(await page.getByRole('button', { name, exact: true }).count(), name).toBe(0);
    const { csrf } = await (await page.request.get('/v1/me')).json();
    const headers = { 'x-csrf-token': csrf, 'idempotency-key': 'test-of-a-role-9012' };
    const refused = await page.request.post(`/v1/agreements/${hash}/signature`, { headers });
    expect(refused.status()).toBe(403);
    expect(await stateOf('fred', hash)).toBe('draft');
    await page.setViewportSize({ width: 400, height: 860 });
    await expectAccessible(page, 'agreements-narrow');
    expectClean();
  });

  test('an operator sees agreements, who has signed, and neither drafts nor signs', async () => {
    const hash = await stage.world.studies({ ...someStudies(), minPatients: 5 }, { signed: false });
    const { page, expectClean } = await stage.pageOf('fred', 'otto');
    await page.getByRole('link', { name: 'Agreements' }).click();
    await page.locator(`a[href="/agreements/${hash}"]`).first().click();
    await page.getByText('A privacy officer signs or declines.').waitFor();
    await page.getByRole('img', { name: 'Who sends what to whom' }).waitFor();
    for (const name of ['Sign', 'Decline', 'Discard', 'Revoke'])
      expect(await page.getByRole('button', { name, exact: true }).count(), name).toBe(0);
    await stage.world.as('fred', 'otto', async ({ agreements }) => {
      const forbidden = { code: 'forbidden' };
      await expect(agreements.sign(hash)).rejects.toMatchObject(forbidden);
      await expect(agreements.send(hash)).rejects.toMatchObject(forbidden);
      await expect(agreements.discard(hash)).rejects.toMatchObject(forbidden);
    });
    expect(await stateOf('fred', hash)).toBe('draft');
    expectClean();
  });
});
