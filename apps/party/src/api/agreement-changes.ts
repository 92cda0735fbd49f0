import { noticeReason } from '@symbolon/agreement';
import { contract } from '@symbolon/service';
import { z } from 'zod';
import { agreementChangeKinds } from '../agreements/history.ts';
import { agreementInfo } from './agreement-info.ts';
import { ofAgreement } from './shapes.ts';

const because = z.strictObject({ reason: noticeReason.describe('In words that all parties are told') });

/** What one party says by itself; it holds at once, and all others are told. Saying it again changes nothing. */
const saying = {
  method: 'POST',
  params: ofAgreement,
  body: because,
  answer: agreementInfo,
  errors: ['not-found', 'conflict'],
} as const;

export const suspendAgreement = contract({
  ...saying,
  name: 'suspendAgreement',
  summary: 'Puts an agreement to rest until this organisation resumes it; what runs under it ends',
  action: 'agreement.suspend',
  path: '/v1/agreements/:hash/suspension',
});

export const resumeAgreement = contract({
  ...saying,
  name: 'resumeAgreement',
  summary: 'Ends a suspension by this organisation',
  action: 'agreement.resume',
  path: '/v1/agreements/:hash/resumption',
});

export const lapseAgreement = contract({
  ...saying,
  name: 'lapseAgreement',
  summary: 'Says that this organisation does not want it renewed: it ends with the term that runs',
  action: 'agreement.lapse',
  path: '/v1/agreements/:hash/lapse',
});

export const revokeAgreement = contract({
  ...saying,
  name: 'revokeAgreement',
  summary: 'Ends an agreement for good; what runs under it ends, and nothing opens after',
  action: 'agreement.revoke',
  path: '/v1/agreements/:hash/revocation',
});

export const declineAgreement = contract({
  ...saying,
  name: 'declineAgreement',
  summary: 'Says that this organisation will not sign a proposal',
  action: 'agreement.decline',
  path: '/v1/agreements/:hash/refusal',
});

export const counterAgreement = contract({
  name: 'counterAgreement',
  summary: 'Drafts a changed version of a proposal, which answers it',
  action: 'agreement.draft',
  method: 'POST',
  path: '/v1/agreements/:hash/answers',
  params: ofAgreement,
  body: z.strictObject({ changes: z.unknown().describe('A JSON merge patch (RFC 7396) of the proposal') }),
  answer: agreementInfo,
  errors: ['not-found', 'conflict', 'agreement-invalid', 'rule-syntax', 'rule-unknown-column', 'rule-unsupported'],
});

export const agreementHistory = contract({
  name: 'agreementHistory',
  summary: "Every change of an agreement's state, with who, why, and where the log says so",
  action: 'agreement.history',
  method: 'GET',
  path: '/v1/agreements/:hash/history',
  params: ofAgreement,
  answer: z.strictObject({
    changes: z.array(
      z.strictObject({
        at: z.iso.datetime(),
        what: z.enum(agreementChangeKinds),
        by: z.string().nullable(),
        person: z.string().nullable(),
        reason: z.string().nullable(),
        version: z.string().nullable(),
        log: z.strictObject({ epoch: z.int(), index: z.int() }).nullable(),
      }),
    ),
  }),
  errors: ['not-found'],
});

export const agreementChangeContracts = [
  suspendAgreement,
  resumeAgreement,
  lapseAgreement,
  revokeAgreement,
  declineAgreement,
  counterAgreement,
  agreementHistory,
];
