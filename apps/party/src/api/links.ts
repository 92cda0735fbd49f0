import { purposeCode } from '@symbolon/agreement';
import { contract, nothing, pageOf, pageQuery, runsQuery } from '@symbolon/service';
import { z } from 'zod';
import { agreementHash, begun, linkRun, ofAgreement, ofRun, statementAnswer } from './shapes.ts';

const perSide = z.strictObject({ a: z.number(), b: z.number() });
const way = z.strictObject({
  kind: z.string(),
  sessions: z.number(),
  rounds: z.number(),
  bytes: perSide,
  answerKeyBytes: z.number(),
  seconds: z.number(),
});

const explanation = z
  .strictObject({
    hash: z.string(),
    title: z.string(),
    rows: perSide,
    pairs: z.number(),
    atMost: z.array(z.enum(['a', 'b'])),
    way,
    why: z.string(),
    instead: way.nullable(),
    rule: z.array(z.string()),
    learns: z.array(z.strictObject({ who: z.string(), what: z.string() })),
    remarks: z.array(z.string()),
  })
  .meta({ id: 'LinkExplanation' });

const match = z
  .strictObject({
    row: z.int().describe('Number of the own record in its source, from 0'),
    key: z.string().nullable(),
    ownNumber: z.int(),
    peerRow: z.int(),
  })
  .meta({ id: 'Match', description: 'An own record, and the numbers that both sides know the pair by.' });

export const explainLink = contract({
  name: 'explainLink',
  summary: 'What a link will cost, and who will learn what',
  action: 'link.explain',
  method: 'GET',
  path: '/v1/agreements/:hash/link',
  params: ofAgreement,
  query: z.strictObject({
    a: z.coerce.number().int().min(1).optional().describe('Rows of a, if known'),
    b: z.coerce.number().int().min(1).optional(),
  }),
  answer: explanation,
  errors: ['not-found'],
});

export const runLink = contract({
  name: 'runLink',
  summary: 'Begins to link under a signed agreement; follow its job',
  action: 'link.run',
  method: 'POST',
  path: '/v1/link-runs',
  body: z.strictObject({ agreement: agreementHash, purpose: purposeCode.optional() }),
  answer: begun,
  errors: ['not-found', 'conflict'],
});

export const listLinkRuns = contract({
  name: 'listLinkRuns',
  summary: 'Runs of links, by number',
  action: 'link.list',
  method: 'GET',
  path: '/v1/link-runs',
  query: runsQuery,
  answer: pageOf(linkRun),
});

export const getLinkRun = contract({
  name: 'getLinkRun',
  summary: 'One run of a link',
  action: 'link.show',
  method: 'GET',
  path: '/v1/link-runs/:run',
  params: ofRun,
  answer: linkRun,
  errors: ['not-found'],
});

export const listMatches = contract({
  name: 'listMatches',
  summary: 'The own records that matched',
  action: 'link.result',
  method: 'GET',
  path: '/v1/link-runs/:run/matches',
  params: ofRun,
  query: pageQuery.pick({ after: true }),
  answer: pageOf(match),
  errors: ['not-found', 'unapproved'],
});

export const releaseLink = contract({
  name: 'releaseLink',
  summary: 'Approves that the result of a run is shown to all who may read results, where the agreement asks for it',
  action: 'release.approve',
  method: 'POST',
  path: '/v1/link-runs/:run/release',
  params: ofRun,
  answer: nothing,
  errors: ['not-found', 'conflict'],
});

export const withdrawLinkRelease = contract({
  name: 'withdrawLinkRelease',
  summary: 'Takes all such approvals back; who has read the result has read it',
  action: 'release.approve',
  method: 'DELETE',
  path: '/v1/link-runs/:run/release',
  params: ofRun,
  answer: nothing,
  errors: ['not-found'],
});

export const getLinkStatement = contract({
  name: 'getLinkStatement',
  summary: 'What both parties signed about a run',
  action: 'link.show',
  method: 'GET',
  path: '/v1/link-runs/:run/statement',
  params: ofRun,
  answer: statementAnswer,
  errors: ['not-found'],
});

export const linkContracts = [
  explainLink,
  runLink,
  listLinkRuns,
  getLinkRun,
  listMatches,
  releaseLink,
  withdrawLinkRelease,
  getLinkStatement,
];
