import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportLog, logKeys, openArchive, openDatabase, verifyLogFolder } from '@symbolon/service';
import { beforeAll, describe, expect, test } from 'vitest';
import { anna, holderOf } from '../../workstation/test/support/registry.ts';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { type RegistryServer, setRegistryStage } from './support/registry.ts';

const said: Readonly<Record<RegistryServer, readonly RegExp[]>> = {
  module: [/^The physician \S+ named a patient at /, /^The physician \S+ got a ticket to enrol/],
  centre: [/^The physician \S+ began to enrol/, /^The card answered the physician \S+ to enrol/],
};

describe.skipIf(!hasBrowser)('the log of a registry’s servers', () => {
  const stage = setRegistryStage();
  beforeAll(async () => {
    const { relation } = await stage.clinic.relation(anna);
    const { card, chain } = await stage.registry.authority.card(holderOf(anna));
    const visit = { operation: 'enrol' as const, card: { ...card, chain }, purpose: 'first visit' };
    expect(await stage.clinic.visit(relation, visit)).toMatchObject({ state: 'done' });
  });

  test.each(['module', 'centre'] as const)(
    '%s: an auditor reads in words what happened, sees the proof of an entry, and verifies all in the browser',
    async (server) => {
      const { page, expectClean } = await stage.pageOf(server, 'audrey');
      await page.getByRole('link', { name: 'Log', exact: true }).click();
      for (const words of said[server]) await page.getByRole('cell', { name: words }).first().waitFor();
      expect(await page.locator('main').textContent()).not.toContain(anna.lastName);
      expect(await page.getByRole('tab', { name: 'Witnesses' }).count()).toBe(0);
      await expectAccessible(page, `registry-log-${server}`);

      await page.getByRole('combobox', { name: 'What', exact: true }).click();
      await page.getByRole('option', { name: 'physician logged in' }).click();
      await page.getByRole('cell', { name: /logged in at/ }).waitFor();
      await expect.poll(() => page.getByRole('row').count()).toBe(2);
      await page.getByRole('row').nth(1).getByRole('link').first().click();
      await page.getByText(/Proven: this is entry/).waitFor();
      expect(await page.getByRole('button', { name: 'Ask to erase it' }).count()).toBe(0);
      await expectAccessible(page, `registry-log-entry-${server}`);

      await page.goto('/log/verify');
      await page.getByRole('button', { name: 'Verify the log' }).click();
      await page.getByRole('status').filter({ hasText: 'The log is sound' }).waitFor();
      await page.getByRole('button', { name: 'Tamper with the copy' }).click();
      await page.getByRole('alert').filter({ hasText: 'Found: the copy was changed' }).waitFor();
      expectClean();
    },
  );

  test.each(['module', 'centre'] as const)(
    '%s: who operates it, and who analyses, see no log, and are refused',
    async (server) => {
      for (const person of ['otto', 'anton', 'stella'] as const) {
        const { page, expectClean } = await stage.pageOf(server, person);
        expect(await page.getByRole('link', { name: 'Log', exact: true }).count()).toBe(0);
        for (const path of ['timeline', 'entries', 'entries/0', 'checkpoint', 'export', 'export/tiles?entries=1']) {
          const refused = await page.request.get(`/v1/log/${path}`);
          expect([refused.status(), await refused.text()], path).toEqual([
            403,
            expect.stringContaining('It takes one of the roles auditor, privacy-officer'),
          ]);
        }
        expectClean();
      }
      const { page } = await stage.pageOf(server, 'paula');
      for (const [path, status] of [
        ['entries/99999', 404],
        ['entries/-1', 400],
        ['export/events?entries=99999&disclosed=all', 404],
        ['export?epoch=7', 404],
        ['timeline?after=x', 400],
      ] as const) {
        expect((await page.request.get(`/v1/log/${path}`)).status(), path).toBe(status);
      }
    },
  );

  test.each(['module', 'centre'] as const)('%s: what the server has exported verifies elsewhere', async (server) => {
    const folder = mkdtempSync(join(tmpdir(), 'symbolon-registry-log-'));
    const home = stage.registry.servers[server];
    const database = await openDatabase(home);
    const archive = await openArchive(home, database);
    const { entries } = await exportLog(archive, join(folder, 'log'), 'all');
    await database.destroy();
    const verdict = await verifyLogFolder(join(folder, 'log'), logKeys(home, archive.log.origin));
    expect(verdict).toMatchObject({ ok: true, size: entries });
    rmSync(folder, { recursive: true });
  });
});
