import { once } from 'node:events';
import { createServer } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import { tables } from './support/world.ts';

/** Rows of a CSV file by the first column. */
const keysOf = (csv: string): string[] =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[0]!);

describe.skipIf(!hasBrowser)('Links', () => {
  const stage = setStage();
  let hash: string;
  beforeAll(async () => {
    hash = await stage.world.link();
  });

  test('an analyst sees who would learn what, runs the link, and finds just the shared patients, over a reload', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    await page.getByRole('link', { name: 'Links' }).click();
    await page.getByText('Nothing was run yet.').waitFor();
    await page.getByRole('link', { name: 'Members who are patients' }).click();
    await page.getByRole('rowheader', { name: "Fred's Health Insurance and Sally's EHR each" }).waitFor();
    await expectAccessible(page, 'link');
    await page.getByRole('button', { name: 'Find the patients that we share' }).click();
    await page.reload();
    await page.getByRole('region', { name: 'Runs', exact: true }).getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Run 1' }).waitFor();
    const sheet = page.getByRole('region', { name: /Our records/ });
    await sheet.getByRole('row').nth(1).waitFor();
    await expectAccessible(page, 'link-run');
    const { fred, sally } = tables();
    const shared = keysOf(fred).filter((key) => keysOf(sally).includes(key));
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as CSV' }).click();
    const lines = (await text(await (await saved).createReadStream())).trim().split('\n').slice(1);
    const records = lines.map((line) => Number(line.split(',')[0]) - 1);
    expect(records.map((record) => keysOf(fred)[record]).sort()).toEqual([...shared].sort());
    expect(await page.getByRole('row', { name: /^Matches/ }).textContent()).toContain(String(shared.length));
    expectClean();
  });

  test('the partner sees its own side of the same run; an auditor sees the run and no match', async () => {
    const partner = await stage.pageOf('sally', 'anton');
    await partner.page.goto('/links/runs/1');
    await partner.page
      .getByRole('region', { name: /Our records/ })
      .getByRole('row')
      .nth(1)
      .waitFor();
    const auditor = await stage.pageOf('fred', 'audrey');
    await auditor.page.goto('/links/runs/1');
    await auditor.page.getByRole('row', { name: /^Matches/ }).waitFor();
    expect(await auditor.page.getByRole('region', { name: /Our records/ }).count()).toBe(0);
    expect((await auditor.page.request.get('/v1/link-runs/1/matches')).status()).toBe(403);
    await auditor.page.goto(`/links/${hash}`);
    await auditor.page.getByText('An analyst runs it.').waitFor();
    const { csrf } = await (await auditor.page.request.get('/v1/me')).json();
    const refused = await auditor.page.request.post('/v1/link-runs', {
      headers: { 'x-csrf-token': csrf, 'idempotency-key': 'test-of-a-role-9012' },
      data: { agreement: hash },
    });
    expect(refused.status()).toBe(403);
    partner.expectClean();
    auditor.expectClean();
  });

  test('a run that cannot go on says why; one that waits is ended by whoever began it', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    await page.goto(`/links/${hash}`);
    await stage.world.stop('keys');
    const start = page.getByRole('button', { name: 'Find the patients that we share' });
    await start.click();
    await page.getByText('keys cannot be reached', { exact: false }).waitFor();
    await expectAccessible(page, 'link-failed');

    const silent = createServer().listen(stage.world.homes.keys.config.listen.port, '127.0.0.1');
    await once(silent, 'listening');
    await start.click();
    await page.getByRole('button', { name: 'End it' }).click();
    await page.getByText('fred cancelled the run').waitFor();
    await start.waitFor();
    silent.close();
    await stage.world.start('keys');
    expectClean();
  });

  test('a server that stops is said to be away; once it is back, the page goes on', async () => {
    const { page } = await stage.pageOf('sally', 'anton');
    await page.goto('/links');
    await page.getByRole('link', { name: 'Members who are patients' }).waitFor();
    await stage.world.stop('sally');
    await page.getByRole('link', { name: 'Members who are patients' }).click();
    await page.getByText('The server of your organisation does not answer.').first().waitFor();
    await stage.world.start('sally');
    await page.getByRole('region', { name: 'Runs', exact: true }).getByRole('link').first().waitFor();
  });
});

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
