import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifierKey } from '@symbolon/ledger';
import { runLinkOn } from '@symbolon/party';
import { logKeys, logOrigin, verifyLogFolder } from '@symbolon/service';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';

const origin = logOrigin('fred');

describe.skipIf(!hasBrowser)('Log', () => {
  const stage = setStage();
  beforeAll(async () => {
    const hash = await stage.world.link();
    await stage.world.as('fred', 'anton', (_, client) => runLinkOn(client, { agreement: hash }, {}));
  });

  const verified = (page: Page) => page.getByRole('status').filter({ hasText: 'The log is sound' });

  test('an auditor reads in words who did what, chooses entries, and sees the proof of one hold', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'audrey');
    await page.getByRole('link', { name: 'Log', exact: true }).click();
    await page.getByText('paula signed the agreement “Members who are patients” for us').waitFor();
    await page.getByText(/A link was done \(a: 60 rows, b: 55 rows\), with \d+ matches/).waitFor();
    await expectAccessible(page, 'log');
    await page.getByRole('combobox', { name: 'What', exact: true }).click();
    await page.getByRole('option', { name: 'link done' }).click();
    await page.getByRole('row').nth(1).waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    await page.reload();
    await page.getByText(/A link was done/).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await page.getByRole('row').nth(1).getByRole('link').first().click();
    await page.getByText(/Proven: this is entry/).waitFor();
    await expectAccessible(page, 'log-entry');
    await page.getByRole('link', { name: 'All entries' }).click();
    await page.getByRole('textbox', { name: 'Who' }).fill('stella');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('otto').first().waitFor({ state: 'detached' });
    expect(await page.getByText('paula signed').count()).toBe(0);
    expectClean();
  });

  test('the browser verifies the log by itself, and finds one letter that is changed in its copy', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'audrey');
    await page.goto('/log/verify');
    await page.getByRole('button', { name: 'Verify the log' }).click();
    await verified(page).waitFor();
    const { logSize } = await (await page.request.get('/v1/status')).json();
    const said = await page.getByText(/All \d+ entries are there, in order/).textContent();
    expect(Number(/\d+/.exec(said!)![0])).toBeGreaterThan(20);
    expect(Number(/\d+/.exec(said!)![0])).toBeLessThanOrEqual(logSize);
    await page.getByText(/All \d+ events belong to their entries/).waitFor();
    await expectAccessible(page, 'log-verified');
    for (let time = 0; time < 3; time++) {
      await page.getByRole('button', { name: 'Tamper with the copy' }).click();
      const alert = page.getByRole('alert').filter({ hasText: 'Found: the copy was changed' });
      await alert.waitFor();
      const entry = /of entry (\d+) was changed/.exec((await alert.textContent())!)![1];
      expect(await alert.textContent()).toContain(`The event of entry ${entry} does not give the entry.`);
      if (time === 0) await expectAccessible(page, 'log-tampered');
      await page.getByRole('button', { name: 'Verify the untouched copy again' }).click();
      await verified(page).waitFor();
    }
    expectClean();
  });

  test('keys of a file decide whom it trusts; the copy that it saves verifies elsewhere', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'symbolon-copy-'));
    const { page, expectClean } = await stage.pageOf('fred', 'audrey');
    await page.goto('/log/verify');
    const keysOf = (house: 'fred' | 'sally', name: string): string => {
      const file = join(folder, house);
      writeFileSync(
        file,
        logKeys(stage.world.homes[house], name)
          .map((key) => `${verifierKey(key)}\n`)
          .join(''),
      );
      return file;
    };
    const choose = page.locator('input[type=file]');
    await choose.setInputFiles(keysOf('sally', origin));
    await page.getByRole('button', { name: 'Verify the log' }).click();
    await page
      .getByRole('alert')
      .getByText(/signature|trusted/)
      .first()
      .waitFor();
    await choose.setInputFiles(keysOf('fred', origin));
    await page.getByRole('button', { name: 'Verify the log' }).click();
    await verified(page).getByText('Verified with the keys of your file.').waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the copy as files' }).click();
    const archive = join(folder, 'log.tar');
    await (await saving).saveAs(archive);
    execFileSync('tar', ['-xf', archive, '-C', folder]);
    const verdict = await verifyLogFolder(join(folder, 'log'), logKeys(stage.world.homes.fred, origin));
    expect(verdict).toMatchObject({ ok: true, events: verdict.size });
    rmSync(folder, { recursive: true });
    expectClean();
  });

  test('shows how far each partner has seen it, and has the server verify statements', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'paula');
    await page.goto('/log/witnesses');
    await page.getByRole('rowheader', { name: 'sally' }).waitFor();
    await page.getByRole('button', { name: 'Have the server verify it' }).click();
    await page.getByText('1 signed statement of a run stands in the log as it was signed.').waitFor();
    await expectAccessible(page, 'log-witnesses');
    expectClean();
  });

  test('an analyst sees no log, and the server answers none of it', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'anton');
    expect(await page.getByRole('link', { name: 'Log', exact: true }).count()).toBe(0);
    await page.goto('/log');
    await page.getByRole('heading', { name: 'Your roles do not let you see this page' }).waitFor();
    for (const path of ['timeline', 'export', 'entries/0']) {
      expect((await page.request.get(`/v1/log/${path}`)).status(), path).toBe(403);
    }
    expectClean();
  });
});
