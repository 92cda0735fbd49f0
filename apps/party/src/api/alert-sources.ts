import { contract, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';

const moment = z.iso.datetime();
const ofSource = z.strictObject({ source: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be the name of a source') });
const ofEntry = z.strictObject({ entry: z.coerce.number().int().min(1) });

const source = z
  .strictObject({
    name: z.string(),
    kind: z.enum(['folder', 'fhir', 'mllp']),
    at: z.string().nullable().describe('Where it listens or looks'),
    events: z.record(z.string(), z.int()).describe('How many came to what, since the server began'),
  })
  .meta({ id: 'AlertSource', description: 'Where medical events come from.' });

const telling = z
  .strictObject({
    agreement: z.string(),
    title: z.string(),
    alert: z.string().describe('Its name in the agreement'),
    to: z.string(),
    patients: z.int().nullable().describe('Patients that may be told of'),
    until: moment.nullable().describe('Until when the pairs of its link are used'),
    silent: z.string().nullable().describe('Why nothing is told'),
  })
  .meta({ id: 'AlertTelling', description: 'An alert that this organisation tells a partner, or would.' });

const entry = {
  id: z.int(),
  source: z.string(),
  code: z.string(),
  reason: z.string(),
  receivedAt: moment,
  state: z.enum(['open', 'taken', 'discarded']),
  endedAt: moment.nullable(),
  endedBy: z.string().nullable(),
};
const quarantined = z
  .strictObject(entry)
  .meta({ id: 'QuarantineEntry', description: 'What a source told and nobody could read.' });

export const listAlertSources = contract({
  name: 'listAlertSources',
  summary: 'Where medical events come from, and what became of them',
  action: 'alert.sources',
  method: 'GET',
  path: '/v1/alert-sources',
  answer: z.strictObject({ sources: z.array(source) }),
});

export const getAlertStatus = contract({
  name: 'getAlertStatus',
  summary: 'Which alerts are told, of how many patients, and what waits',
  action: 'alert.sources',
  method: 'GET',
  path: '/v1/alert-status',
  answer: z.strictObject({
    alerts: z.array(telling),
    waiting: z.int().describe('Messages for partners'),
    quarantine: z.int().describe('Entries that wait for somebody'),
    warnings: z.array(z.string()),
  }),
});

export const makeAlertToken = contract({
  name: 'makeAlertToken',
  summary: 'Makes the token with which a source tells events over HTTP; the one before is none any more',
  action: 'alert.token',
  method: 'POST',
  path: '/v1/alert-sources/:source/token',
  params: ofSource,
  answer: z.strictObject({ token: z.string() }),
  secretAnswer: 'Make another token: POST /v1/alert-sources/{source}/token, or `symbolon alerts token SOURCE`.',
  errors: ['not-found'],
});

export const listQuarantine = contract({
  name: 'listQuarantine',
  summary: 'What sources told and nobody could read, the newest first',
  action: 'alert.quarantine',
  method: 'GET',
  path: '/v1/alert-quarantine',
  query: pageQuery.extend({
    all: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .default(false)
      .describe('Those too that were read later or discarded'),
  }),
  answer: pageOf(quarantined),
});

export const getQuarantined = contract({
  name: 'getQuarantined',
  summary: 'One entry of the quarantine with what the source sent: it may name patients',
  action: 'alert.quarantine',
  method: 'GET',
  path: '/v1/alert-quarantine/:entry',
  params: ofEntry,
  answer: z.strictObject({
    ...entry,
    content: z.string().nullable().describe('base64; gone where the entry has ended'),
  }),
  errors: ['not-found'],
});

export const retryQuarantined = contract({
  name: 'retryQuarantined',
  summary: 'Tries to read an entry of the quarantine again, and takes its events in',
  action: 'alert.quarantine',
  method: 'POST',
  path: '/v1/alert-quarantine/:entry/retry',
  params: ofEntry,
  answer: quarantined,
  repeatable: true,
  errors: ['not-found', 'conflict', 'alert-event', 'event-from-future', 'alerts-full', 'storage-full'],
});

export const discardQuarantined = contract({
  name: 'discardQuarantined',
  summary: 'Deletes what an entry of the quarantine holds',
  action: 'alert.quarantine',
  method: 'POST',
  path: '/v1/alert-quarantine/:entry/discard',
  params: ofEntry,
  answer: quarantined,
  repeatable: true,
  errors: ['not-found', 'conflict'],
});

export const alertSourceContracts = [
  listAlertSources,
  getAlertStatus,
  makeAlertToken,
  listQuarantine,
  getQuarantined,
  retryQuarantined,
  discardQuarantined,
];
