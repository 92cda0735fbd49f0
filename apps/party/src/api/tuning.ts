import { errorLevels } from '@symbolon/linkage';
import { contract } from '@symbolon/service';
import { z } from 'zod';
import { ofAgreement } from './shapes.ts';

const sql = z.string().min(1).max(4096);
const record = z.record(z.string(), z.string().max(4096).nullable());
const level = z.enum(Object.keys(errorLevels) as [keyof typeof errorLevels]);
const cost = z
  .strictObject({
    kind: z.enum(['keys', 'all-pairs', 'blocking']),
    sessions: z.int(),
    bytes: z.number().describe('Sent by both parties and the key service'),
    seconds: z.number().describe('About, on a machine like that of the benches'),
  })
  .nullable()
  .describe('null where a link could not run so');
const set = z.strictObject({
  keys: z.array(z.string()),
  cap: z.int(),
  recall: z.number().describe('The share of the pairs that it is expected to bring together'),
  entries: z.int(),
  cost,
});
const key = z.strictObject({
  sql: z.string(),
  from: z.enum(['agreement', 'given', 'rule']),
  losslessFor: z.string().nullable(),
  blocks: z.int(),
  largest: z.int(),
  without: z.int(),
  cut: z.array(z.int()),
  recall: z.strictObject({ uncapped: z.number(), capped: z.number() }),
});

export const tuneAgreement = contract({
  name: 'tuneAgreement',
  summary:
    'Measures blocking keys on the own table and proposes some; the answer takes as long as that, and nothing leaves',
  action: 'agreement.tune',
  method: 'POST',
  path: '/v1/agreements/:hash/tuning',
  params: ofAgreement,
  body: z.strictObject({
    block: z.array(sql).max(64).optional().describe('Keys to look at beside those of the agreement and of its rule'),
    cap: z.int().min(1).max(16).optional(),
    keys: z.int().min(1).max(16).optional().describe('How many to propose at most'),
    pairs: z
      .array(z.strictObject({ a: record, b: record }))
      .min(1)
      .max(10_000)
      .optional()
      .describe('Records that belong together; own records with errors if absent'),
    errors: level.optional(),
    sample: z.int().min(1).max(200_000).optional().describe('Own records that get errors'),
    seed: z
      .int()
      .min(1)
      .max(2 ** 31)
      .optional(),
  }),
  bodyLimit: 16 << 20,
  answer: z
    .strictObject({
      hash: z.string(),
      title: z.string(),
      side: z.enum(['a', 'b']),
      rows: z.int(),
      needless: z.boolean().describe('The rule is one equality, which needs no keys'),
      pairs: z.strictObject({
        source: z.enum(['labelled', 'synthetic']),
        errors: level.nullable(),
        tried: z.int(),
        matching: z.int(),
      }),
      keys: z.array(key),
      sets: z.array(set).describe('The best for each cap'),
      proposal: set,
      agreed: set.nullable(),
      unblocked: cost,
    })
    .meta({ id: 'TuneReport' }),
  repeatable: true,
  errors: ['not-found', 'agreement-party', 'rule-syntax', 'rule-unsupported', 'request-invalid'],
});
