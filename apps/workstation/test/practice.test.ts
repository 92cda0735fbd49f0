import { centreApi } from '@symbolon/registry';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addRecord,
  exerciseRight,
  exportAsPatient,
  type PatientCard,
  type Practice,
  readRecords,
  viewAsPatient,
} from '../src/index.ts';
import { anna, TestRegistry } from './support/registry.ts';

describe('a practice at real servers', () => {
  let registry: TestRegistry;
  let clinic: Practice;
  let practice: Practice;
  let card: PatientCard;
  const relation = async (of: Practice, person = anna) => (await of.relation(person)).relation;

  beforeAll(async () => {
    registry = await TestRegistry.start();
    clinic = await registry.logIn(registry.clinic, await registry.professional('Dr. A'));
    practice = await registry.logIn(registry.practice, await registry.professional('Dr. B'));
    card = await registry.patientCard(anna);
  });
  afterAll(() => registry.close());

  test('enrols a card; a physician of another institution reads with it', async () => {
    const steps: string[] = [];
    const visit = {
      card,
      purpose: 'hip replacement',
      groups: ['general'],
      progress: (step: string) => steps.push(step),
    };
    const enrolled = await clinic.visit(await relation(clinic), { operation: 'enrol', ...visit });
    expect(enrolled).toMatchObject({ state: 'done', card: 'good', grant: null });
    expect(steps).toEqual(['check-card', 'ticket', 'challenge', 'patient-card', 'professional-card']);
    const opened = await practice.visit(await relation(practice), { operation: 'reidentify', ...visit });
    expect(opened).toMatchObject({ state: 'done', grant: { kind: 'consent', groups: ['general'] } });
  });

  test('records are signed; others read those of the groups that the patient chose', async () => {
    const schema = JSON.stringify({
      type: 'object',
      properties: { side: { type: 'string', enum: ['left', 'right'] } },
      additionalProperties: false,
    });
    await registry.atCentre((client) =>
      client.call(centreApi.addRecordType, { params: { module: 'hips' }, body: { name: 'surgery', schema } }),
    );
    const [own, others] = [await relation(clinic), await relation(practice)];
    const body = '{"side":"left"}';
    await addRecord(clinic, own, { type: 'surgery', group: 'general', body });
    await addRecord(clinic, own, { type: 'surgery', group: 'psychiatry', body: '{"side":"right"}' });
    await expect(addRecord(clinic, own, { type: 'none', group: 'general', body })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await readRecords(clinic, own)).toHaveLength(2);
    const read = await readRecords(practice, others);
    expect(read).toMatchObject([{ body, group: 'general', own: false, signed: true }]);
  });

  test('a laboratory adds a record of a patient who is not there', async () => {
    const absent = await relation(practice, { ...anna, firstName: 'Clara' });
    await practice.visit(absent, { operation: 'relate', purpose: 'laboratory' });
    const stored = await addRecord(practice, absent, { type: 'surgery', group: 'general', body: '{"side":"left"}' });
    expect(stored).toMatchObject({ version: 1, stripped: [] });
    expect(await readRecords(practice, absent)).toHaveLength(1);
  });

  test('another card does not answer, whose ever it is; and a person who is not known is like one whose card is another', async () => {
    const purpose = 'hip replacement';
    const wrong = await registry.patientCard(anna);
    const stranger = { ...anna, firstName: 'Berta' };
    const failures = [
      await practice.visit(await relation(practice), { operation: 'reidentify', card: wrong, purpose }).catch(String),
      await practice
        .visit(await relation(practice, stranger), {
          operation: 'reidentify',
          card: await registry.patientCard(stranger),
          purpose,
        })
        .catch(String),
    ];
    expect(failures[0]).toContain('does not answer');
    expect(failures[1]).toBe(failures[0]);
  });

  test("the module refuses a card that is another person's", async () => {
    const berta = await registry.patientCard({ ...anna, firstName: 'Berta' });
    const visit = practice.visit(await relation(practice), { operation: 'reidentify', card: berta, purpose: 'x' });
    await expect(visit).rejects.toMatchObject({ code: 'card-refused' });
  });

  test('in an emergency, without a card', async () => {
    const forced = await practice.visit(await relation(practice), { operation: 'break-glass', purpose: 'unconscious' });
    expect(forced).toMatchObject({ grant: { kind: 'break-glass' }, card: null });
  });

  test('a card that only signs is not registered', async () => {
    const signs: PatientCard = { ...card, open: () => Promise.reject(new Error('it cannot')) };
    const visit = clinic.visit(await relation(clinic), { operation: 'enrol', card: signs, purpose: 'x' });
    await expect(visit).rejects.toMatchObject({ code: 'card-key' });
  });

  test('what needs a card says so', async () => {
    const visit = practice.visit(await relation(practice), { operation: 'reidentify', purpose: 'x' });
    await expect(visit).rejects.toMatchObject({ code: 'card-missing' });
  });

  test('the patient sees who had access, takes it along, objects and withdraws', async () => {
    const own = await relation(practice);
    const view = await viewAsPatient(practice, own, { card });
    expect(view.consents.map(({ operation }) => operation)).toContain('break-glass');
    expect(view.objected).toBe(false);
    expect(view.accesses).toEqual(
      expect.arrayContaining([expect.objectContaining({ what: 'read', institution: 'practice' })]),
    );
    await exerciseRight(practice, own, 'object', { card });
    const taken = await exportAsPatient(practice, own, { card });
    expect(taken).toMatchObject({ kind: 'symbolon-patient-export', objected: true, module: 'hips' });
    await exerciseRight(practice, own, 'withdraw', { card });
    await expect(viewAsPatient(practice, own, { card })).rejects.toMatchObject({ code: 'consent-unanswered' });
  });
});
