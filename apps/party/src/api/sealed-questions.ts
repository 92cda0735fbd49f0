import { purposeCode } from '@symbolon/agreement';
import { contract, nothing, pageOf, pageQuery, runsQuery } from '@symbolon/service';
import { z } from 'zod';
import { agreementHash, approval, begun, ofRun, releasedStudy, said, statementAnswer } from './shapes.ts';

const ofQuestion = z.strictObject({ question: z.coerce.number().int().min(1) });

const question = z
  .strictObject({
    id: z.int(),
    agreement: z.string(),
    kind: z.enum(['question', 'scores']).describe('Scores are one of each patient, for data stewards alone'),
    text: z.string(),
    hash: z.string().describe('Of the form that is approved, and run'),
    table: z.string(),
    words: z.array(said),
    askedBy: z.string(),
    askedAt: z.iso.datetime(),
    approvals: z.array(approval),
    approvalsNeeded: z.int(),
  })
  .meta({ id: 'SealedQuestion' });

const run = z
  .strictObject({
    id: z.int(),
    agreement: z.string(),
    question: z.int(),
    table: z.int(),
    state: z.enum(['running', 'stopped', 'done', 'failed']),
    purpose: z.string().nullable(),
    person: z.string(),
    error: z.string().nullable(),
    startedAt: z.iso.datetime(),
    openedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
    logEpoch: z.int().nullable(),
    logIndex: z.int().nullable(),
  })
  .meta({ id: 'SealedRun' });

const scored = z
  .strictObject({
    scores: z.int(),
    kept: z.string().describe('Hash of the sealed file that holds them'),
    salt: z.string(),
    recomputed: z
      .enum(['same', 'rows-gone', 'rows-changed'])
      .describe('Whether the rows in the clear came to the same scores; else why that could not be seen'),
    seconds: z.strictObject({ evaluate: z.number(), open: z.number() }),
  })
  .meta({ id: 'SealedScored', description: 'What a run that gave scores says of itself: no score is in it.' });

const result = releasedStudy
  .extend({
    salt: z.string(),
    recomputed: z
      .enum(['same', 'model', 'rows-gone', 'rows-changed'])
      .describe('Whether the same was computed from the rows in the clear; else why that could not be'),
    seconds: z.strictObject({ evaluate: z.number(), open: z.number() }),
  })
  .meta({ id: 'SealedResult' });

export const askSealed = contract({
  name: 'askSealed',
  summary:
    'Asks a question of an encrypted table: a SELECT, a study file, or a model for scores; it runs once it is approved',
  action: 'seal.ask',
  method: 'POST',
  path: '/v1/sealed-questions',
  body: z.strictObject({ agreement: agreementHash, text: z.string().min(1).max(16_384) }),
  answer: question,
  errors: ['not-found', 'study-invalid', 'study-policy', 'circuit', 'agreement-limit'],
});

export const listSealedQuestions = contract({
  name: 'listSealedQuestions',
  summary: 'Questions to encrypted tables, by number',
  action: 'seal.list',
  method: 'GET',
  path: '/v1/sealed-questions',
  query: pageQuery,
  answer: pageOf(question),
});

export const getSealedQuestion = contract({
  name: 'getSealedQuestion',
  summary: 'One question, and who has approved it',
  action: 'seal.show',
  method: 'GET',
  path: '/v1/sealed-questions/:question',
  params: ofQuestion,
  answer: question,
  errors: ['not-found'],
});

export const approveSealed = contract({
  name: 'approveSealed',
  summary: 'Approves a question in the form that it has here now',
  action: 'seal.approve',
  method: 'POST',
  path: '/v1/sealed-questions/:question/approval',
  params: ofQuestion,
  answer: question,
  errors: ['not-found'],
});

export const withdrawSealedApproval = contract({
  name: 'withdrawSealedApproval',
  summary: 'Takes all approvals of a question back; what runs and has not opened its result ends',
  action: 'seal.approve',
  method: 'DELETE',
  path: '/v1/sealed-questions/:question/approval',
  params: ofQuestion,
  answer: nothing,
  errors: ['not-found'],
});

export const runSealed = contract({
  name: 'runSealed',
  summary: 'Begins to run a question on its table; follow its job',
  action: 'seal.run',
  method: 'POST',
  path: '/v1/sealed-runs',
  body: z.strictObject({ question: z.int().min(1), purpose: purposeCode.optional() }),
  answer: begun,
  errors: ['not-found', 'seal-key', 'conflict'],
});

export const resumeSealedRun = contract({
  name: 'resumeSealedRun',
  summary: 'Goes on with a run in which this server stopped; follow its job',
  action: 'seal.run',
  method: 'POST',
  path: '/v1/sealed-runs/:run/continuation',
  params: ofRun,
  answer: begun,
  errors: ['not-found', 'seal-key', 'conflict'],
});

export const listSealedRuns = contract({
  name: 'listSealedRuns',
  summary: 'Runs of questions to encrypted tables, by number',
  action: 'seal.list',
  method: 'GET',
  path: '/v1/sealed-runs',
  query: runsQuery,
  answer: pageOf(run),
});

export const getSealedRun = contract({
  name: 'getSealedRun',
  summary: 'One run of a question',
  action: 'seal.show',
  method: 'GET',
  path: '/v1/sealed-runs/:run',
  params: ofRun,
  answer: run,
  errors: ['not-found'],
});

export const getSealedResult = contract({
  name: 'getSealedResult',
  summary: 'What a run released; null where it did not come to that',
  action: 'seal.result',
  method: 'GET',
  path: '/v1/sealed-runs/:run/result',
  params: ofRun,
  answer: z.strictObject({ released: result.nullable() }),
  errors: ['not-found', 'unapproved', 'score-release'],
});

export const getSealedScored = contract({
  name: 'getSealedScored',
  summary: 'How many patients a run gave a score, and how sure that is; null of any other run',
  action: 'seal.show',
  method: 'GET',
  path: '/v1/sealed-runs/:run/scored',
  params: ofRun,
  answer: z.strictObject({ scored: scored.nullable() }),
  errors: ['not-found'],
});

export const getSealedScores = contract({
  name: 'getSealedScores',
  summary: 'Some of the scores of a run, for those who may see rows; that they were read is in the log',
  action: 'seal.scores',
  method: 'GET',
  path: '/v1/sealed-runs/:run/scores',
  params: ofRun,
  query: z.strictObject({ part: z.coerce.number().int().min(0).default(0) }),
  answer: z
    .strictObject({
      patients: z.array(z.string()),
      scores: z.array(z.number()).describe('Of these patients, in the same order'),
      parts: z.int().min(1).describe('How many there are'),
    })
    .meta({ id: 'SealedScores' }),
  errors: ['not-found', 'seal-key'],
});

export const releaseSealed = contract({
  name: 'releaseSealed',
  summary: 'Approves that the result of a run is shown to all who may read results, where the agreement asks for it',
  action: 'release.approve',
  method: 'POST',
  path: '/v1/sealed-runs/:run/release',
  params: ofRun,
  answer: nothing,
  errors: ['not-found', 'conflict', 'score-release'],
});

export const withdrawSealedRelease = contract({
  name: 'withdrawSealedRelease',
  summary: 'Takes all such approvals back; who has read the result has read it',
  action: 'release.approve',
  method: 'DELETE',
  path: '/v1/sealed-runs/:run/release',
  params: ofRun,
  answer: nothing,
  errors: ['not-found'],
});

export const getSealedStatement = contract({
  name: 'getSealedStatement',
  summary: 'What this organisation signed about a run',
  action: 'seal.show',
  method: 'GET',
  path: '/v1/sealed-runs/:run/statement',
  params: ofRun,
  answer: statementAnswer,
  errors: ['not-found'],
});

export const sealedQuestionContracts = [
  askSealed,
  listSealedQuestions,
  getSealedQuestion,
  approveSealed,
  withdrawSealedApproval,
  runSealed,
  resumeSealedRun,
  listSealedRuns,
  getSealedRun,
  getSealedResult,
  getSealedScored,
  getSealedScores,
  releaseSealed,
  withdrawSealedRelease,
  getSealedStatement,
];
