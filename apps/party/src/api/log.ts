import { noticeReason } from '@symbolon/agreement';
import { contract, logReading } from '@symbolon/service';
import { z } from 'zod';

const epoch = {
  epoch: z.int(),
  entries: z.int(),
  root: z.string().nullable(),
  erased: z.array(z.int()),
};

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

export const logContracts = [...logReading.logReadingContracts, eraseLogEntry, verifyLog];
