import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser } from './support/browser.ts';
import { press, type Stop, stopsOf, tabTo } from './support/keyboard.ts';
import { setStage } from './support/stage.ts';
import { type PersonId, someStudies } from './support/world.ts';

/** Each page, who opens it, and where its main task begins. */
const pages: readonly (readonly [path: string, person: PersonId, task: RegExp])[] = [
  ['/', 'paula', /^Sign or decline the agreement/],
  ['/agreements', 'anton', /^New agreement$/],
  ['/agreements/new/link', 'anton', /^Title/],
  ['/links', 'anton', /^Members who are patients$/],
  ['/studies', 'anton', /^Ask a new study$/],
  ['/data', 'stella', /^Add a data set$/],
  ['/data/people', 'stella', /^Read it again$/],
  ['/requests', 'stella', /^People/],
  ['/requests/holds', 'stella', /^Set$/],
  ['/alerts', 'stella', /^Inbox$/],
  ['/market/catalogue', 'stella', /^Publish a data set$/],
  ['/outsourced/keys', 'stella', /^Keys$/],
  ['/log', 'audrey', /^Show$/],
  ['/log/verify', 'audrey', /^Verify the log$/],
  ['/people', 'otto', /^Add somebody$/],
  ['/people/add', 'otto', /^Name/],
  ['/settings/partners', 'otto', /^Card file|^Choose a file|^Add a partner/],
];

describe.skipIf(!hasBrowser)('By keyboard alone', () => {
  const stage = setStage();
  let hash: string;
  beforeAll(async () => {
    await stage.world.link();
    await stage.world.studies();
    hash = await stage.world.studies({ ...someStudies(), minPatients: 4 }, { signed: false });
  });

  test('every page: the way past the navigation comes first, each stop is seen and has a name, none holds the focus, and the main task is among them', async () => {
    const open = new Map<PersonId, Page>();
    for (const [path, person, task] of pages) {
      const page = open.get(person) ?? (await stage.pageOf('fred', person)).page;
      open.set(person, page);
      await page.goto(path);
      await page.locator('main').getByRole('heading', { level: 1 }).waitFor();
      const isThere = `[...document.querySelectorAll('main :is(a, button, label, [role=tab])')].some((node) => ${task}.test(node.textContent.trim()))`;
      await expect.poll(() => page.evaluate(isThere), { message: path }).toBe(true);
      const stops = await stopsOf(page);
      expect(stops[0]!.name, path).toBe('Skip to the content');
      expect(stops.at(-1)!.name, `${path} lets the focus out`).toBe('');
      expect(
        stops.slice(0, -1).filter(({ name }) => name === ''),
        path,
      ).toEqual([]);
      expect(
        stops.filter(({ name, seen }) => name !== '' && !seen),
        path,
      ).toEqual([]);
      expect(
        stops.some(({ name }: Stop) => task.test(name)),
        `${path}: ${stops.map(({ name }) => name).join(' | ')}`,
      ).toBe(true);
    }
  });

  test('landmarks, the way past the navigation, and a new page takes the focus', async () => {
    const { page } = await stage.pageOf('fred', 'paula');
    for (const role of ['banner', 'navigation', 'main'] as const) expect(await page.getByRole(role).count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await tabTo(page, /^Help: /);
    await press(page, /^Sign or decline/);
    await page.getByRole('heading', { level: 1, name: 'App and visits' }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('MAIN');
  });

  test('among tabs arrows move, and the focus stays with them', async () => {
    const { page } = await stage.pageOf('fred', 'stella');
    await page.goto('/alerts');
    await page.getByRole('tab', { name: 'Inbox' }).waitFor();
    await tabTo(page, /^Inbox$/);
    await page.keyboard.press('ArrowRight');
    await page.getByRole('heading', { name: 'What is told, and of how many patients' }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Told to partners');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('heading', { name: 'Where events come from' }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Sources');
  });

  test('a dialogue keeps the focus, Escape leaves it, and gives the focus back', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'paula');
    await page.goto(`/agreements/${hash}`);
    await page.getByRole('button', { name: 'Discard', exact: true }).waitFor();
    await press(page, /^Discard$/);
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    for (let i = 0; i < 8; i++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate("document.activeElement.closest('[role=dialog]') !== null")).toBe(true);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Discard');
    expectClean();
  });

  test('a run tells how far it is: in a region that is read out, and as a progress bar with a name', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    await page.goto('/links');
    await press(page, /^Members who are patients$/);
    await page.getByRole('button', { name: 'Find the patients that we share' }).waitFor();
    const told = page.evaluate(`new Promise((resolve) => {
      new MutationObserver((_, watch) => {
        const bar = document.querySelector('main [role=progressbar]');
        const status = document.querySelector('main [role=status]');
        if (bar === null || status === null) return;
        watch.disconnect();
        resolve([bar.getAttribute('aria-label'), status.textContent]);
      }).observe(document.body, { childList: true, subtree: true });
    })`);
    await press(page, /^Find the patients that we share$/);
    const [label, status] = (await told) as [string, string];
    expect(label).not.toBe('');
    expect(status).toContain(label);
    expectClean();
  });
});
