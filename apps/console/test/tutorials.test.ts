import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, logIn, openBrowser, openPage } from './support/browser.ts';
import { bringUpDemo, type RunningDemo } from './support/demo.ts';
import { goThrough, userOf, type Way } from './support/tutorial.ts';

const forbidden =
  'SELECT patients.id, AVG(claims.paid_after) AS paid FROM patients JOIN claims USING (id) GROUP BY patients.id';

const ways: readonly (readonly [string, keyof RunningDemo['url'], Way])[] = [
  ['privacy-officer', 'sally', { only: ['Take my approval back', 'Suspend', 'Revoke'] }],
  [
    'data-steward',
    'sally',
    {
      only: ['Remove'],
      fill: {
        File: (_, page) =>
          page
            .locator('input[type=file]')
            .setInputFiles({ name: 'visits.csv', mimeType: 'text/csv', buffer: Buffer.from('id,visits\n1,2\n2,5\n') }),
        'Name of the data set': (at) => at.fill('visits'),
      },
    },
  ],
  [
    'researcher',
    'institute',
    {
      only: ['Save'],
      fill: {
        'The question in SQL': async (at, page) => {
          await at.click();
          await page.keyboard.insertText(forbidden);
        },
      },
    },
  ],
  ['auditor', 'fred', { only: ['Save the proof as a file'] }],
  ['operator', 'fred', { only: ['Add, and make a code', 'Add a partner'] }],
];

describe.skipIf(!hasBrowser)('tutorials, in the demo', () => {
  let demo: RunningDemo;
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
    demo = await bringUpDemo();
  });
  afterAll(async () => {
    await browser.close();
    await demo?.down();
  });

  test.each(ways)('docs/tutorial-%s.md can be followed, word by word', async (name, house, way) => {
    const { page, expectClean } = await openPage(browser, demo.url[house]);
    await logIn(page, userOf(name), demo.password);
    expect((await goThrough(page, name, way)).length).toBeGreaterThan(8);
    expectClean();
  });
});
