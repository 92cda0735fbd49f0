import { contract, nothing, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { changedPath } from '../agreements/changes.ts';
import { bytes32 } from '../run/messages.ts';
import { agreementInfo } from './agreement-info.ts';
import { approval, documentBody, ofAgreement } from './shapes.ts';

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
  asksOnly: true,
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
  errors: ['not-found', 'unapproved', 'agreement-superseded', 'agreement-limit', 'unknown-organisation'],
});

export const approveAgreement = contract({
  name: 'approveAgreement',
  summary: 'Approves that it is signed here, or that its link is run, where the agreement asks for it',
  action: 'agreement.approve',
  method: 'POST',
  path: '/v1/agreements/:hash/approvals',
  params: ofAgreement,
  body: z.strictObject({ action: z.enum(['sign', 'link', 'alerts']) }),
  answer: agreementInfo,
  errors: ['not-found'],
});

export const withdrawAgreementApproval = contract({
  name: 'withdrawAgreementApproval',
  summary: 'Takes all approvals back that it is signed here, or that its link is run',
  action: 'agreement.approve',
  method: 'DELETE',
  path: '/v1/agreements/:hash/approvals/:action',
  params: ofAgreement.extend({ action: z.enum(['sign', 'link', 'alerts']) }),
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

export const listAgreementApprovals = contract({
  name: 'listAgreementApprovals',
  summary: 'Who here has approved that it is signed, that its link is run, or that its alerts are told',
  action: 'approval.list',
  method: 'GET',
  path: '/v1/agreements/:hash/approvals',
  params: ofAgreement,
  answer: z.strictObject({ approvals: z.array(approval) }),
  errors: ['not-found'],
});

export const listWaiting = contract({
  name: 'listWaiting',
  summary:
    'What waits for more people here: results that enough must look at before others get them, entries of the log that a second person must ask to erase',
  action: 'approval.list',
  method: 'GET',
  path: '/v1/waiting',
  answer: z
    .strictObject({
      releases: z.array(
        z.strictObject({
          kind: z.enum(['link', 'study', 'sealed']).describe('sealed: of a question to an encrypted table'),
          run: z.int(),
          agreement: z.string(),
          study: z.string().nullable().describe('Its name, where it is a study'),
          by: z.array(z.string()).describe('Who has approved it'),
          needed: z.int(),
        }),
      ),
      erasures: z.array(z.strictObject({ index: z.int(), by: z.array(z.string()).describe('Who has asked for it') })),
    })
    .meta({ id: 'Waiting' }),
});

export const agreementDifferences = contract({
  name: 'agreementDifferences',
  summary: 'What it changes of the version that it answers, or else of the agreement that it replaces, in words',
  action: 'agreement.show',
  method: 'GET',
  path: '/v1/agreements/:hash/differences',
  params: ofAgreement,
  answer: z.strictObject({
    before: z.string().nullable().describe('Hash of the earlier version; null where there is none here'),
    changes: z.array(
      z.strictObject({
        section: z.string(),
        kind: z.enum(['added', 'removed', 'changed']),
        what: z.string(),
        lines: z.array(z.string()),
      }),
    ),
  }),
  errors: ['not-found'],
});

export const agreementContracts = [
  listAgreements,
  getAgreement,
  receiveAgreement,
  checkAgreement,
  tryRule,
  exportAgreement,
  signAgreement,
  approveAgreement,
  withdrawAgreementApproval,
  listAgreementApprovals,
  listWaiting,
  agreementDifferences,
  sendAgreement,
  tellChange,
  discardAgreement,
];
