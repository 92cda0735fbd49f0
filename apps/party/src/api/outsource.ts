import { purposeCode } from '@symbolon/agreement';
import { contract, nothing, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { agreementHash, approval, begun, ofRun, releasedStudy, said, statementAnswer } from './shapes.ts';

const number = z.coerce.number().int().min(1);
const ofKey = z.strictObject({ key: number });
const ofTable = z.strictObject({ table: number });
const ofQuestion = z.strictObject({ question: number });
const tableKind = z.enum(['exact', 'features']).describe('Totals are computed of exact tables, scores of features');
const passphrase = z.string().min(1).max(1024);

const key = z
  .strictObject({
    id: z.int(),
    agreement: z.string(),
    key: z.string().describe('Names it: a hash of what the server gets; random where it gets nothing'),
    kind: tableKind,
    state: z.enum(['active', 'retired', 'destroyed']),
    why: z.string().nullable(),
    open: z.boolean().describe('A process of this server holds its secret'),
    tables: z.array(z.int()),
    madeBy: z.string(),
    madeAt: z.iso.datetime(),
  })
  .meta({
    id: 'SealKey',
    description: 'A key pair of encrypted tables. The secret is in the folder, under a passphrase.',
  });

const table = z
  .strictObject({
    id: z.int(),
    agreement: z.string(),
    name: z.string(),
    kind: tableKind,
    key: z.int(),
    table: z.string().describe('Its id at the compute server'),
    state: z.enum(['encrypting', 'encrypted', 'uploaded', 'replaced', 'retired', 'deleted']),
    columns: z.array(z.string()),
    rows: z.int().nullable(),
    leftOut: z.int().nullable().describe('Records that took no part, because people opted out'),
    replaces: z.int().nullable(),
    madeBy: z.string(),
    madeAt: z.iso.datetime(),
  })
  .meta({ id: 'SealedTable' });

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

export const makeSealKey = contract({
  name: 'makeSealKey',
  summary: 'Makes a key pair for encrypted tables of an agreement, and opens it',
  action: 'seal.key',
  method: 'POST',
  path: '/v1/seal-keys',
  body: z.strictObject({ agreement: agreementHash, kind: tableKind.default('exact'), passphrase }),
  answer: key,
  errors: ['not-found', 'password-weak', 'agreement-limit', 'agreement-party'],
});

export const listSealKeys = contract({
  name: 'listSealKeys',
  summary: 'Keys of encrypted tables, by number',
  action: 'seal.list',
  method: 'GET',
  path: '/v1/seal-keys',
  query: pageQuery,
  answer: pageOf(key),
});

export const unlockSealKey = contract({
  name: 'unlockSealKey',
  summary: 'Opens a key with its passphrase, until it is locked or nobody has used it for a while',
  action: 'seal.unlock',
  method: 'POST',
  path: '/v1/seal-keys/:key/unlocking',
  params: ofKey,
  body: z.strictObject({ passphrase }),
  repeatable: true,
  answer: key,
  errors: ['not-found', 'passphrase-wrong', 'seal-key'],
});

export const lockSealKey = contract({
  name: 'lockSealKey',
  summary: 'Forgets the secret of a key',
  action: 'seal.lock',
  method: 'DELETE',
  path: '/v1/seal-keys/:key/unlocking',
  params: ofKey,
  answer: nothing,
  errors: ['not-found'],
});

export const rotateSealKey = contract({
  name: 'rotateSealKey',
  summary: 'Begins to move all tables of a key to another, then destroys it; or goes on with that. Both are open',
  action: 'seal.rotate',
  method: 'POST',
  path: '/v1/seal-keys/:key/rotation',
  params: ofKey,
  body: z.strictObject({ to: z.int().min(1) }),
  answer: begun,
  errors: ['not-found', 'seal-key', 'conflict'],
});

export const encryptTable = contract({
  name: 'encryptTable',
  summary: 'Begins to encrypt a data set as an agreement says; follow its job',
  action: 'seal.encrypt',
  method: 'POST',
  path: '/v1/sealed-tables',
  body: z.strictObject({
    agreement: agreementHash,
    name: z.string().min(1).max(63).describe('Of the table, in the agreement'),
    key: z.int().min(1),
    cuts: z
      .record(z.string().max(63), z.array(z.string().max(64)).min(1).max(256))
      .default({})
      .describe('By column: where bands of numbers and dates begin, so that conditions can tell them apart'),
    features: z
      .array(z.string().min(1).max(63))
      .min(1)
      .max(256)
      .optional()
      .describe('Columns from which scores are to be computed; absent for a table of which totals are'),
  }),
  answer: begun,
  errors: ['not-found', 'seal-key', 'table-layout', 'conflict'],
});

export const listSealedTables = contract({
  name: 'listSealedTables',
  summary: 'Encrypted tables, by number',
  action: 'seal.list',
  method: 'GET',
  path: '/v1/sealed-tables',
  query: pageQuery,
  answer: pageOf(table),
});

export const uploadTable = contract({
  name: 'uploadTable',
  summary: 'Begins to send an encrypted table to its server, or goes on with it; follow its job',
  action: 'seal.upload',
  method: 'POST',
  path: '/v1/sealed-tables/:table/upload',
  params: ofTable,
  answer: begun,
  errors: ['not-found', 'conflict'],
});

export const removeSealedTable = contract({
  name: 'removeSealedTable',
  summary: 'Deletes an encrypted table, here and at its server',
  action: 'seal.remove',
  method: 'DELETE',
  path: '/v1/sealed-tables/:table',
  params: ofTable,
  answer: nothing,
  errors: ['not-found', 'conflict'],
});

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
  query: pageQuery,
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

export const outsourceContracts = [
  makeSealKey,
  listSealKeys,
  unlockSealKey,
  lockSealKey,
  rotateSealKey,
  encryptTable,
  listSealedTables,
  uploadTable,
  removeSealedTable,
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
