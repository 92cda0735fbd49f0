import type { Locator, Page } from 'playwright-core';
import type { House, World } from './world.ts';

/** Chooses of a list. @param nth of those lists with this label */
export async function choose(page: Page, label: string | RegExp, option: string, nth = 0): Promise<void> {
  const list = page.getByRole('combobox', { name: label }).nth(nth);
  await list.click();
  await (await optionOf(page, list, option)).click();
}

/** Chooses one more of a list of several. */
export async function tick(page: Page, label: RegExp, option: string): Promise<void> {
  const list = page.getByRole('combobox', { name: label });
  await list.press('ArrowDown');
  await (await optionOf(page, list, option)).click();
  await list.press('Escape');
}

/** An option of this list: one that was open before may be seen for a moment still. */
async function optionOf(page: Page, list: Locator, option: string): Promise<Locator> {
  const id = await list.getAttribute('aria-controls');
  return page.locator(`[id="${id}"]`).getByRole('option', { name: option, exact: true });
}

/** The description of a house's people, as it is sent to a partner who drafts. */
export function described(world: World, house: House): Promise<string> {
  return world.as(house, 'anton', async ({ agreements }) => JSON.stringify(await agreements.describe('people')));
}

/** Fills in whose data Fred's draft is about: his people and Sally's. */
export async function fillWhoseData(page: Page, world: World, title: string): Promise<void> {
  await page.getByLabel(/^Title/).fill(title);
  await choose(page, /^Partner/, "Sally's EHR");
  await choose(page, /^Key service/, 'Neutral Key Service');
  await choose(page, /^Your data set/, 'people');
  await page.getByLabel(/^Your partner’s data set/).fill(await described(world, 'sally'));
}

/** Keeps the draft that a form describes. @returns its hash */
export async function keepDraft(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Keep the draft' }).click();
  await page.waitForURL(/\/agreements\/[\w-]{43}$/);
  return page.url().split('/').at(-1)!;
}
