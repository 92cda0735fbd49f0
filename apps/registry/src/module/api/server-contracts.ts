import { physicianStates, registryInfo } from '@symbolon/consent';
import { contract, nothing, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { waitingNotice } from '../../common/notices.ts';
import { bytes, moment, number } from './shapes.ts';

export const getRegistryModule = contract({
  name: 'getRegistryModule',
  summary: 'Which module this is, how many it knows, what the central server has not taken yet',
  action: 'registry.status',
  method: 'GET',
  path: '/v1/status',
  answer: z.strictObject({
    id: z.string(),
    role: z.literal('module'),
    address: z.string(),
    centre: z.string(),
    fields: registryInfo.shape.fields.describe('By what people are known here'),
    time: moment,
    logSize: z.int(),
    /** With which tickets are signed, Ed25519. */
    ticketKey: bytes(43),
    pseudonymKey: z.strictObject({ current: z.string(), next: z.string().nullable() }),
    counts: z.strictObject({
      patients: z.int(),
      relations: z.int(),
      physicians: z.record(z.enum(physicianStates), z.int()),
      duplicates: z.int(),
      alarms: z.int(),
    }),
    notices: z.array(waitingNotice),
  }),
});

export const listRegistryAlarms = contract({
  name: 'listRegistryAlarms',
  summary: 'Alarms of this module and those that the central server told, the newest first',
  action: 'registry.alarms',
  method: 'GET',
  path: '/v1/alarms',
  query: pageQuery.extend({ all: z.stringbool().default(false) }),
  answer: pageOf(
    z.strictObject({
      id: z.int(),
      alarm: z.string(),
      ofCentre: z.boolean(),
      patient: z.int().nullable(),
      physician: z.string().nullable(),
      installation: z.string().nullable(),
      text: z.string(),
      tellPatient: z.boolean(),
      raisedAt: moment,
      seenAt: moment.nullable(),
      seenBy: z.string().nullable(),
      note: z.string().nullable(),
    }),
  ),
});

export const seeRegistryAlarm = contract({
  name: 'seeRegistryAlarm',
  summary: 'Say that you have looked at an alarm, and what was done: whether the patient was told',
  action: 'registry.alarms',
  method: 'POST',
  path: '/v1/alarms/:alarm/seen',
  params: z.strictObject({ alarm: number }),
  body: z.strictObject({ note: z.string().min(1).max(1000) }),
  answer: nothing,
  repeatable: true,
  errors: ['not-found'],
});

export const makeTicketKey = contract({
  name: 'makeTicketKey',
  summary: 'Make a key for tickets, or show it: the central server has to believe it before the settings name it',
  action: 'registry.keys',
  method: 'POST',
  path: '/v1/ticket-keys',
  body: z.strictObject({ name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/) }),
  answer: z.strictObject({ publicKey: bytes(43) }),
  repeatable: true,
});

export const changePseudonymKey = contract({
  name: 'changePseudonymKey',
  summary: 'Give all patients new pseudonyms, with a key that was never used here: oprf-NAME or salted-NAME',
  action: 'registry.keys',
  method: 'POST',
  path: '/v1/pseudonym-key',
  body: z.strictObject({ name: z.string().regex(/^(oprf|salted)-[a-z0-9][a-z0-9-]{0,19}$/) }),
  answer: nothing,
  repeatable: true,
  errors: ['conflict', 'config-invalid', 'pseudonym-key'],
});

export const tellCentreAgain = contract({
  name: 'tellCentreAgain',
  summary:
    'Tell a central server that was put back to an older state who may log in, and the merges and splits since then',
  action: 'registry.keys',
  method: 'POST',
  path: '/v1/notices',
  body: z.strictObject({ since: moment }),
  answer: nothing,
  repeatable: true,
});
