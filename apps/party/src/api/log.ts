import { noticeReason } from '@symbolon/agreement';
import { contract, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';

const event = z
  .record(z.string(), z.unknown())
  .nullable()
  .describe('What happened; null where it was erased, and its hash alone stays');
const entry = z.strictObject({ index: z.int(), event }).meta({ id: 'LogEntry' });
const epoch = {
  epoch: z.int(),
  entries: z.int(),
  root: z.string().nullable(),
  erased: z.array(z.int()),
};

export const listLogEntries = contract({
  name: 'listLogEntries',
  summary: 'What this organisation’s log says has happened, from the first entry on',
  action: 'log.list',
  method: 'GET',
  path: '/v1/log/entries',
  query: pageQuery,
  answer: pageOf(entry),
});

const fields = z.record(z.string(), z.unknown()).nullable();

export const listTimeline = contract({
  name: 'listTimeline',
  summary: 'What the log says has happened, the newest first, with the times that are known of it',
  action: 'log.list',
  method: 'GET',
  path: '/v1/log/timeline',
  query: pageQuery.extend({
    kind: z.string().min(1).max(64).optional().describe('Entries of this kind alone'),
    agreement: z.string().min(4).max(64).optional().describe('Beginning of the hash of an agreement that they name'),
    person: z.string().min(1).max(64).optional().describe('Id of somebody, or of a partner, whom they name'),
    since: z.iso.datetime({ offset: true }).optional().describe('None that are known to be older'),
  }),
  answer: pageOf(
    z
      .strictObject({
        index: z.int(),
        erased: z.boolean(),
        event,
        document: fields.describe('What a signed document in the event says'),
        at: z.string().nullable().describe('When, as the event itself says'),
        seenAt: z.string().nullable().describe('When a witness had seen it first, by its clock'),
      })
      .meta({ id: 'TimelineEntry' }),
  ),
});

export const getLogEntry = contract({
  name: 'getLogEntry',
  summary: 'One entry, with the proof that it stands in the log',
  action: 'log.show',
  method: 'GET',
  path: '/v1/log/entries/:index',
  params: z.strictObject({ index: z.coerce.number().int().min(0) }),
  answer: z
    .strictObject({
      index: z.int(),
      event,
      document: z.base64url().nullable().describe('The event as it was hashed'),
      salt: z.base64url().nullable(),
      proof: z.array(z.base64url()).describe('Inclusion proof, RFC 9162 §2.1.3'),
      checkpoint: z.string().describe('Signed note that the proof is for'),
    })
    .meta({ id: 'ProvenEntry' }),
  errors: ['not-found'],
});

export const eraseLogEntry = contract({
  name: 'eraseLogEntry',
  summary: 'Erases what an entry says, once two people have asked for it; its hash and all proofs stay',
  action: 'log.erase',
  method: 'POST',
  path: '/v1/log/entries/:index/erasure',
  params: z.strictObject({ index: z.coerce.number().int().min(0) }),
  body: z.strictObject({ reason: noticeReason.describe('Kept in the log: it must not repeat what is erased') }),
  answer: z.strictObject({ erased: z.boolean(), askedBy: z.array(z.string()) }),
  errors: ['not-found', 'conflict'],
});

export const getLogCheckpoint = contract({
  name: 'getLogCheckpoint',
  summary: 'The newest checkpoint: a signed note of size and root',
  action: 'log.list',
  method: 'GET',
  path: '/v1/log/checkpoint',
  answer: z.strictObject({ checkpoint: z.string() }),
});

export const verifyLog = contract({
  name: 'verifyLog',
  summary: 'Verifies the whole log, and every statement of a run in it',
  action: 'log.verify',
  method: 'GET',
  path: '/v1/log/verification',
  answer: z
    .strictObject({
      ok: z.boolean(),
      ...epoch,
      earlier: z.array(z.strictObject(epoch)),
      statements: z.int(),
      unwitnessed: z.array(z.strictObject({ run: z.int(), witnesses: z.array(z.string()) })),
      faults: z.array(z.string()),
    })
    .meta({ id: 'AuditReport' }),
});

export const logContracts = [listLogEntries, listTimeline, getLogEntry, eraseLogEntry, getLogCheckpoint, verifyLog];
