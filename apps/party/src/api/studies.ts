import { purposeCode } from '@symbolon/agreement';
import { errorCodes } from '@symbolon/crypto';
import { contract, nothing, pageOf, pageQuery, runsQuery } from '@symbolon/service';
import { z } from 'zod';
import { askedSchema } from '../study/asked.ts';
import {
  agreementHash,
  approval,
  begun,
  ofRun,
  ofStudy,
  releasedStudy,
  said,
  sizes,
  statementAnswer,
  studyRun,
} from './shapes.ts';

const study = z
  .strictObject({
    agreement: z.string(),
    title: z.string(),
    name: z.string(),
    asked: askedSchema
      .nullable()
      .describe('A choice of a template, or a free study; null for one that the agreement lists'),
    text: z.string(),
    to: z.array(z.string()),
    maxRuns: z.int(),
    runs: z.int(),
    runsLeft: z.int(),
    approvals: z.array(approval),
    approvalsNeeded: z.int().describe('People who must approve the form that is run'),
  })
  .meta({ id: 'Study' });

const explanation = z
  .strictObject({
    agreement: z.string(),
    title: z.string(),
    study: z.string(),
    studyHash: z.string(),
    parties: z.array(z.string()),
    to: z.array(z.string()),
    words: z.array(said),
    sizes,
    atMost: z.array(z.string()),
    units: z.array(
      z.strictObject({
        parties: z.array(z.string()),
        rounds: z.number(),
        sentBytes: z.array(z.array(z.number())),
        answerKeyBytes: z.number(),
        seconds: z.number(),
      }),
    ),
  })
  .meta({ id: 'StudyExplanation' });

export const listStudies = contract({
  name: 'listStudies',
  summary: 'Studies that agreements list, by agreement and name',
  action: 'study.list',
  method: 'GET',
  path: '/v1/studies',
  query: pageQuery.extend({ agreement: agreementHash.optional() }),
  answer: pageOf(study),
});

export const getStudy = contract({
  name: 'getStudy',
  summary: 'One study of an agreement',
  action: 'study.show',
  method: 'GET',
  path: '/v1/agreements/:hash/studies/:study',
  params: ofStudy,
  answer: study,
  errors: ['not-found'],
});

export const askStudy = contract({
  name: 'askStudy',
  summary: 'Asks a study that the agreement does not list: a choice of a template, or a free one',
  action: 'study.ask',
  method: 'POST',
  path: '/v1/agreements/:hash/studies',
  params: z.strictObject({ hash: agreementHash }),
  body: z.strictObject({ asked: askedSchema }),
  answer: study,
  errors: ['not-found', 'study-invalid', 'study-policy', 'agreement-limit', 'agreement-party'],
});

export const checkStudy = contract({
  name: 'checkStudy',
  summary:
    'Whether such a study could be asked: what it would compute, or what stands against it and where; nothing is kept',
  action: 'study.ask',
  method: 'POST',
  path: '/v1/agreements/:hash/studies/check',
  params: z.strictObject({ hash: agreementHash }),
  body: z.strictObject({ asked: askedSchema }),
  answer: z
    .strictObject({
      explanation: explanation.nullable(),
      fault: z
        .strictObject({
          code: z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes]),
          message: z.string(),
          culprit: z.string().nullable(),
          hint: z.string(),
          place: z.int().nullable().describe('In its SELECT, in UTF-16 code units from 0, where that is known'),
        })
        .nullable(),
    })
    .meta({ id: 'StudyCheck' }),
  asksOnly: true,
  errors: ['not-found'],
});

export const explainStudy = contract({
  name: 'explainStudy',
  summary: 'What is local, what is secure, who learns what, and what it costs',
  action: 'study.explain',
  method: 'GET',
  path: '/v1/agreements/:hash/studies/:study/explanation',
  params: ofStudy,
  answer: explanation,
  errors: ['not-found', 'study-policy', 'plan-range'],
});

export const approveStudy = contract({
  name: 'approveStudy',
  summary: 'Approves a study in the form that it has here now',
  action: 'study.approve',
  method: 'POST',
  path: '/v1/agreements/:hash/studies/:study/approval',
  params: ofStudy,
  answer: study,
  errors: ['not-found'],
});

export const withdrawApproval = contract({
  name: 'withdrawApproval',
  summary: 'Takes an approval back; what runs and has not opened its result ends',
  action: 'study.approve',
  method: 'DELETE',
  path: '/v1/agreements/:hash/studies/:study/approval',
  params: ofStudy,
  answer: nothing,
  errors: ['not-found'],
});

export const runStudy = contract({
  name: 'runStudy',
  summary: 'Begins a study under a signed agreement; follow its job',
  action: 'study.run',
  method: 'POST',
  path: '/v1/study-runs',
  body: z.strictObject({
    agreement: agreementHash,
    study: z.string().min(1).max(63),
    purpose: purposeCode.optional(),
  }),
  answer: begun,
  errors: ['not-found', 'conflict'],
});

export const listStudyRuns = contract({
  name: 'listStudyRuns',
  summary: 'Runs of studies, by number',
  action: 'study.list',
  method: 'GET',
  path: '/v1/study-runs',
  query: runsQuery,
  answer: pageOf(studyRun),
});

export const getStudyRun = contract({
  name: 'getStudyRun',
  summary: 'One run of a study',
  action: 'study.show',
  method: 'GET',
  path: '/v1/study-runs/:run',
  params: ofRun,
  answer: studyRun,
  errors: ['not-found'],
});

export const getStudyResult = contract({
  name: 'getStudyResult',
  summary: 'What a run released to this organisation; null where it learnt nothing',
  action: 'study.result',
  method: 'GET',
  path: '/v1/study-runs/:run/result',
  params: ofRun,
  answer: z.strictObject({ released: releasedStudy.nullable() }),
  errors: ['not-found', 'unapproved'],
});

export const releaseStudy = contract({
  name: 'releaseStudy',
  summary: 'Approves that the result of a run is shown to all who may read results, where the agreement asks for it',
  action: 'release.approve',
  method: 'POST',
  path: '/v1/study-runs/:run/release',
  params: ofRun,
  answer: nothing,
  errors: ['not-found', 'conflict'],
});

export const withdrawStudyRelease = contract({
  name: 'withdrawStudyRelease',
  summary: 'Takes all such approvals back; who has read the result has read it',
  action: 'release.approve',
  method: 'DELETE',
  path: '/v1/study-runs/:run/release',
  params: ofRun,
  answer: nothing,
  errors: ['not-found'],
});

export const getStudyStatement = contract({
  name: 'getStudyStatement',
  summary: 'What all parties signed about a run',
  action: 'study.show',
  method: 'GET',
  path: '/v1/study-runs/:run/statement',
  params: ofRun,
  answer: statementAnswer,
  errors: ['not-found'],
});

export const studyContracts = [
  listStudies,
  getStudy,
  askStudy,
  checkStudy,
  explainStudy,
  approveStudy,
  withdrawApproval,
  runStudy,
  listStudyRuns,
  getStudyRun,
  getStudyResult,
  releaseStudy,
  withdrawStudyRelease,
  getStudyStatement,
];
