import { runLinkOn } from '@symbolon/party';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import type { PersonId } from './support/world.ts';

/** Pages that no other test looks at as a whole: lists, choices, and what is not there. */
const pages: readonly (readonly [person: PersonId, path: string])[] = [
  ['anton', '/links'],
  ['anton', '/studies'],
  ['anton', '/studies/ask'],
  ['anton', '/agreements/new'],
  ['anton', '/market'],
  ['anton', '/market/partners'],
  ['anton', '/outsourced'],
  ['anton', '/nowhere'],
  ['otto', '/settings'],
];

describe.skipIf(!hasBrowser)('every page', () => {
  const stage = setStage();
  beforeAll(async () => {
    const agreement = await stage.world.link();
    await stage.world.studies();
    await stage.world.as('fred', 'anton', (_, client) => runLinkOn(client, { agreement }, {}));
  });

  test('has a heading, a title of its own, and breaks no rule of axe', async () => {
    const titles = new Set<string>();
    for (const person of new Set(pages.map(([who]) => who))) {
      const { page, expectClean } = await stage.pageOf('fred', person);
      for (const [, path] of pages.filter(([who]) => who === person)) {
        await page.goto(path);
        await page.locator('main').getByRole('heading', { level: 1 }).waitFor();
        // What the page asked for is there by then.
        await page.waitForTimeout(500);
        expect(await page.locator('main').getByRole('heading', { level: 1 }).count(), path).toBe(1);
        titles.add(await page.title());
        await expectAccessible(page, `page${path.replaceAll('/', '-')}`);
      }
      expectClean();
    }
    expect(titles.size).toBeGreaterThan(5);
  });
});
