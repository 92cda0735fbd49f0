import { contract, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';

const ofStudy = z.strictObject({ study: z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'must be the id of a study') });
const released = z.strictObject({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string().nullable())),
  withheld: z.int().describe('Cells of which a number is withheld, as too few patients stand behind it'),
});
const study = z
  .strictObject({
    id: z.string(),
    module: z.string(),
    title: z.string(),
    purpose: z.string(),
    sql: z.string(),
    state: z.enum(['proposed', 'approved', 'refused', 'done']),
    askedBy: z.string(),
    askedAt: z.string(),
    approvedBy: z.array(z.string()),
    ranAt: z.string().nullable(),
    result: released.nullable(),
  })
  .meta({ id: 'RegistryStudy' });
const studyErrors = [
  'study-syntax',
  'study-unknown-column',
  'study-unsupported',
  'study-policy',
  'plan-range',
] as const;

export const askRegistryStudy = contract({
  name: 'askRegistryStudy',
  summary: 'Asks for a study: one SELECT of aggregates over the record types of a module',
  action: 'research.ask',
  method: 'POST',
  path: '/v1/research',
  body: z.strictObject({
    module: z.string().min(1).max(31),
    title: z.string().min(1).max(200).describe('Patients see it, and the purpose'),
    purpose: z.string().min(1).max(1000),
    sql: z.string().min(1).max(16_384),
  }),
  answer: study,
  errors: studyErrors,
});

export const listRegistryStudies = contract({
  name: 'listRegistryStudies',
  summary: 'Studies, without their results',
  action: 'research.read',
  method: 'GET',
  path: '/v1/research',
  query: pageQuery.extend({ module: z.string().max(31).optional() }),
  answer: pageOf(study),
});

export const getRegistryStudy = contract({
  name: 'getRegistryStudy',
  summary: 'A study, with what it released',
  action: 'research.read',
  method: 'GET',
  path: '/v1/research/:study',
  params: ofStudy,
  answer: study,
  errors: ['not-found'],
});

export const decideRegistryStudy = contract({
  name: 'decideRegistryStudy',
  summary: 'Approves or refuses a study; nobody does so with their own',
  action: 'research.approve',
  method: 'POST',
  path: '/v1/research/:study/decision',
  params: ofStudy,
  body: z.strictObject({ approves: z.boolean() }),
  answer: study,
  repeatable: true,
  errors: ['not-found', 'conflict'],
});

export const runRegistryStudy = contract({
  name: 'runRegistryStudy',
  summary: 'Runs an approved study; one that was run is answered from then',
  action: 'research.ask',
  method: 'POST',
  path: '/v1/research/:study/run',
  params: ofStudy,
  answer: study,
  repeatable: true,
  errors: ['not-found', 'unapproved', 'conflict', ...studyErrors],
});
