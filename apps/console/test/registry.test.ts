import { describe, expect, test } from 'vitest';
import { Practice } from '../../workstation/src/index.ts';
import { anna, holderOf } from '../../workstation/test/support/registry.ts';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setRegistryStage } from './support/registry.ts';

// Module and central server of a registry, with two workstations whose cards are simulated, over real TLS; administrators in a browser.
describe.skipIf(!hasBrowser)('a registry', () => {
  const stage = setRegistryStage();

  test('module: an operator is told who waits, compares the certificate, and vets; suspends again', async () => {
    const { card, chain } = await stage.registry.authority.card({ commonName: 'Dr South' });
    await Practice.apply({ home: stage.registry.practice, professional: { ...card, chain } }, 'Dr South');
    const { page, expectClean } = await stage.pageOf('module', 'otto');
    await page.getByRole('link', { name: /One physician waits/ }).waitFor();
    await expectAccessible(page, 'registry-module-home');
    await page.getByRole('link', { name: /One physician waits to be vetted/ }).click();
    await page.getByRole('link', { name: 'Dr South' }).click();
    await page.getByRole('rowheader', { name: /CN=Dr South/ }).waitFor();
    await expectAccessible(page, 'registry-physician');
    await page.getByRole('button', { name: 'Vet', exact: true }).click();
    await page.getByRole('dialog').getByText('The central server is told.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Vet' }).click();
    await page.getByRole('cell', { name: 'vetted' }).waitFor();
    await page.getByRole('button', { name: 'Suspend', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('cell', { name: 'suspended' }).waitFor();
    await page.getByRole('link', { name: 'Physicians' }).click();
    await page.getByText('vetted', { exact: true }).first().click();
    await page.getByRole('link', { name: 'Dr North' }).waitFor();
    expect(await page.getByRole('link', { name: 'Dr South' }).count()).toBe(0);
    await expectAccessible(page, 'registry-physicians');
    expectClean();
  });

  test('module: two who may be one person stand beside each other; one decision, taken back', async () => {
    for (const person of [anna, { ...anna, lastName: 'Mustre' }]) {
      const { relation } = await stage.clinic.relation(person);
      const { card, chain } = await stage.registry.authority.card(holderOf(person));
      const visit = { operation: 'enrol' as const, card: { ...card, chain }, purpose: 'first visit' };
      expect(await stage.clinic.visit(relation, visit)).toMatchObject({ state: 'done' });
    }
    const { page, expectClean } = await stage.pageOf('module', 'otto');
    await page.getByRole('link', { name: 'Review queue' }).click();
    const pair = page.getByRole('region', { name: /^Patient \d+, Patient \d+$/ });
    await pair
      .getByRole('row', { name: /Last name differs/ })
      .getByText('Mustre')
      .waitFor();
    expect(page.url()).not.toMatch(/Mustre|Anna/);
    await expectAccessible(page, 'registry-review');
    await pair.getByRole('button', { name: 'They are one person' }).click();
    await page
      .getByRole('dialog')
      .getByText(/It can be undone/)
      .waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'They are one person' }).click();
    await page.getByText('Nobody waits for a decision.').waitFor();
    await page.getByRole('tab', { name: 'Merged and split' }).click();
    const merged = page.getByRole('row', { name: /^Patient \d+ merged into \d+/ });
    await merged.waitFor();
    await expectAccessible(page, 'registry-changes');
    await merged.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
    await merged.getByText('taken back').waitFor();
    expectClean();
  });

  test('module: a patient is found though mistyped, a card that was lost is ended, consent withdrawn; nobody’s name is in an address', async () => {
    const { page, expectClean } = await stage.pageOf('module', 'otto');
    let asked = 0;
    page.on('request', (request) => {
      if (/v1.patients.\d+$/.test(request.url())) asked++;
    });
    await page.getByRole('link', { name: 'Patients', exact: true }).click();
    const field = (name: string) => page.getByRole('textbox', { name });
    const search = page.getByRole('button', { name: 'Search' });
    await search.waitFor();
    expect(await search.isDisabled()).toBe(true);
    await field('Last name').fill('Mustr');
    await search.click();
    await page.getByRole('alert').filter({ hasText: 'a search needs a date, a code or two names' }).waitFor();
    await field('First name').fill('Ana');
    await field('Birth date').fill(anna.birthDate);
    await search.click();
    const found = page.getByRole('region', { name: 'The likest first' });
    await found.getByRole('row').filter({ hasText: anna.lastName }).first().waitFor();
    await expectAccessible(page, 'registry-patients');
    await found.getByRole('row').filter({ hasText: anna.lastName }).getByRole('link').first().click();
    await page.getByRole('region', { name: 'Known as' }).getByText(anna.lastName).waitFor();
    expect(page.url()).toMatch(/patients\/\d+$/);
    await page.getByRole('link', { name: 'Dr North' }).waitFor();
    await expectAccessible(page, 'registry-patient');
    await page.getByRole('button', { name: 'End this card' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End this card' }).click();
    await page.getByRole('cell', { name: 'replaced' }).waitFor();
    await page.getByRole('button', { name: 'Withdraw all consent' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw all consent' }).click();
    await page.getByText('The central server is told; it does so as soon as it hears.').waitFor();
    await page.getByRole('button', { name: 'Erase everything' }).click();
    expect(await page.getByRole('dialog').getByRole('button', { name: 'Erase everything' }).isDisabled()).toBe(true);
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    // Who looks is in the log, and that is no reason to look again.
    const before = asked;
    await page.waitForTimeout(1500);
    expect([before > 0, asked - before]).toEqual([true, 0]);
    await page.goto(`${stage.urlOf('module')}/patients/999999`);
    await page.getByRole('alert').waitFor();
    expectClean();
  });

  test('centre: an access without the card waits for a review; the alarm is looked at, there and at the module', async () => {
    const { relation } = await stage.clinic.relation({ ...anna, firstName: 'Berta' });
    const visit = { operation: 'break-glass' as const, purpose: 'unconscious after a fall' };
    expect(await stage.clinic.visit(relation, visit)).toMatchObject({ state: 'done' });
    const { page, expectClean } = await stage.pageOf('centre', 'otto');
    await page.getByRole('region', { name: 'Modules' }).getByRole('rowheader', { name: 'hips' }).waitFor();
    await expectAccessible(page, 'registry-centre-home');
    await page.getByRole('link', { name: /One access without the card to review/ }).click();
    await page.getByText('unconscious after a fall').waitFor();
    await page.getByLabel(/^What you found out/).fill('Brought in by ambulance.');
    await expectAccessible(page, 'registry-reviews');
    await page.getByRole('button', { name: 'It was justified' }).click();
    await page.getByText('No access waits for a review.').waitFor();
    await page.getByText('All', { exact: true }).click();
    await page.getByText('Found by otto: justified').waitFor();
    await page.getByRole('link', { name: 'Alarms' }).click();
    await page.getByRole('button', { name: 'I have looked at it' }).first().waitFor();
    await expectAccessible(page, 'registry-alarms');
    await page.getByRole('button', { name: 'I have looked at it' }).first().click();
    await page.getByRole('dialog').getByRole('textbox').fill('reviewed');
    await page.getByRole('dialog').getByRole('button', { name: 'I have looked at it' }).click();
    await page.getByText('All', { exact: true }).click();
    await page.getByText('looked at by otto').first().waitFor();
    expectClean();
    const module = await stage.pageOf('module', 'otto');
    await module.page.getByRole('link', { name: 'Alarms', exact: true }).click();
    await module.page.getByText('told by the central server').first().waitFor();
    module.expectClean();
  });

  test('module: which computer works for whom; people and settings are as elsewhere', async () => {
    const { page, expectClean } = await stage.pageOf('module', 'otto');
    await page.getByRole('link', { name: 'Installations' }).click();
    await page.getByRole('rowheader', { name: 'practice-pc' }).waitFor();
    await page.getByLabel(/^Short name/).fill('ward-5');
    await page.getByLabel(/^Name/).fill('The fifth ward');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('cell', { name: 'The fifth ward' }).waitFor();
    await page.getByLabel(/^Installation/).fill('nowhere');
    await page.getByRole('button', { name: 'Let it work for' }).click();
    await page.getByRole('alert').waitFor();
    await expectAccessible(page, 'registry-installations');
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('rowheader', { name: 'Paula' }).waitFor();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('tab', { name: 'Partners' }).click();
    await page.getByRole('rowheader', { name: 'clinic-pc' }).waitFor();
    expect(await page.getByRole('tab', { name: 'This server' }).count()).toBe(0);
    expectClean();
  });

  test('who is no operator sees nothing of it, and the servers refuse it', async () => {
    const { page, expectClean } = await stage.pageOf('module', 'audrey');
    for (const name of ['Physicians', 'Patients', 'Review queue', 'Alarms', 'Installations', 'People']) {
      expect(await page.getByRole('link', { name, exact: true }).count()).toBe(0);
    }
    for (const path of ['physicians', 'patients/1', 'duplicates', 'alarms', 'installations', 'status']) {
      expect((await page.request.get(`/v1/${path}`)).status(), path).toBe(403);
    }
    const changes = {
      'patients/search': { person: anna, limit: 5 },
      'patients/1/rights': { right: 'withdraw' },
    };
    const { csrf } = await (await page.request.get('/v1/me')).json();
    const headers = { 'x-csrf-token': csrf, 'idempotency-key': 'a-role-that-may-not' };
    for (const [path, data] of Object.entries(changes)) {
      const refused = await page.request.post(`/v1/${path}`, { headers, data });
      expect([refused.status(), await refused.text()], path).toEqual([
        403,
        expect.stringContaining('It takes the role operator'),
      ]);
    }
    expectClean();
    const analyst = await stage.pageOf('centre', 'anton');
    expect(await analyst.page.getByRole('link', { name: 'Without the card' }).count()).toBe(0);
    expect((await analyst.page.request.get('/v1/reviews')).status()).toBe(403);
    await analyst.page.getByRole('link', { name: 'Research' }).click();
    await analyst.page.getByRole('button', { name: 'Ask', exact: true }).waitFor();
    await expectAccessible(analyst.page, 'registry-research');
    analyst.expectClean();
  });
});
