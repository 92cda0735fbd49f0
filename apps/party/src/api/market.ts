import { agreementStates, calendarMonth, licenceStatementFields, noticeReason, offerFields } from '@symbolon/agreement';
import { contract, nothing, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { statementFile } from '../market/statements.ts';
import { agreementHash } from './shapes.ts';

const partner = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be the id of an organisation');
const ofLicence = z.strictObject({ hash: agreementHash });
const name = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must be the name of a data set');
const ofMonth = z.strictObject({ month: calendarMonth });
const inMonth = z.strictObject({ hash: agreementHash, month: calendarMonth });

const shownOffer = z
  .strictObject({
    offer: offerFields,
    sample: z.array(z.record(z.string(), z.string())).describe('Made up from the ranges of the offer; no record'),
  })
  .meta({ id: 'Offer' });

const used = z.strictObject({ day: z.int(), month: z.int(), term: z.int() });
const limits = z.strictObject({
  perDay: z.int().exactOptional(),
  perMonth: z.int().exactOptional(),
  perTerm: z.int().exactOptional(),
});

const licence = z
  .strictObject({
    hash: z.string().describe('Its id: the hash of the agreement that it is'),
    title: z.string(),
    state: z.enum(agreementStates),
    licensee: z.string(),
    owners: z.array(z.string()),
    missing: z.array(z.string()).describe('Who has not signed'),
    version: z.string().nullable(),
    term: z.strictObject({ from: z.string(), until: z.string() }),
    price: z
      .strictObject({
        currency: z.string(),
        perRun: z.string().exactOptional(),
        perMonth: z.string().exactOptional(),
        paidBy: z.array(z.string()),
        freeFor: z.array(z.string()).exactOptional(),
        split: z.record(z.string(), z.string()).describe('Percent by owner'),
      })
      .nullable(),
    quota: limits.nullable(),
    used: used.describe('Runs of the licensee that count'),
    beyond: z.array(z.string()).describe("Where it asks for more than the owner's catalogue says"),
  })
  .meta({ id: 'Licence' });

const use = z.strictObject({
  licence: z.string(),
  title: z.string(),
  licensee: z.string(),
  run: z.int(),
  study: z.string(),
  sealed: z.literal(true).exactOptional().describe('A question to the encrypted table of that name'),
  initiator: z.string().nullable(),
  purpose: z.string().nullable(),
  to: z.array(z.string()),
  date: z.string(),
  log: z.strictObject({ epoch: z.int(), index: z.int() }).nullable(),
});

const {
  kind: _kind,
  version: _version,
  licence: _licence,
  issuer: _issuer,
  issued: _issued,
  ended: _ended,
  ...figures
} = licenceStatementFields.shape;
const usage = z.strictObject(figures).meta({ id: 'LicenceUsage' });

export const listOffers = contract({
  name: 'listOffers',
  summary: 'The catalogue of this organisation',
  action: 'market.browse',
  method: 'GET',
  path: '/v1/market/offers',
  query: pageQuery,
  answer: pageOf(shownOffer),
});

export const publishOffer = contract({
  name: 'publishOffer',
  summary: 'Signs an entry of the catalogue, which partners see from now on',
  action: 'market.publish',
  method: 'POST',
  path: '/v1/market/offers',
  body: z.strictObject({ offer: z.unknown().describe('See docs/market.md') }),
  answer: offerFields,
  errors: ['not-found', 'agreement-invalid'],
});

export const withdrawOffer = contract({
  name: 'withdrawOffer',
  summary: 'Takes an entry out of the catalogue; licences stay',
  action: 'market.publish',
  method: 'DELETE',
  path: '/v1/market/offers/:name',
  params: z.strictObject({ name }),
  answer: nothing,
  errors: ['not-found'],
});

export const browseOffers = contract({
  name: 'browseOffers',
  summary: 'The catalogue of a partner, asked now',
  action: 'market.browse',
  method: 'GET',
  path: '/v1/market/partners/:partner/offers',
  params: z.strictObject({ partner }),
  query: pageQuery,
  answer: pageOf(shownOffer),
  errors: ['unknown-organisation', 'peer-silent'],
});

export const requestLicence = contract({
  name: 'requestLicence',
  summary: 'Asks the owners of catalogue entries for a licence',
  action: 'market.request',
  method: 'POST',
  path: '/v1/licences',
  body: z.strictObject({
    request: z.unknown().describe('See docs/market.md'),
    without: z.array(partner).max(5).optional().describe('Owners that are left out, as they have declined'),
  }),
  answer: licence,
  errors: ['not-found', 'request-invalid', 'agreement-invalid'],
});

export const listLicences = contract({
  name: 'listLicences',
  summary: 'Licences and requests for them',
  action: 'licence.list',
  method: 'GET',
  path: '/v1/licences',
  query: pageQuery,
  answer: pageOf(licence),
});

export const getLicence = contract({
  name: 'getLicence',
  summary: 'One licence, or request for one',
  action: 'licence.show',
  method: 'GET',
  path: '/v1/licences/:hash',
  params: ofLicence,
  answer: licence,
  errors: ['not-found'],
});

export const approveLicence = contract({
  name: 'approveLicence',
  summary: 'Grants what was asked for: signs the licence and tells its parties',
  action: 'market.answer',
  method: 'POST',
  path: '/v1/licences/:hash/approval',
  params: ofLicence,
  body: z.strictObject({
    studies: z.boolean().optional().describe('Approve its listed studies too'),
    beyond: z.boolean().optional().describe('Though it asks for more than the catalogue says'),
  }),
  answer: licence,
  errors: ['not-found', 'agreement-limit', 'agreement-superseded'],
});

export const counterLicence = contract({
  name: 'counterLicence',
  summary: 'Answers a request with a changed version, signed and sent',
  action: 'market.answer',
  method: 'POST',
  path: '/v1/licences/:hash/answers',
  params: ofLicence,
  body: z.strictObject({ changes: z.unknown().describe('A JSON merge patch (RFC 7396) of the licence') }),
  answer: licence,
  errors: ['not-found', 'conflict', 'agreement-invalid'],
});

export const declineLicence = contract({
  name: 'declineLicence',
  summary: 'Says no to a request; all its parties are told why',
  action: 'market.answer',
  method: 'POST',
  path: '/v1/licences/:hash/refusal',
  params: ofLicence,
  body: z.strictObject({ reason: noticeReason }),
  answer: licence,
  errors: ['not-found', 'conflict'],
});

export const fetchAgreements = contract({
  name: 'fetchAgreements',
  summary: 'Asks partners for agreements and notices that are new; for a server that they cannot reach',
  action: 'agreement.receive',
  method: 'POST',
  path: '/v1/agreements/news',
  answer: z.strictObject({
    news: z.array(z.string()).describe('Hashes of the agreements about which something is new'),
  }),
  repeatable: true,
});

export const listLicenceUses = contract({
  name: 'listLicenceUses',
  summary: 'Every use of licences, the newest first',
  action: 'licence.usage',
  method: 'GET',
  path: '/v1/licence-uses',
  query: pageQuery.extend({ licence: agreementHash.optional() }),
  answer: pageOf(use),
  errors: ['not-found'],
});

export const getLicenceUsage = contract({
  name: 'getLicenceUsage',
  summary: 'What a licence came to in a month',
  action: 'licence.usage',
  method: 'GET',
  path: '/v1/licences/:hash/usage',
  params: ofLicence,
  query: ofMonth,
  answer: usage,
  errors: ['not-found', 'agreement-unsigned'],
});

export const stateLicence = contract({
  name: 'stateLicence',
  summary: 'The signed statement of a month, with the cosigned runs and their proofs',
  action: 'licence.usage',
  method: 'POST',
  path: '/v1/licences/:hash/statements/:month',
  params: inMonth,
  answer: statementFile,
  errors: ['not-found', 'agreement-unsigned'],
});

export const verifyLicenceStatement = contract({
  name: 'verifyLicenceStatement',
  summary: 'Verifies a statement that a party of a licence has issued',
  action: 'licence.usage',
  method: 'POST',
  path: '/v1/licence-statements/verification',
  body: z.strictObject({ file: z.unknown() }),
  bodyLimit: 16 << 20,
  answer: z.strictObject({
    statement: licenceStatementFields,
    unknown: z.array(z.string()).nullable().describe('Attempts that are not known here'),
    missing: z.array(z.string()).nullable().describe('Attempts of that month that it leaves out'),
    proofs: z
      .array(z.strictObject({ attempt: z.string(), entry: z.int().nullable(), witnesses: z.array(z.string()) }))
      .nullable()
      .describe("Where the issuer's log holds each run, and who has cosigned that; null where its key is not known"),
  }),
  asksOnly: true,
  errors: ['bad-document', 'bad-signature', 'peer-disagrees'],
});

export const marketContracts = [
  listOffers,
  publishOffer,
  withdrawOffer,
  browseOffers,
  requestLicence,
  listLicences,
  getLicence,
  approveLicence,
  counterLicence,
  declineLicence,
  fetchAgreements,
  listLicenceUses,
  getLicenceUsage,
  stateLicence,
  verifyLicenceStatement,
];
