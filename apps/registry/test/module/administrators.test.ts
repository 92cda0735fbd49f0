import { readFileSync, writeFileSync } from 'node:fs';
import { openTicket, registryInfo, thumbprint } from '@symbolon/consent';
import { base64url, ephemeralKey, fromBase64url, systemRng } from '@symbolon/crypto';
import { homePaths } from '@symbolon/service';
import { expect, test, vi } from 'vitest';
import * as api from '../../src/module/api/contracts.ts';
import { ModuleNetwork } from './network.ts';

const anna = { lastName: 'Müller', firstName: 'Anna', birthDate: '1950-03-12', insurance: 'A123' };
const refused = (code: string) => expect.objectContaining({ code });

test('a physician with a new card: the certificate joins, the old one is dropped, and whoever used it is logged out', async () => {
  const network = await ModuleNetwork.open();
  const { admin } = network;
  const [old, next] = [await network.professional('Dr North'), await network.professional('Dr North, new card')];
  const at = await network.physician('north', old);
  const { physicianId: physician } = at;
  const renewed = network.at('north');
  const application = await renewed.apply(next, 'Dr North');
  expect(application.state).toBe('waiting');
  const join = (params: object, body: object) => admin.call(api.joinPhysician, { params, body } as never);
  await expect(join({ physician }, { application: physician })).rejects.toEqual(refused('conflict'));
  await join({ physician }, { application: application.physician });
  await expect(join({ physician }, { application: application.physician })).rejects.toEqual(refused('conflict'));
  expect((await renewed.logIn(next)).physician).toBe(physician);
  const { relation } = await at.relation(anna);
  expect((await renewed.relation(anna)).relation).toBe(relation);
  await admin.call(api.dropPhysicianCertificate, { params: { physician, thumbprint: thumbprint(old.certificate) } });
  await expect(at.relation(anna)).rejects.toEqual(refused('unauthenticated'));
  await expect(at.logIn(old)).rejects.toEqual(refused('physician-refused'));
  await renewed.relation(anna);
  const { certificates } = await admin.call(api.showPhysician, { params: { physician } });
  expect(certificates.map(({ thumbprint: print }) => print)).toEqual([thumbprint(next.certificate)]);
});

test('without a card: an administrator confirms who a person is; rights, a lost card, a replacement', async () => {
  const network = await ModuleNetwork.open({ maxFailuresPerHour: 100 });
  const { admin } = network;
  const at = await network.physician();
  const south = await network.physician('south');
  const { relation } = await at.relation(anna);
  await expect(at.ticket(relation, 'withdraw')).rejects.toEqual(refused('person-unverified'));
  await admin.call(api.confirmPerson, { params: { relation }, body: { operation: 'withdraw' } });
  await expect(at.ticket(relation, 'erase'), 'another right').rejects.toEqual(refused('person-unverified'));
  await at.ticket(relation, 'withdraw');
  await expect(at.ticket(relation, 'withdraw'), 'once').rejects.toEqual(refused('person-unverified'));
  await expect(south.ticket(relation, 'withdraw')).rejects.toEqual(refused('not-found'));
  const card = await network.patientCard(anna);
  // Whom an administrator vouches for gets the same W as by the card.
  await admin.call(api.confirmPerson, { params: { relation }, body: { operation: 'enrol' } });
  const { wrapKey } = await at.ticket(relation, 'enrol');
  await at.showCard(relation, card);
  expect((await at.ticket(relation, 'enrol')).wrapKey).toBe(wrapKey);
  expect((await at.ticket(relation, 'reidentify')).wrapKey).not.toBe(wrapKey);
  await at.showCard(relation, card, { operation: 'reidentify' });
  expect((await at.ticket(relation, 'reidentify')).wrapKey).toBe(wrapKey);
  await at.showCard(relation, card, { operation: 'withdraw' });
  await at.showCard(relation, card, { operation: 'reidentify' });
  await admin.call(api.endPatientsCard, { params: { thumbprint: thumbprint(card.certificate) } });
  await expect(at.ticket(relation, 'withdraw'), 'of a card that has ended').rejects.toEqual(
    refused('person-unverified'),
  );
  expect((await at.ticket(relation, 'reidentify')).wrapKey).not.toBe(wrapKey);
  await expect(at.showCard(relation, card)).rejects.toEqual(refused('card-refused'));
  await at.showCard(relation, await network.patientCard(anna), { operation: 'replace' });
  await at.ticket(relation, 'replace');
  await admin.call(api.decideReplacement, { params: { relation }, body: { decision: 'confirm' } });
  const [found] = await admin.call(api.searchPatients, { body: { person: anna, limit: 5 } });
  const { patient } = found!;
  const { cards, physicians } = await admin.call(api.showPatient, { params: { patient } });
  expect(cards.map(({ state }) => state)).toEqual(['replaced', 'active']);
  expect(physicians).toEqual([at.physicianId]);
  for (const right of ['withdraw', 'object', 'erase', 'erase'] as const) {
    await admin.call(api.exercisePatientsRight, { params: { patient }, body: { right } });
  }
  const unknown = base64url(systemRng(16));
  for (const ask of [
    admin.call(api.confirmPerson, { params: { relation: unknown }, body: { operation: 'erase' } }),
    admin.call(api.decideReplacement, { params: { relation: unknown }, body: { decision: 'refuse' } }),
    admin.call(api.exercisePatientsRight, { params: { patient: patient + 1 }, body: { right: 'erase' } }),
    admin.call(api.decidePhysician, { params: { physician: unknown }, body: { state: 'vetted' } }),
    admin.call(api.seeRegistryAlarm, { params: { alarm: 1 }, body: { note: 'none' } }),
    admin.call(api.setInstallation, { params: { installation: 'north' }, body: { institution: 'nowhere' } }),
  ]) {
    await expect(ask).rejects.toEqual(refused('not-found'));
  }
  await expect(
    admin.call(api.setInstallation, { params: { installation: 'centre' }, body: { institution: 'northern' } }),
  ).rejects.toEqual(refused('conflict'));
  const { notices } = await admin.call(api.getRegistryModule, {});
  // Two installations, two physicians, a replacement, and each right once; erasure is one thing, however often it is asked for.
  expect(notices.length).toBe(8);
  const events = await network.events();
  expect(events).toContainEqual(expect.objectContaining({ kind: 'patients-searched', by: 'owner' }));
  expect(events).toContainEqual(expect.objectContaining({ kind: 'patient-shown', patient, by: 'owner' }));
  expect(JSON.stringify(events)).not.toMatch(/M.ller|Anna|A123/);
});

test('who is about to be erased is merged with nobody, nor split: nothing of the patient would be left over', async () => {
  const network = await ModuleNetwork.open();
  const { admin } = network;
  const at = await network.physician();
  const people = [
    anna,
    { ...anna, birthDate: '1950-03-21', insurance: 'B123' },
    { ...anna, birthDate: '1951-03-12', insurance: 'C123' },
  ];
  const patients: number[] = [];
  for (const person of people) {
    const { relation } = await at.relation(person);
    await at.ticket(relation, 'relate');
    patients.push(
      await vi.waitFor(async () => {
        const found = await admin.call(api.searchPatients, { body: { person, limit: 5 } });
        return found.find((one) => one.person.insurance === person.insurance)!.patient;
      }),
    );
  }
  const [a, b, c] = patients as [number, number, number];
  const merge = (patient: number, into: number) =>
    admin.call(api.mergePatients, { params: { patient }, body: { into } });
  const { id: change } = await merge(b, a);
  await admin.call(api.exercisePatientsRight, { params: { patient: a }, body: { right: 'erase' } });
  for (const ask of [
    merge(a, c),
    merge(c, a),
    admin.call(api.splitPatient, { params: { patient: a }, body: { identities: [b] } }),
    admin.call(api.undoIdentityChange, { params: { change } }),
  ]) {
    await expect(ask).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/about to be erased/) });
  }
  expect((await admin.call(api.listIdentityChanges, { query: {} })).items).toHaveLength(1);
});

test('keys change: tickets are sealed to the newest key of the centre, and signed with the key that the settings name', async () => {
  const network = await ModuleNetwork.open();
  const { admin } = network;
  const card = await network.professional('Dr North');
  const { publicKey } = await admin.call(api.makeTicketKey, { body: { name: '2027' } });
  expect(await admin.call(api.makeTicketKey, { body: { name: '2027' } })).toEqual({ publicKey });
  const [next, before] = [ephemeralKey('X25519', systemRng), ephemeralKey('X25519', systemRng)];
  const { config } = homePaths(network.homes.hips.path);
  const written = JSON.parse(readFileSync(config, 'utf8')) as { settings: object };
  const centreKeys = [next, before].map((key) => base64url(key.publicKey));
  const settings = { ...written.settings, ticketKey: '2027', centreKeys };
  writeFileSync(config, JSON.stringify({ ...written, settings }));
  await network.restart();
  expect((await admin.call(api.getRegistryModule, {})).ticketKey).toBe(publicKey);
  const at = await network.physician('north', card);
  expect((await at.call('GET', '/v1/registry', registryInfo)).centreKeys).toEqual(centreKeys);
  const { relation } = await at.relation(anna);
  const { ticket } = await at.ticket(relation, 'relate');
  const expected = {
    ...{ registry: network.registry, moduleKey: fromBase64url(publicKey) },
    ...{ certificate: thumbprint(card.certificate), now: Date.now() },
  };
  const opened = await openTicket(fromBase64url(ticket), expected, next);
  expect(opened).toMatchObject({ relation, institution: 'northern', operation: 'relate' });
  await expect(openTicket(fromBase64url(ticket), expected, before)).rejects.toEqual(refused('consent-ticket'));
});
