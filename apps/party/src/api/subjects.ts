import { purposeCode } from '@symbolon/agreement';
import { contract, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { datasetName } from './datasets.ts';
import { agreementHash } from './shapes.ts';

/** Identifiers that one request names, at most. */
export const mostPeople = 5000;

const identifier = z.string().min(1).max(1000);
const people = {
  column: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('What tells people apart; where only one column does, it may be left out'),
  values: z.array(identifier).min(1).max(mostPeople).describe('What stands in that column'),
};
const scope = { agreement: agreementHash.optional(), purpose: purposeCode.optional() };
const ofDataset = z.strictObject({ name: datasetName });
const bodyLimit = 8 * 2 ** 20;

const listed = {
  dataset: z.string(),
  column: z.string(),
  people: z.int(),
  records: z.int().nullable().describe('Of theirs in the source now; null where it cannot be read'),
};

const optOutGroup = z
  .strictObject({
    dataset: z.string(),
    column: z.string(),
    agreement: z.string().nullable().describe('It and its later versions; null: all'),
    purpose: z.string().nullable(),
    from: z.string().nullable().describe('The first day'),
    erased: z.boolean(),
    people: z.int(),
  })
  .meta({ id: 'OptOutGroup', description: 'How many people take no part in what, never who.' });

const legalHold = z
  .strictObject({
    id: z.string(),
    dataset: z.string(),
    person: z.boolean().describe('It is on one person, not on the whole data set'),
    reason: z.string(),
    until: z.string().nullable().describe('The last day; null: until two people lift it'),
    by: z.string(),
    setAt: z.iso.datetime(),
    liftAskedBy: z.string().nullable(),
    liftedBy: z.string().nullable(),
    liftedAt: z.iso.datetime().nullable(),
    stands: z.boolean(),
  })
  .meta({ id: 'LegalHold' });

export const listOptOuts = contract({
  name: 'listOptOuts',
  summary: 'How many people of which data sets take no part in what',
  action: 'subject.list',
  method: 'GET',
  path: '/v1/opt-outs',
  query: pageQuery,
  answer: pageOf(optOutGroup),
});

export const optOut = contract({
  name: 'optOut',
  summary: 'People take no part from now on, or from a day on: in anything, or under one agreement or for one purpose',
  action: 'subject.opt-out',
  method: 'POST',
  path: '/v1/datasets/:name/opt-outs',
  params: ofDataset,
  body: z.strictObject({ ...people, ...scope, from: z.iso.date().optional() }),
  bodyLimit,
  answer: z.strictObject(listed),
  errors: ['not-found', 'data-missing-column', 'config-invalid'],
});

export const optIn = contract({
  name: 'optIn',
  summary: 'Takes people off the list, of just this agreement and purpose',
  action: 'subject.opt-in',
  method: 'POST',
  path: '/v1/datasets/:name/opt-ins',
  params: ofDataset,
  body: z.strictObject({ ...people, ...scope }),
  bodyLimit,
  answer: z.strictObject(listed),
  errors: ['not-found', 'data-missing-column', 'config-invalid', 'conflict'],
});

export const eraseSubjects = contract({
  name: 'eraseSubjects',
  summary: 'People take no part any more in anything; their matches of earlier links and alerts about them are deleted',
  action: 'subject.erase',
  method: 'POST',
  path: '/v1/datasets/:name/erasures',
  params: ofDataset,
  body: z.strictObject(people),
  bodyLimit,
  answer: z.strictObject({
    ...listed,
    matches: z.int(),
    alerts: z.int().describe('Alerts about them that came'),
    unknown: z.array(z.int()).describe('Runs whose matches nobody can tell apart by person'),
  }),
  errors: ['not-found', 'data-missing-column', 'config-invalid', 'legal-hold'],
});

export const listHolds = contract({
  name: 'listHolds',
  summary: 'Legal holds, the newest first',
  action: 'subject.list',
  method: 'GET',
  path: '/v1/legal-holds',
  answer: z.strictObject({ holds: z.array(legalHold) }),
});

export const setHold = contract({
  name: 'setHold',
  summary: 'Forbids to delete what is kept of a data set, or of one person in it',
  action: 'subject.hold',
  method: 'POST',
  path: '/v1/legal-holds',
  body: z.strictObject({
    dataset: datasetName,
    column: people.column,
    value: identifier.optional().describe('The person; the whole data set without one'),
    reason: z.string().min(1).max(1000).describe('Without naming anybody'),
    until: z.iso.date().optional().describe('The last day'),
  }),
  answer: legalHold,
  errors: ['not-found', 'data-missing-column', 'config-invalid'],
});

export const liftHold = contract({
  name: 'liftHold',
  summary: 'Lifts a legal hold, with the second of two people',
  action: 'subject.lift',
  method: 'POST',
  path: '/v1/legal-holds/:hold/lift',
  params: z.strictObject({ hold: z.string().regex(/^[A-Za-z0-9_-]{12}$/) }),
  answer: legalHold,
  errors: ['not-found', 'conflict'],
});

export const subjectContracts = [listOptOuts, optOut, optIn, eraseSubjects, listHolds, setHold, liftHold];
