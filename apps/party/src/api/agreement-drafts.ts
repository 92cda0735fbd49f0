import { agreementSchema } from '@symbolon/agreement';
import { contract } from '@symbolon/service';
import { z } from 'zod';
import { agreementInfo } from './agreement-info.ts';

const description = z
  .strictObject({ name: z.string(), rows: z.int(), columns: z.record(z.string(), z.unknown()) })
  .meta({
    id: 'TableDescription',
    description: 'Columns and types of a table, nothing exact; it may be shown to anyone.',
  });

const { shape } = agreementSchema;
const link = shape.link.unwrap().shape;
const id = z.string().min(1).max(31);
const column = z.string().min(1).max(63);
const common = {
  title: shape.title,
  keyService: id,
  purpose: shape.purpose,
  term: shape.term,
  price: shape.price,
  quota: shape.quota,
  pads: shape.pads.exactOptional(),
  predecessor: z.string().max(43).nullable().exactOptional(),
};

const linkDraft = z.strictObject({
  ...common,
  as: z.enum(['a', 'b']),
  partner: id,
  dataset: column,
  partnerDataset: z.strictObject({ ...description.shape, rows: description.shape.rows.exactOptional() }),
  rule: link.rule,
  blocking: link.blocking,
  cardinality: link.cardinality,
  prefer: link.prefer,
  learn: z.enum(['a', 'b', 'both']).exactOptional(),
  reveal: link.reveal.exactOptional(),
  normalise: z.array(column).max(32).exactOptional(),
  asText: z.array(column).max(64).exactOptional(),
  key: column.exactOptional(),
  partnerKey: column.exactOptional(),
  maxRows: z.union([z.int(), z.strictObject({ a: z.int(), b: z.int() })]),
  maxRuns: link.maxRuns,
});

const studiesDraft = z.strictObject({
  ...common,
  parties: z.array(id).min(2).max(5),
  studies: shape.studies.unwrap(),
  linkage: z.strictObject({ tables: shape.tables.unwrap(), link: shape.link.unwrap() }).exactOptional(),
});

const text = z.strictObject({
  source: z.string().min(1).max(131_072).describe('As docs/agreements.md says; members by id'),
  format: z.enum(['yaml', 'json']),
});

export const describeDataset = contract({
  name: 'describeDataset',
  summary: 'What a partner needs to know of a data set to draft an agreement',
  action: 'dataset.describe',
  method: 'GET',
  path: '/v1/datasets/:name/description',
  params: z.strictObject({ name: column }),
  answer: description,
  errors: ['not-found'],
});

export const draftAgreement = contract({
  name: 'draftAgreement',
  summary: 'Keeps the draft of a link, unsigned',
  action: 'agreement.draft',
  method: 'POST',
  path: '/v1/agreements/link-drafts',
  body: linkDraft,
  answer: agreementInfo,
  errors: ['agreement-invalid', 'rule-syntax', 'rule-unknown-column', 'rule-unsupported', 'unknown-organisation'],
});

export const draftStudies = contract({
  name: 'draftStudies',
  summary: 'Keeps the draft of an agreement on studies, unsigned',
  action: 'agreement.draft',
  method: 'POST',
  path: '/v1/agreements/study-drafts',
  body: studiesDraft,
  answer: agreementInfo,
  errors: ['agreement-invalid', 'unknown-organisation'],
});

export const draftAgreementText = contract({
  name: 'draftAgreementText',
  summary: 'Keeps the draft of an agreement that somebody has written, with every section there is, unsigned',
  action: 'agreement.draft',
  method: 'POST',
  path: '/v1/agreements/drafts',
  body: text,
  answer: agreementInfo,
  errors: ['agreement-invalid', 'unknown-organisation'],
});

export const previewAgreement = contract({
  name: 'previewAgreement',
  summary: 'What the draft of a link would say, in words; nothing is kept',
  action: 'agreement.draft',
  method: 'POST',
  path: '/v1/agreements/link-previews',
  body: linkDraft,
  answer: z
    .strictObject({
      rule: z.array(z.string()).describe('What is compared, line by line'),
      counted: z.string().describe('Which of the matching pairs count'),
      learned: z.string().describe('Who learns what'),
    })
    .meta({ id: 'LinkPreview' }),
  asksOnly: true,
  errors: ['agreement-invalid', 'rule-syntax', 'rule-unknown-column', 'rule-unsupported', 'unknown-organisation'],
});

export const checkAgreementText = contract({
  name: 'checkAgreementText',
  summary: 'Everything that stands against an agreement that somebody has written, by line; nothing is kept',
  action: 'agreement.draft',
  method: 'POST',
  path: '/v1/agreements/text-checks',
  body: text,
  answer: z.strictObject({
    problems: z.array(
      z.strictObject({ line: z.int(), column: z.int(), field: z.string(), rule: z.string(), hint: z.string() }),
    ),
  }),
  asksOnly: true,
});

export const agreementDraftContracts = [
  describeDataset,
  draftAgreement,
  draftStudies,
  draftAgreementText,
  previewAgreement,
  checkAgreementText,
];
