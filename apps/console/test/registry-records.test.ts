import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { addRecord } from '../../workstation/src/index.ts';
import { anna, holderOf } from '../../workstation/test/support/registry.ts';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setRegistryStage } from './support/registry.ts';

const schema = {
  type: 'object',
  additionalProperties: false,
  properties: { side: { type: 'string', enum: ['left', 'right'] } },
};

describe.skipIf(!hasBrowser)('records at a central server', () => {
  const stage = setRegistryStage();

  test('a data steward adds a type: what a schema leaves open is refused with its place; the next version follows', async () => {
    const { page, expectClean } = await stage.pageOf('centre', 'stella');
    expect(await page.getByRole('link', { name: 'Exports' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Record types' }).click();
    await page.getByText('This module has no record types yet').waitFor();
    await page.getByLabel(/^Name/).fill('surgery');
    const field = page.getByLabel(/^JSON Schema/);
    await field.fill(JSON.stringify({ ...schema, properties: { side: { type: 'string' } } }));
    const add = page.getByRole('button', { name: 'Add', exact: true });
    await add.click();
    await page.getByRole('alert').filter({ hasText: '/side: a text has enum' }).waitFor();
    await expectAccessible(page, 'registry-types-refused');
    await field.fill(JSON.stringify(schema));
    await add.click();
    await page.getByText('surgery has version 1 now.').waitFor();
    const type = page.getByRole('region', { name: 'surgery', exact: true });
    await type.getByText('Version 1').waitFor();
    await page.getByLabel(/^Name/).fill('surgery');
    await field.fill(JSON.stringify({ ...schema, title: 'Surgery' }));
    await add.click();
    await type.getByText('Version 2').waitFor();
    await expectAccessible(page, 'registry-types');
    expectClean();
  });

  test('a privacy officer exports records, takes the files, and deletes them; no patient is named there', async () => {
    const { relation } = await stage.clinic.relation(anna);
    const { card, chain } = await stage.registry.authority.card(holderOf(anna));
    const visit = { operation: 'enrol' as const, card: { ...card, chain }, purpose: 'first visit' };
    expect(await stage.clinic.visit(relation, visit)).toMatchObject({ state: 'done' });
    await addRecord(stage.clinic, relation, { type: 'surgery', group: 'general', body: '{"side":"left"}' });
    const { page, expectClean } = await stage.pageOf('centre', 'paula');
    await page.getByRole('link', { name: 'Record types' }).click();
    await page.getByRole('region', { name: 'surgery', exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Add', exact: true }).count()).toBe(0);
    await page.getByRole('link', { name: 'Exports' }).click();
    await page.getByText('Nothing has been exported yet.').waitFor();
    await page.getByLabel(/^Purpose/).fill('Move to the national registry');
    await page.getByRole('combobox', { name: 'Format' }).click();
    await page.getByRole('option', { name: 'lines of JSON' }).click();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const made = page.getByRole('region', { name: 'Move to the national registry' });
    await made.getByText(/paula exported one record of hips as lines of JSON/).waitFor();
    await expectAccessible(page, 'registry-exports');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      made.getByRole('button', { name: /^surgery\.ndjson/ }).click(),
    ]);
    const text = readFileSync((await download.path())!, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ body: { side: 'left' }, group: 'general' });
    expect(text).not.toContain(relation);
    await made.getByRole('button', { name: 'Delete the files' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the files' }).click();
    await made.getByText('The files were deleted.').waitFor();
    expectClean();
  });

  test('others see no exports, and are refused; who is no data steward adds no type', async () => {
    for (const person of ['anton', 'otto', 'audrey'] as const) {
      const { page, expectClean } = await stage.pageOf('centre', person);
      expect(await page.getByRole('link', { name: 'Exports' }).count()).toBe(0);
      const { csrf } = await (await page.request.get('/v1/me')).json();
      const headers = { 'x-csrf-token': csrf, 'idempotency-key': `a-role-that-may-not-${person}` };
      const name = 'mine';
      const refused = [
        await page.request.get('/v1/exports'),
        await page.request.post('/v1/exports', {
          headers,
          data: { module: 'hips', purpose: 'my own curiosity', format: 'ndjson' },
        }),
        await page.request.post('/v1/modules/hips/types', { headers, data: { name, schema: JSON.stringify(schema) } }),
      ];
      for (const answer of refused) {
        expect([answer.status(), await answer.text()]).toEqual([
          403,
          expect.stringContaining('It takes one of the roles'),
        ]);
      }
      expectClean();
    }
  });
});
