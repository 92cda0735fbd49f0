import { personSchema } from '@symbolon/consent';
import { contract, nothing, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { verifiedOperations } from '../visits/person-checks.ts';
import { bytes, moment, number } from './shapes.ts';

const relation = bytes(22);

const duplicatePerson = z.strictObject({ identity: z.int(), patient: z.int(), person: personSchema, addedAt: moment });
const change = z.strictObject({
  id: z.int(),
  kind: z.enum(['merge', 'split']),
  from: z.int(),
  to: z.int(),
  identities: z.array(z.int()),
  undoes: z.int().nullable(),
  undoneBy: z.int().nullable(),
  by: z.string(),
  at: moment,
});

export const listDuplicates = contract({
  name: 'listDuplicates',
  summary: 'Identities that may be one person, and wait for a decision',
  action: 'registry.review',
  method: 'GET',
  path: '/v1/duplicates',
  query: pageQuery,
  answer: pageOf(
    z.strictObject({
      id: z.int(),
      score: z.int(),
      reasons: z.record(z.string(), z.string()),
      people: z.array(duplicatePerson).length(2),
      addedAt: moment,
    }),
  ),
});

export const dismissDuplicate = contract({
  name: 'dismissDuplicate',
  summary: 'They are two people',
  action: 'registry.review',
  method: 'POST',
  path: '/v1/duplicates/:duplicate/dismissal',
  params: z.strictObject({ duplicate: number }),
  answer: nothing,
  repeatable: true,
  errors: ['not-found'],
});

export const mergePatients = contract({
  name: 'mergePatients',
  summary: 'Two patients are one; the central server is told',
  action: 'registry.review',
  method: 'POST',
  path: '/v1/patients/:patient/merge',
  params: z.strictObject({ patient: number }),
  body: z.strictObject({ into: z.int().min(1) }),
  answer: change,
  repeatable: true,
  errors: ['not-found', 'conflict'],
});

export const splitPatient = contract({
  name: 'splitPatient',
  summary: "Some identities of a patient are somebody else's; the central server is told",
  action: 'registry.review',
  method: 'POST',
  path: '/v1/patients/:patient/split',
  params: z.strictObject({ patient: number }),
  body: z.strictObject({ identities: z.array(z.int().min(1)).min(1).max(1000) }),
  answer: change,
  repeatable: true,
  errors: ['not-found', 'conflict'],
});

export const listIdentityChanges = contract({
  name: 'listIdentityChanges',
  summary: 'Merges and splits, the oldest first',
  action: 'registry.review',
  method: 'GET',
  path: '/v1/identity-changes',
  query: pageQuery,
  answer: pageOf(change),
});

export const undoIdentityChange = contract({
  name: 'undoIdentityChange',
  summary: 'Take a merge or split back; the central server is told',
  action: 'registry.review',
  method: 'POST',
  path: '/v1/identity-changes/:change/undo',
  params: z.strictObject({ change: number }),
  answer: change,
  repeatable: true,
  errors: ['not-found', 'conflict'],
});

export const searchPatients = contract({
  name: 'searchPatients',
  summary: 'Patients who are like a person, whatever was mistyped; the log says who searched',
  action: 'registry.patients',
  method: 'POST',
  path: '/v1/patients/search',
  body: z.strictObject({ person: personSchema, limit: z.int().min(1).max(100).default(20) }),
  answer: z.array(z.strictObject({ patient: z.int(), score: z.int(), person: personSchema })),
  repeatable: true,
  errors: ['consent-identity'],
});

const ofPatient = z.strictObject({ patient: number });

export const showPatient = contract({
  name: 'showPatient',
  summary: 'A patient: identities, cards, physicians; the log says who looked',
  action: 'registry.patients',
  method: 'GET',
  path: '/v1/patients/:patient',
  params: ofPatient,
  answer: z.strictObject({
    patient: z.int(),
    identities: z.array(z.strictObject({ identity: z.int(), person: personSchema, addedAt: moment })),
    cards: z.array(
      z.strictObject({
        thumbprint: bytes(43),
        slot: z.int(),
        state: z.enum(['active', 'replaced', 'revoked']),
        addedAt: moment,
      }),
    ),
    physicians: z.array(z.string()),
  }),
  errors: ['not-found'],
});

export const exercisePatientsRight = contract({
  name: 'exercisePatientsRight',
  summary:
    'What a patient whom you have verified asks for: the central server withdraws consent, takes records out of studies, or erases all',
  action: 'registry.rights',
  method: 'POST',
  path: '/v1/patients/:patient/rights',
  params: ofPatient,
  body: z.strictObject({ right: z.enum(['withdraw', 'object', 'erase']) }),
  answer: nothing,
  repeatable: true,
  errors: ['not-found'],
});

export const endPatientsCard = contract({
  name: 'endPatientsCard',
  summary: "A patient's card counts no more: it was lost or replaced",
  action: 'registry.rights',
  method: 'DELETE',
  path: '/v1/cards/:thumbprint',
  params: z.strictObject({ thumbprint: bytes(43) }),
  answer: nothing,
  errors: ['not-found'],
});

export const confirmPerson = contract({
  name: 'confirmPerson',
  summary:
    'You know that the person of this relation is who asks for this: within ten minutes one ticket for it needs no card',
  action: 'registry.rights',
  method: 'POST',
  path: '/v1/relations/:relation/confirmation',
  params: z.strictObject({ relation }),
  body: z.strictObject({ operation: z.enum(verifiedOperations) }),
  answer: nothing,
  repeatable: true,
  errors: ['not-found'],
});

export const decideReplacement = contract({
  name: 'decideReplacement',
  summary: 'Confirm or refuse that a card was replaced, asked for at this relation; the central server is told',
  action: 'registry.rights',
  method: 'POST',
  path: '/v1/relations/:relation/replacement',
  params: z.strictObject({ relation }),
  body: z.strictObject({ decision: z.enum(['confirm', 'refuse']) }),
  answer: nothing,
  repeatable: true,
  errors: ['not-found'],
});
