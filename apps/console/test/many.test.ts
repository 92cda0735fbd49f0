import { openDatabase } from '@symbolon/service';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';

const many = 2_500;

// A page of a list has at most a thousand items.
describe.skipIf(!hasBrowser)('a house that has run more than fits on a page of a list', () => {
  const stage = setStage();
  beforeAll(async () => {
    const agreement = await stage.world.link();
    await stage.world.stop('fred');
    const database = await openDatabase(stage.world.homes.fred);
    const minute = (i: number): string => new Date(Date.UTC(2026, 0, 1, 0, i)).toISOString();
    const runs = Array.from({ length: many }, (_, i) => ({
      agreement,
      attempt: `attempt-${i}`,
      state: 'failed' as const,
      error: 'peer-gone: sally closed the connection',
      started_at: minute(i),
      ended_at: minute(i + 1),
    }));
    for (let i = 0; i < many; i += 100) {
      await database
        .insertInto('run')
        .values(runs.slice(i, i + 100))
        .execute();
    }
    await database.destroy();
    await stage.world.start('fred');
  });

  test('all are in the table, the newest first; home asks for the newest alone', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    const newest = page.getByRole('region', { name: 'What ran lately' }).getByRole('link');
    await expect.poll(() => newest.count()).toBe(8);
    expect(await newest.first().getAttribute('href')).toBe(`/links/runs/${many}`);
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/v1/link-runs')) asked.push(new URL(request.url()).search);
    });
    await page.reload();
    await newest.first().waitFor();
    expect(asked).toEqual(['?order=newest&limit=8']);
    await page.getByRole('link', { name: 'Links' }).click();
    const table = page.getByRole('region', { name: 'Runs', exact: true }).getByRole('table');
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(many + 1));
    await table.getByRole('link', { name: String(many), exact: true }).waitFor();
    await page.getByRole('button', { name: /^Run/ }).first().click();
    await table.getByRole('link', { name: '1', exact: true }).waitFor();
    expectClean();
  });
});
