import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import { allKinds, contentsOf, joined, manyRows, memberCosts, ran } from './support/studies.ts';

describe.skipIf(!hasBrowser)('Results of studies', () => {
  const stage = setStage();
  let hash: string;
  beforeAll(async () => {
    hash = await stage.world.studies(allKinds());
  });

  test('each kind of result has its plot and its table; what is suppressed is marked and explained', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    const at = async (study: string): Promise<void> => {
      await page.goto(`/studies/runs/${await ran(stage.world, hash, study)}`);
      await page.getByRole('heading', { name: `Result of ${study}` }).waitFor();
      await page.locator('figure svg[viewBox]').first().waitFor();
    };
    await at('by-visits');
    const table = page.getByRole('table', { name: 'Released numbers' });
    const counts = new Map<number, number>();
    for (const { visits } of joined()) counts.set(visits, (counts.get(visits) ?? 0) + 1);
    const hidden = [...counts.values()].filter((count) => count < 4).length;
    expect(hidden).toBeGreaterThan(0);
    for (const [visits, count] of counts) {
      const cell = table
        .getByRole('row')
        .filter({ has: page.getByRole('rowheader', { name: String(visits), exact: true }) })
        .getByRole('cell');
      expect(await cell.textContent()).toBe(count < 4 ? 'suppressed' : String(count));
    }
    await page.getByText(/It never opened, to anyone; it is not 0/).waitFor();
    await expectAccessible(page, 'study-suppressed');

    await at('lasting');
    await page.getByRole('img', { name: /Share without the event over time/ }).waitFor();
    await page.getByText('At risk').first().waitFor();
    await expectAccessible(page, 'study-survival');
    const figure = page.getByRole('figure').first();
    await figure.getByRole('button', { name: /Save the picture/ }).click();
    const [svg] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'As SVG, to edit' }).click(),
    ]);
    expect(await contentsOf(svg)).toMatch(/^<svg[^>]*>/);
    expect(svg.suggestedFilename()).toBe('lasting.svg');
    await figure.getByRole('button', { name: /Save the picture/ }).click();
    const [png] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'As PNG' }).click(),
    ]);
    const bytes = readFileSync(await png.path());
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.readUInt32BE(16)).toBe(1800);

    await at('risk');
    await page.getByRole('img', { name: /Ratios/ }).waitFor();
    await expectAccessible(page, 'study-forest');

    await at('costs');
    await page.getByRole('img', { name: /Number of values by size/ }).waitFor();
    const bins = page.getByRole('table', { name: /^Bins/ });
    const expected = [0, 1, 2, 3, 4].map(
      (bin) => memberCosts().filter(({ cost }) => Math.min(4, Math.floor(cost / 200)) === bin).length,
    );
    const shown = await bins
      .getByRole('row')
      .evaluateAll((rows) => rows.slice(1).map((row) => row.children[2]!.textContent));
    expect(shown).toEqual(expected.map((count) => (count < 4 ? 'suppressed' : String(count))));
    await expectAccessible(page, 'study-histogram');
    expectClean();
  });

  test('a result of 100,000 rows: few of them are in the document, the last is reached by keyboard, columns sort', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    const run = await ran(stage.world, hash, 'visits-by-app');
    await manyRows(page, run, 100_000);
    await page.goto(`/studies/runs/${run}`);
    const region = page.getByRole('region', { name: 'Table: Many' });
    const row = (name: string) => region.getByRole('rowheader', { name, exact: true });
    await row('group 0').waitFor();
    const inDocument = (): Promise<number> => region.getByRole('row').count();
    expect(await inDocument()).toBeLessThan(80);
    await region.focus();
    // Page after page, as a reader goes: every row that comes into view is there.
    const paged = async (): Promise<number> => {
      await page.keyboard.press('PageDown');
      return row('group 100').count();
    };
    await expect.poll(paged).toBe(1);
    for (const part of [0.25, 0.5, 0.75]) {
      // A browser may still be scrolling by the keys above.
      const scrolled = async (): Promise<number> => {
        await region.evaluate((element, at) => element.scrollTo(0, at * element.scrollHeight), part);
        return row(`group ${Math.round(100_000 * part)}`).count();
      };
      await expect.poll(scrolled).toBe(1);
      expect(await inDocument()).toBeLessThan(80);
    }
    await page.keyboard.press('End');
    await row('group 99999').waitFor();
    expect(await region.getByRole('row').last().getAttribute('aria-rowindex')).toBe('100001');
    expect(await inDocument()).toBeLessThan(80);
    await region.getByRole('button', { name: 'n', exact: true }).click();
    await page.keyboard.press('Home');
    await region.focus();
    await page.keyboard.press('Home');
    expect(await region.getByRole('columnheader', { name: 'n' }).getAttribute('aria-sort')).toBe('ascending');
    await region.getByRole('cell', { name: '0', exact: true }).waitFor();
    await expectAccessible(page, 'table-100000');
    expectClean();
  });
});
