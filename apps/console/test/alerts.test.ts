import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runLinkOn } from '@symbolon/party';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, hasBrowser } from './support/browser.ts';
import { setStage } from './support/stage.ts';
import { openWorld, type World } from './support/world.ts';

/** Sally tells Fred when a patient of both comes through the emergency department. */
const emergencies = {
  name: 'emergencies',
  from: 'sally',
  to: 'fred',
  events: [
    {
      name: 'emergency',
      description: 'A stay that began in the emergency department',
      when: { valueSet: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', codes: ['EMER'] }] },
    },
  ],
  mergeMinutes: 60,
  linkDays: 90,
};

const eventsOf = (folder: string): string => join(folder, 'events');

/** A source of events for Sally: a folder with FHIR. */
const source = (folder: string): object => {
  mkdirSync(eventsOf(folder), { recursive: true });
  return {
    alerts: {
      sources: [{ name: 'ehr', kind: 'folder', path: eventsOf(folder) }],
      patients: { people: { patientColumn: 'medicaid', birthDateColumn: 'born' } },
    },
  };
};

/** Signs a link with alerts, and runs it. */
async function agreeOn(world: World): Promise<void> {
  const draft = await world.link({ signed: false });
  const hash = await world.as('fred', 'anton', async ({ agreements }) => {
    const { agreement } = await agreements.show(draft);
    const { tables } = agreement;
    const keyed = { a: { ...tables!.a, key: 'medicaid' }, b: { ...tables!.b, key: 'medicaid' } };
    const ids = { parties: agreement.parties.map(({ id }) => id), keyService: agreement.keyService.id };
    const written = { ...agreement, ...ids, tables: keyed, alerts: [emergencies] };
    await agreements.discard(draft);
    return (await agreements.draftText(JSON.stringify(written), 'json')).hash;
  });
  for (const house of ['fred', 'sally'] as const) {
    await world.as(house, 'paula', async ({ agreements }) => {
      await agreements.sign(hash);
      await agreements.send(hash);
    });
  }
  await world.as('sally', 'paula', ({ agreements }) => agreements.approve(hash, 'alerts'));
  await world.as('fred', 'anton', (_, client) => runLinkOn(client, { agreement: hash }, {}));
}

describe.skipIf(!hasBrowser)('Alerts', () => {
  const stage = setStage(() => openWorld({ sally: source }));
  const happens = (patient: string, id: string): void =>
    appendFileSync(
      join(eventsOf(stage.world.folder), 'today.ndjson'),
      `${JSON.stringify({
        resourceType: 'Encounter',
        id,
        status: 'in-progress',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'EMER' },
        subject: { reference: `Patient/${patient}` },
        period: { start: new Date(Date.now() - 60_000).toISOString() },
        serviceProvider: { display: 'General Hospital' },
      })}\n`,
    );
  beforeAll(async () => {
    await agreeOn(stage.world);
  });

  test('an event of a shared patient appears in the open inbox by itself; a person takes care of it', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'stella');
    await page.getByRole('link', { name: 'Alerts' }).click();
    await page.getByText('Nothing waits for anybody.').waitFor();
    await expectAccessible(page, 'alerts-empty');
    // M1140 is the patient of both, M1560 is Sally's alone: of this one nothing may come.
    happens('M1560', 'e1');
    happens('M1140', 'e2');
    await page.getByRole('cell', { name: 'M1140' }).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await expectAccessible(page, 'alerts');
    await page.getByRole('link', { name: 'emergency' }).click();
    await page.getByRole('heading', { name: 'emergency: M1140' }).waitFor();
    await page.getByText('General Hospital').waitFor();
    await expectAccessible(page, 'alert');
    await page.getByLabel('Note').fill('Care manager calls today');
    await page.getByRole('button', { name: 'I take care of it' }).click();
    await page.getByText('Taken care of by stella').waitFor();
    await page.reload();
    await page.getByText('Care manager calls today').waitFor();
    await page.getByRole('link', { name: 'Inbox' }).click();
    await page.getByText('Nothing waits for anybody.').waitFor();
    await page.getByText('All', { exact: true }).click();
    await page.getByRole('cell', { name: 'taken care of' }).waitFor();
    expectClean();
  });

  test('the house that tells sees how many patients it concerns, what was delivered, and what could not be read', async () => {
    const { page, expectClean } = await stage.pageOf('sally', 'paula');
    appendFileSync(join(eventsOf(stage.world.folder), 'broken.ndjson'), '{"resourceType":"Encounter"}\n');
    await page.goto('/alerts/sent');
    await page.getByRole('rowheader', { name: /^emergencies/ }).waitFor();
    await page.getByText(/^delivered \(1\)/).click();
    await page.getByRole('region', { name: 'Messages' }).getByRole('rowheader', { name: 'emergency' }).waitFor();
    await expectAccessible(page, 'alerts-sent');
    await page.getByRole('tab', { name: 'Sources' }).click();
    await page.getByRole('button', { name: 'Discard' }).waitFor();
    await expectAccessible(page, 'alerts-sources');
    await page.getByRole('button', { name: 'Read again' }).click();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('Everything that came could be read.').waitFor();
    expectClean();
  });

  test('an auditor sees no alert, and the server answers none', async () => {
    const { page, expectClean } = await stage.pageOf('fred', 'audrey');
    expect(await page.getByRole('link', { name: 'Alerts' }).count()).toBe(0);
    await page.goto('/alerts');
    await page.getByRole('heading', { name: 'Your roles do not let you see this page' }).waitFor();
    expect((await page.request.get('/v1/alerts')).status()).toBe(403);
    expectClean();
  });
});
