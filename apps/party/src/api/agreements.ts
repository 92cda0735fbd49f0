import { agreementSchema, agreementStates, noticeActions } from '@symbolon/agreement';
import { contract, nothing, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { changedPath } from '../agreements/changes.ts';
import { bytes32 } from '../run/messages.ts';
import { documentBody, ofAgreement } from './shapes.ts';

/** An agreement as an organisation sees it. */
export const agreementInfo = z
  .strictObject({
    hash: z.string(),
    title: z.string(),
    state: z.enum(agreementStates),
    notices: z.array(
      z.strictObject({ by: z.string(), action: z.enum(noticeActions), reason: z.string(), at: z.iso.datetime() }),
    ),
    version: z.string().nullable().describe('Hash of the version that stands in its place, or answers it'),
    untold: z.array(z.string()).describe('Partners that have not heard yet what this organisation said of it'),
    signedBy: z.array(z.string()),
    missing: z.array(z.string()),
    as: z.enum(['a', 'b']).nullable().describe('Which table of the link is the own one'),
    addedAt: z.iso.datetime(),
    runs: z.int(),
    runsLeft: z.int(),
    agreement: agreementSchema,
  })
  .meta({ id: 'AgreementInfo' });

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
  term: shape.term,
  pads: shape.pads.exactOptional(),
  predecessor: z.string().max(43).nullable().exactOptional(),
};

const linkDraft = z.strictObject({
  ...common,
  as: z.enum(['a', 'b']),
  partner: id,
  dataset: column,
  partnerDataset: description.pick({ name: true, columns: true }),
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

const checkReport = z
  .strictObject({
    hash: z.string(),
    title: z.string(),
    ok: z.boolean(),
    findings: z.array(
      z.strictObject({
        check: z.string(),
        state: z.enum(['ok', 'warning', 'fault']),
        text: z.string(),
        code: z.string().exactOptional(),
        hint: z.string().exactOptional(),
      }),
    ),
    explanation: z.array(z.string()),
  })
  .meta({ id: 'CheckReport' });

const record = z.record(z.string().max(63), z.string().max(4096).nullable());
const holding = z.strictObject({ text: z.string(), holds: z.boolean().nullable() });
const agreeing = z.strictObject({ text: z.string(), agrees: z.boolean() });
const values = z.record(z.string(), z.string().nullable());
const tried = z
  .strictObject({
    verdict: z.boolean(),
    comparisons: z.array(holding),
    blocking: z.array(agreeing),
    values: z.strictObject({ a: values, b: values }),
  })
  .meta({ id: 'TriedPair' });

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

export const listAgreements = contract({
  name: 'listAgreements',
  summary: 'Drafts and agreements, by hash',
  action: 'agreement.list',
  method: 'GET',
  path: '/v1/agreements',
  query: pageQuery,
  answer: pageOf(agreementInfo),
});

export const getAgreement = contract({
  name: 'getAgreement',
  summary: 'One agreement: its text, who signed it, and how many runs are left',
  action: 'agreement.show',
  method: 'GET',
  path: '/v1/agreements/:hash',
  params: ofAgreement,
  answer: agreementInfo,
  errors: ['not-found', 'conflict'],
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
  body: z.strictObject({
    source: z.string().min(1).max(131_072).describe('As docs/agreements.md says; members by id'),
    format: z.enum(['yaml', 'json']),
  }),
  answer: agreementInfo,
  errors: ['agreement-invalid', 'unknown-organisation'],
});

export const receiveAgreement = contract({
  name: 'receiveAgreement',
  summary: 'Takes an agreement that a partner handed over as a file',
  action: 'agreement.receive',
  method: 'POST',
  path: '/v1/agreements',
  body: documentBody,
  answer: agreementInfo,
  repeatable: true,
  errors: ['bad-document', 'bad-signature', 'agreement-invalid'],
});

export const checkAgreement = contract({
  name: 'checkAgreement',
  summary: 'What this organisation should know before it signs',
  action: 'agreement.show',
  method: 'GET',
  path: '/v1/agreements/:hash/check',
  params: ofAgreement,
  answer: checkReport,
  errors: ['not-found'],
});

export const tryRule = contract({
  name: 'tryRule',
  summary: 'What the rule says of example pairs, comparison by comparison',
  action: 'agreement.show',
  method: 'POST',
  path: '/v1/agreements/:hash/trials',
  params: ofAgreement,
  body: z.strictObject({
    pairs: z
      .array(z.strictObject({ a: record, b: record }))
      .min(1)
      .max(1000),
  }),
  answer: z.strictObject({ pairs: z.array(tried) }),
  repeatable: true,
  errors: ['not-found'],
});

export const exportAgreement = contract({
  name: 'exportAgreement',
  summary: 'The signed document, to hand over as a file',
  action: 'agreement.show',
  method: 'GET',
  path: '/v1/agreements/:hash/document',
  params: ofAgreement,
  answer: documentBody,
  errors: ['not-found', 'agreement-unsigned'],
});

export const signAgreement = contract({
  name: 'signAgreement',
  summary: "Signs with this organisation's key; what is signed binds",
  action: 'agreement.sign',
  method: 'POST',
  path: '/v1/agreements/:hash/signature',
  params: ofAgreement,
  answer: agreementInfo,
  repeatable: true,
  errors: ['not-found', 'unapproved', 'agreement-superseded', 'agreement-limit', 'unknown-organisation'],
});

export const approveAgreement = contract({
  name: 'approveAgreement',
  summary: 'Approves that it is signed here, or that its link is run, where the agreement asks for it',
  action: 'agreement.approve',
  method: 'POST',
  path: '/v1/agreements/:hash/approvals',
  params: ofAgreement,
  body: z.strictObject({ action: z.enum(['sign', 'link']) }),
  answer: agreementInfo,
  repeatable: true,
  errors: ['not-found'],
});

export const withdrawAgreementApproval = contract({
  name: 'withdrawAgreementApproval',
  summary: 'Takes all approvals back that it is signed here, or that its link is run',
  action: 'agreement.approve',
  method: 'DELETE',
  path: '/v1/agreements/:hash/approvals/:action',
  params: ofAgreement.extend({ action: z.enum(['sign', 'link']) }),
  answer: agreementInfo,
  errors: ['not-found'],
});

export const sendAgreement = contract({
  name: 'sendAgreement',
  summary: 'Sends an agreement with the signatures it has to all other parties',
  action: 'agreement.send',
  method: 'POST',
  path: '/v1/agreements/:hash/delivery',
  params: ofAgreement,
  answer: nothing,
  repeatable: true,
  errors: ['not-found', 'agreement-unsigned', 'peer-gone', 'peer-refused'],
});

export const tellChange = contract({
  name: 'tellChange',
  summary: 'Tells the server that a command has changed an agreement in their database',
  action: 'agreement.show',
  method: 'POST',
  path: changedPath,
  body: z.strictObject({ agreement: bytes32 }),
  answer: nothing,
  repeatable: true,
});

export const discardAgreement = contract({
  name: 'discardAgreement',
  summary: 'Forgets a draft, or what this organisation has not signed',
  action: 'agreement.discard',
  method: 'DELETE',
  path: '/v1/agreements/:hash',
  params: ofAgreement,
  answer: agreementInfo,
  errors: ['not-found', 'conflict'],
});

export const agreementContracts = [
  describeDataset,
  listAgreements,
  getAgreement,
  draftAgreement,
  draftStudies,
  draftAgreementText,
  receiveAgreement,
  checkAgreement,
  tryRule,
  exportAgreement,
  signAgreement,
  approveAgreement,
  withdrawAgreementApproval,
  sendAgreement,
  tellChange,
  discardAgreement,
];
