import { thumbprint } from '@symbolon/consent';
import { base64url, hashLabelled, systemRng } from '@symbolon/crypto';
import { createLogger, openDatabase } from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test, vi } from 'vitest';
import { NoticeOutbox } from '../../src/common/notices.ts';
import * as api from '../../src/module/api/contracts.ts';
import { both, read, told } from './both.ts';
import { anything } from './network.ts';

const anna = { lastName: 'Müller', firstName: 'Anna', birthDate: '1950-03-12', insurance: 'A123' };
const twin = { ...anna, birthDate: '1950-03-21' };
const logger = createLogger({ id: 'test', logLevel: 'silent' });
const now = () => new Date();

onBothDatabases(() => {
  test('the central server learns, in their order, what was decided while it was away; merges, splits and new pseudonyms, and no identity', async () => {
    const { network, centre, start } = await both();
    const { admin } = network;
    const card = await network.professional('Dr North');
    const at = await network.physician('north', card);
    const waiting = await vi.waitFor(async () => {
      const { notices } = await admin.call(api.getRegistryModule, {});
      expect(notices[0]?.tries).toBeGreaterThan(0);
      return notices;
    });
    expect(waiting.length).toBe(3);
    const [one, other] = [await at.relation(anna), await at.relation(twin)];
    await at.ticket(one.relation, 'relate');
    await at.ticket(other.relation, 'relate');
    const { items } = await vi.waitFor(async () => {
      const found = await admin.call(api.listDuplicates, { query: {} });
      expect(found.items.length).toBe(1);
      return found;
    });
    const [a, b] = items[0]!.people;
    const merged = await admin.call(api.mergePatients, { params: { patient: b!.patient }, body: { into: a!.patient } });
    await admin.call(api.undoIdentityChange, { params: { change: merged.id } });
    await admin.call(api.changePseudonymKey, { body: { name: 'salted-2' } });
    await start();
    await told(network);
    await vi.waitFor(async () =>
      expect((await admin.call(api.getRegistryModule, {})).pseudonymKey).toEqual({ current: 'salted-2', next: null }),
    );
    await told(network);
    await read(centre, async (database) => {
      const physicians = await database.selectFrom('physician').selectAll().execute();
      expect(physicians).toMatchObject([{ module: 'hips', id: at.physicianId, name: null, state: 'vetted' }]);
      const certificates = await database.selectFrom('physician_certificate').selectAll().execute();
      expect(certificates).toMatchObject([{ thumbprint: thumbprint(card.certificate), certificate: null }]);
      const installations = await database
        .selectFrom('centre_installation')
        .selectAll()
        .orderBy('installation')
        .execute();
      expect(installations.map(({ institution }) => institution)).toEqual(['northern', 'southern']);
    });
    const subjects = async () => {
      const rows = await read(network.homes.hips, (database) =>
        database
          .selectFrom('registry_notice')
          .select(['subject', 'document'])
          .where('subject', 'is not', null)
          .orderBy('id')
          .execute(),
      );
      expect(rows.every(({ document }) => document === null)).toBe(true);
      return rows.map(({ subject }) => subject!.replace(/:\d+$/, ''));
    };
    expect(await subjects()).toEqual(['change', 'change', 'map:salted-2']);
    // Old pseudonyms count until the last ticket that can name one is over.
    network.clock.ahead += 20 * 60_000;
    await admin.call(api.mergePatients, { params: { patient: b!.patient }, body: { into: a!.patient } });
    await vi.waitFor(async () => expect((await subjects()).slice(3)).toEqual(['change', 'key:salted-2']));
    await admin.call(api.decidePhysician, { params: { physician: at.physicianId }, body: { state: 'suspended' } });
    await told(network);
    await read(centre, async (database) => {
      expect(await database.selectFrom('physician').select('state').execute()).toEqual([{ state: 'suspended' }]);
      // As in a backup that was put back.
      await database.updateTable('physician').set({ state: 'vetted' }).execute();
      await database.deleteFrom('centre_installation').where('installation', '=', 'north').execute();
    });
    await admin.call(api.removeInstallation, { params: { installation: 'south' } });
    await admin.call(api.tellCentreAgain, { body: { since: merged.at } });
    await told(network);
    await read(centre, async (database) => {
      expect(await database.selectFrom('physician').select('state').execute()).toEqual([{ state: 'suspended' }]);
      const installations = await database.selectFrom('centre_installation').select('installation').execute();
      expect(installations).toEqual([{ installation: 'north' }]);
    });
  });

  test('what the central server refuses is an alarm, and holds up nobody who is suspended', async () => {
    const { network, centre, start } = await both();
    const { admin } = network;
    const at = await network.physician();
    await start();
    await told(network);
    await read(network.homes.hips, async (database) => {
      const outbox = new NoticeOutbox({ home: network.homes.hips, database, logger, rng: systemRng, now });
      for (const urgent of [true, false]) {
        await outbox.write(database, 'centre', { about: 'nothing' }, { urgent, concerns: ['patient 1'] });
      }
    });
    await admin.call(api.decidePhysician, { params: { physician: at.physicianId }, body: { state: 'suspended' } });
    const refused = await vi.waitFor(async () => {
      const { notices } = await admin.call(api.getRegistryModule, {});
      expect(notices).toHaveLength(2);
      return notices;
    });
    expect(refused.map(({ error }) => error)).toEqual([
      expect.stringMatching(/^bad-document/),
      expect.stringMatching(/^bad-document/),
    ]);
    await read(centre, async (database) => {
      expect(await database.selectFrom('physician').select('state').execute()).toEqual([{ state: 'suspended' }]);
    });
    const { items } = await admin.call(api.listRegistryAlarms, { query: {} });
    expect(items.map(({ alarm }) => alarm)).toEqual(['notice-refused']);
  });

  test('what the central server tells: an alarm of a patient, once; that all was erased, and nothing of the patient is left; from nobody else', async () => {
    const { network, centre } = await both();
    const { admin } = network;
    const at = await network.physician();
    const { relation } = await at.relation(anna);
    await at.showCard(relation, await network.patientCard(anna));
    await at.ticket(relation, 'enrol');
    const status = () => admin.call(api.getRegistryModule, {});
    await vi.waitFor(async () => expect((await status()).counts.patients).toBe(1));
    const [found] = await admin.call(api.searchPatients, { body: { person: anna, limit: 5 } });
    const { patient } = found!;
    // The pseudonym, as the central server knows it from a ticket.
    await admin.call(api.exercisePatientsRight, { params: { patient }, body: { right: 'object' } });
    const pseudonym = await read(network.homes.hips, async (database) => {
      const rows = await database.selectFrom('registry_notice').select('document').orderBy('id', 'desc').execute();
      const { payload } = JSON.parse(Buffer.from(rows[0]!.document!).toString()) as { payload: string };
      return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { what: { pseudonym: string } }).what
        .pseudonym;
    });
    const database = await openDatabase(centre);
    onTestFinished(() => database.destroy());
    const outbox = new NoticeOutbox({ home: centre, database, logger, rng: systemRng, now });
    onTestFinished(() => outbox.close());
    const tell = async (what: unknown) => {
      await outbox.write(database, 'hips', what, { concerns: [] });
      outbox.wake('hips');
      await vi.waitFor(async () => expect(await outbox.waiting()).toEqual([]));
    };
    const alarm = { about: 'alarm', alarm: 'break-glass', physician: null, installation: 'north', patient: true };
    await tell({ ...alarm, pseudonym, text: 'records were opened in an emergency' });
    await tell({ ...alarm, pseudonym: base64url(hashLabelled('nobody')), text: 'of somebody else' });
    const { items } = await admin.call(api.listRegistryAlarms, { query: {} });
    expect(items.map((one) => [one.alarm, one.patient, one.tellPatient, one.ofCentre])).toEqual([
      ['break-glass', null, true, true],
      ['break-glass', patient, true, true],
    ]);
    await admin.call(api.seeRegistryAlarm, {
      params: { alarm: items[1]!.id },
      body: { note: 'The patient was told by letter.' },
    });
    expect((await admin.call(api.listRegistryAlarms, { query: {} })).items.length).toBe(1);
    await tell({ about: 'right', right: 'erase', pseudonym });
    expect((await status()).counts).toMatchObject({ patients: 0, relations: 0 });
    await expect(at.ticket(relation, 'relate')).rejects.toMatchObject({ code: 'not-found' });
    const waits = (await outbox.waiting()).length;
    await outbox.write(database, 'hips', { about: 'right', right: 'everything', pseudonym }, { concerns: [] });
    outbox.wake('hips');
    await vi.waitFor(async () => expect((await outbox.waiting())[waits]?.error).toMatch(/^bad-document/));
    const stranger = network.at('north');
    await expect(
      stranger.call('POST', '/v1/notices', anything, {
        notice: { payload: 'AA', signatures: [{ protected: 'AA', signature: 'AA' }] },
      }),
    ).rejects.toMatchObject({ code: 'peer-refused' });
  });
});
