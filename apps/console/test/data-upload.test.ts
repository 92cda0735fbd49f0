import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import { openWorld } from './support/world.ts';

const csv = 'id,born,value\n1,1980-05-17,4.5\n2,1980-06-17,5.5\n3,,6.5\n4,1981-01-01,7,9,9\n';
const file = (name: string, content: string | Buffer) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content),
});
/** 2 MB. */
const long = `id,value\n${Array.from({ length: 333_000 }, (_, i) => `${i % 10},1.5`).join('\n')}\n`;

describe.skipIf(!hasBrowser)('a file of one’s own computer', () => {
  const stage = setStage(() =>
    openWorld({ fred: () => ({ uploadMegabytes: 2 }), sally: () => ({ uploadMegabytes: 0 }) }),
  );
  beforeAll(async () => {
    await stage.world.link({ signed: false });
  });
  const folder = () => join(stage.world.homes.fred.path, 'uploads');
  const sent = (): string[] => (existsSync(folder()) ? readdirSync(folder()) : []);
  const choose = (page: Page, ...chosen: ReturnType<typeof file>[]) =>
    page.locator('input[type=file]').setInputFiles(chosen);
  const submit = (page: Page) => page.getByRole('button', { name: 'Read and add' });
  /** As slow as a bad line: 100 kB a second. */
  const slow = async (page: Page): Promise<() => Promise<unknown>> => {
    const session = await page.context().newCDPSession(page);
    const line = (uploadThroughput: number) =>
      session.send('Network.emulateNetworkConditions', {
        ...{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput },
      });
    await line(100_000);
    return () => line(-1);
  };

  test('a data steward sends it, sees what is wrong in it, sends a newer one, and removes it with its file', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'stella');
    await page.goto('/data');
    await page.getByRole('link', { name: 'Add a data set' }).click();
    await page.getByText('It is sent to your organisation’s own server', { exact: false }).waitFor();
    await choose(page, file('Lab Values 2026.csv', csv));
    const name = page.getByRole('textbox', { name: 'Name of the data set' });
    expect(await name.inputValue()).toBe('lab-values-2026');
    await expectAccessible(page, 'data-send');
    await name.fill('lab');
    await submit(page).click();
    await page.getByRole('heading', { name: 'lab', exact: true }).waitFor();
    await page.getByText('In a file that was sent to this server.', { exact: false }).waitFor();
    expect(await page.getByText(stage.world.folder).count()).toBe(0);
    await page.getByRole('region', { name: 'Problems' }).getByRole('row').nth(1).waitFor();
    await page.getByRole('row', { name: /^value number 4.5 to 6.5/ }).waitFor();
    await expectAccessible(page, 'data-sent');
    expect(sent()).toEqual([expect.stringMatching(/^lab-[0-9a-f]{16}\.csv$/)]);
    expect(readFileSync(join(folder(), sent()[0]!), 'utf8')).toBe(csv);
    expect(await page.getByRole('button', { name: 'Read it again' }).count()).toBe(0);

    await page.getByRole('link', { name: 'Send a newer file' }).click();
    await page.getByText('There is a data set lab already.', { exact: false }).waitFor();
    await choose(page, file('newer.csv', 'id,value\n1,2\n'));
    expect(await name.inputValue()).toBe('lab');
    await submit(page).click();
    await page.getByText('Every record could be read.').waitFor();
    expect(sent()).toHaveLength(1);
    expect(readFileSync(join(folder(), sent()[0]!), 'utf8')).toBe('id,value\n1,2\n');

    await page.getByRole('button', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The file that was sent to this server is deleted.').waitFor();
    await expectAccessible(page, 'data-remove');
    expect(await dialog.getByRole('button', { name: 'Remove' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/lab/).fill('lab');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('heading', { name: 'Data', exact: true }).waitFor();
    await page.getByRole('link', { name: 'lab', exact: true }).waitFor({ state: 'detached' });
    expect(sent()).toEqual([]);

    const auditor = await stage.pageOf('fred', 'audrey');
    const entries = await (await auditor.page.request.get('/v1/log/entries?limit=1000')).json();
    const asked = JSON.stringify(entries);
    for (const operation of ['uploadDataset', 'removeDataset']) expect(asked).toContain(operation);
    expectClean();
  });

  test('what is no table, too large or badly named is refused, with what to do; nothing of it stays', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'stella');
    await page.goto('/data/add');
    await choose(page, file('table.xlsx', csv));
    await page.getByText('Spreadsheets can be saved as CSV.', { exact: false }).waitFor();
    expect(await submit(page).isDisabled()).toBe(true);
    await choose(page, file('large.csv', Buffer.alloc(2_000_001, 'a')));
    await page.getByText('this server takes 2 MB at most', { exact: false }).waitFor();
    expect(await submit(page).isDisabled()).toBe(true);
    await expectAccessible(page, 'data-send-wrong');
    await choose(page, file('values.csv', '1,2\n3,4\n'));
    await submit(page).click();
    await page.getByRole('alert').getByText('the first line must name the columns', { exact: false }).waitFor();
    await page
      .getByRole('alert')
      .getByText(/^the file: /)
      .waitFor();
    await choose(page, file('values.parquet', 'not at all'));
    await submit(page).click();
    await page.getByRole('alert').getByText('this is no Parquet file', { exact: false }).waitFor();
    await choose(page, file('values.csv', csv));
    await page.getByRole('textbox', { name: 'Name of the data set' }).fill('../keys');
    await submit(page).click();
    expect(page.url()).toContain('/data/add');
    expect(sent()).toEqual([]);
    expectClean();
  });

  test('how much is sent shows while it goes; who stops it, leaves the page or loses the server leaves nothing there', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'stella');
    await page.goto('/data/add');
    const fast = await slow(page);
    await choose(page, file('long.csv', long));
    await submit(page).click();
    await page.getByText(/^Sent [\d.]+ [kM]B of 2 MB\.$/).waitFor();
    await vi.waitFor(() => expect(sent()).toEqual([expect.stringMatching(/\.part$/)]));
    await expectAccessible(page, 'data-sending');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Sending was stopped.', { exact: false }).waitFor();
    await vi.waitFor(() => expect(sent()).toEqual([]));

    await submit(page).click();
    await vi.waitFor(() => expect(sent()).toHaveLength(1));
    await page.getByRole('link', { name: 'Cancel' }).click();
    await vi.waitFor(() => expect(sent()).toEqual([]));

    await page.goto('/data/add');
    await choose(page, file('long.csv', long));
    await submit(page).click();
    await vi.waitFor(() => expect(sent()).toHaveLength(1));
    await stage.world.stop('fred');
    await page.getByRole('alert').waitFor();
    await stage.world.start('fred');
    expect(sent()).toEqual([]);
    await fast();
    await submit(page).click();
    await page.getByRole('heading', { name: 'long', exact: true }).waitFor();
    expect(sent()).toHaveLength(1);
    expectClean();
  });

  test('who may not add data is offered nothing and refused; so is what another site sends, and where the server takes no files', async () => {
    for (const person of ['paula', 'anton', 'otto', 'audrey'] as const) {
      const { page } = await stage.pageOf('fred', person);
      await page.goto('/data/people');
      await page.getByRole('heading', { name: 'people', exact: true }).waitFor();
      expect(await page.getByRole('button', { name: 'Remove' }).count(), person).toBe(0);
      const { csrf } = await (await page.request.get('/v1/me')).json();
      const headers = { 'x-csrf-token': csrf, 'content-type': 'application/octet-stream' };
      const added = await page.request.post('/v1/datasets/mine/file?kind=csv', { headers, data: Buffer.from(csv) });
      const removed = await page.request.delete('/v1/datasets/people', { headers: { 'x-csrf-token': csrf } });
      expect([added.status(), removed.status()], person).toEqual([403, 403]);
      await page.context().close();
    }
    const steward = await stage.pageOf('fred', 'stella');
    const foreign = await steward.page.request.post('/v1/datasets/mine/file?kind=csv', {
      headers: { 'content-type': 'application/octet-stream' },
      data: Buffer.from(csv),
    });
    expect([foreign.status(), (await foreign.json()).type]).toEqual([403, 'urn:symbolon:error:cross-site']);
    expect(sent().filter((name) => name.startsWith('mine'))).toEqual([]);
    await steward.page.goto('/data/people');
    await steward.page.getByRole('button', { name: 'Remove' }).click();
    const dialog = steward.page.getByRole('dialog');
    await dialog.getByLabel(/people/).fill('people');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByText('the agreement "Members who are patients" names the data set', { exact: false }).waitFor();
    await dialog.getByText('Discard the agreement while it is a draft', { exact: false }).waitFor();
    const { page } = await stage.pageOf('sally', 'stella');
    await page.goto('/data/add');
    await page.getByRole('combobox', { name: 'File' }).waitFor();
    expect(await page.getByText('A file on this computer').count()).toBe(0);
    steward.expectClean();
  });
});
