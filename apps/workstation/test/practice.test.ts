import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exerciseRight, exportAsPatient, type PatientCard, type Practice, viewAsPatient } from '../src/index.ts';
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
    await exerciseRight(practice, own, 'object', { card });
    const taken = await exportAsPatient(practice, own, { card });
    expect(taken).toMatchObject({ kind: 'symbolon-patient-export', objected: true, module: 'hips' });
    await exerciseRight(practice, own, 'withdraw', { card });
    await expect(viewAsPatient(practice, own, { card })).rejects.toMatchObject({ code: 'consent-unanswered' });
  });
});
