import { describe, expect, test } from 'vitest';
import { anna, holderOf } from '../../workstation/test/support/registry.ts';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setRegistryStage } from './support/registry.ts';

describe.skipIf(!hasBrowser)('a patient of a module', () => {
  const stage = setRegistryStage();

  test('who was merged wrongly is split by name; objects; and is erased, after the word is typed', async () => {
    for (const person of [anna, { ...anna, lastName: 'Mustre' }]) {
      const { relation } = await stage.clinic.relation(person);
      const { card, chain } = await stage.registry.authority.card(holderOf(person));
      const visit = { operation: 'enrol' as const, card: { ...card, chain }, purpose: 'first visit' };
      expect(await stage.clinic.visit(relation, visit)).toMatchObject({ state: 'done' });
    }
    const { page, expectClean } = await stage.pageOf('module', 'otto');
    const dialog = page.getByRole('dialog');
    const confirm = async (name: string): Promise<void> => {
      await page.getByRole('button', { name, exact: true }).click();
      await dialog.getByRole('button', { name }).click();
    };
    await page.goto('/review');
    await confirm('They are one person');
    await page.getByText('Nobody waits for a decision.').waitFor();
    await page.getByRole('tab', { name: 'Merged and split' }).click();
    const merged = await page.getByRole('row', { name: /^Patient \d+ merged into \d+/ }).textContent();
    const lead = Number(/merged into (\d+)/.exec(merged!)![1]);

    await page.goto(`/patients/${lead}`);
    const known = page.getByRole('region', { name: 'Known as' });
    await expect.poll(() => known.getByRole('row').count()).toBe(3);
    const split = page.getByRole('button', { name: 'These are somebody else' });
    expect(await split.count()).toBe(0);
    await known.getByRole('row').filter({ hasText: 'Mustre' }).getByRole('checkbox').check();
    await expectAccessible(page, 'registry-split');
    await split.click();
    await dialog.getByRole('button', { name: 'These are somebody else' }).click();
    await page.waitForURL((url) => /^\/patients\/\d+$/.test(url.pathname) && url.pathname !== `/patients/${lead}`);
    await known.getByText('Mustre').waitFor();
    await expect.poll(() => known.getByRole('row').count()).toBe(2);

    await confirm('Take out of studies');
    await page.getByText('The central server is told; it does so as soon as it hears.').waitFor();
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await dialog.getByRole('textbox').fill('erase');
    await dialog.getByRole('button', { name: 'Erase everything' }).click();
    await dialog.waitFor({ state: 'detached' });
    // The module forgets once the central server has.
    const path = new URL(page.url()).pathname;
    await expect.poll(async () => (await page.request.get(`/v1${path}`)).status(), { interval: 1000 }).toBe(404);
    await page.reload();
    await page.getByRole('alert').waitFor();
    expect(page.url()).not.toContain('Mustre');
    await page.goto(`/patients/${lead}`);
    await known.getByText(anna.lastName).waitFor();
    expectClean();
  });
});
