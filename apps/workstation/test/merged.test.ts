import { moduleApi } from '@symbolon/registry';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PatientCard, Practice } from '../src/index.ts';
import { anna, TestRegistry } from './support/registry.ts';

// Somebody who married is known by two names, with a card of each; the office merges them.
const married = { ...anna, lastName: 'Lindqvist' };

let registry: TestRegistry;
let clinic: Practice;
let practice: Practice;
let cards: { readonly before: PatientCard; readonly after: PatientCard };

beforeAll(async () => {
  registry = await TestRegistry.start();
  clinic = await registry.logIn(registry.clinic, await registry.professional('Dr. A'));
  practice = await registry.logIn(registry.practice, await registry.professional('Dr. B'));
  cards = { before: await registry.patientCard(anna), after: await registry.patientCard(married) };
});
afterAll(() => registry.close());

test('both cards answer after a merge, at any institution, and nothing is held up while the central server is told', async () => {
  const enrol = async (at: Practice, person: typeof anna, card: PatientCard) => {
    const { relation } = await at.relation(person);
    expect(await at.visit(relation, { operation: 'enrol', card, purpose: 'first visit' })).toMatchObject({
      state: 'done',
    });
    return relation;
  };
  const unlock = async (at: Practice, person: typeof anna, card: PatientCard) => {
    const { relation } = await at.relation(person);
    const visit = { operation: 'reidentify' as const, card, purpose: 'follow-up', groups: ['general'] };
    return at.visit(relation, visit);
  };
  const own = await enrol(clinic, anna, cards.before);
  await enrol(clinic, married, cards.after);
  await unlock(practice, anna, cards.before);
  await registry.atModule(async (client) => {
    const find = async (person: typeof anna) =>
      (await client.call(moduleApi.searchPatients, { body: { person, limit: 5 } }))[0]!.patient;
    const [patient, into] = [await find(married), await find(anna)];
    expect(patient).not.toBe(into);
    await client.call(moduleApi.mergePatients, { params: { patient }, body: { into } });
  });
  // At once, whether or not the central server knows.
  const { relation } = await clinic.relation(married);
  expect(await clinic.visit(relation, { operation: 'break-glass', purpose: 'unconscious' })).toMatchObject({
    state: 'done',
  });
  await vi.waitFor(async () => expect((await clinic.relation(married)).relation).toBe(own));
  for (const [person, card] of [
    [married, cards.after],
    [anna, cards.before],
    [married, cards.after],
  ] as const) {
    for (const at of [practice, clinic]) {
      const visited = await unlock(at, person, card);
      expect(visited).toMatchObject({ state: 'done', card: 'good' });
      expect(visited.relation).toBe((await at.relation(anna)).relation);
    }
  }
});
