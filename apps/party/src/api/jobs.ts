import { organisationRoles } from '@symbolon/agreement';
import { errorCodes } from '@symbolon/crypto';
import { contract, nothing, pageOf, pageQuery, witnessState } from '@symbolon/service';
import { z } from 'zod';
import { sealedWorks } from '../run/job.ts';
import { phases } from '../run/progress.ts';

const job = z.strictObject({ job: z.coerce.number().int().min(1) });

const progress = z.strictObject({
  phase: z.enum(phases),
  text: z.string().describe('What is being done, for people'),
  done: z.int(),
  of: z.int(),
  secondsLeft: z.number().nullable().describe('Of this phase, where that can be told'),
});

const failure = z.strictObject({
  code: z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes]),
  message: z.string(),
  culprit: z.string().exactOptional(),
  hint: z.string(),
});

/** What a run that goes on says of itself. */
const jobInfo = z
  .strictObject({
    id: z.int(),
    agreement: z.string(),
    study: z.string().nullable().describe('null for a link, and for work on encrypted tables'),
    sealed: z.enum(sealedWorks).nullable().describe('What is done with encrypted tables; null for links and studies'),
    initiator: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    progress: progress.nullable(),
    run: z
      .int()
      .nullable()
      .describe(
        'Number of the run, once it is done; of the table that was encrypted or uploaded, of the key that was rotated',
      ),
    error: failure.nullable(),
  })
  .meta({
    id: 'Job',
    description: 'A run that the server was asked for; of those that are over for long it knows how they ended.',
  });

/** {@link jobInfo}, as the server makes it. */
export type JobInfo = z.input<typeof jobInfo>;

export const getStatus = contract({
  name: 'getStatus',
  summary: 'Which organisation this is, and what its server does now',
  action: 'server.status',
  method: 'GET',
  path: '/v1/status',
  answer: z.strictObject({
    id: z.string(),
    name: z.string(),
    role: z.enum(organisationRoles),
    time: z.iso.datetime(),
    logSize: z.int(),
    /** How far each partner has witnessed the log. */
    witnesses: z.array(witnessState),
    /** At most one of each kind: with partners, on encrypted tables, questions to these. */
    running: z.array(jobInfo),
  }),
});

export const listJobs = contract({
  name: 'listJobs',
  summary: 'What the server runs and has run lately, by number',
  action: 'job.list',
  method: 'GET',
  path: '/v1/jobs',
  query: pageQuery,
  answer: pageOf(jobInfo),
});

export const getJob = contract({
  name: 'getJob',
  summary: 'One job',
  action: 'job.show',
  method: 'GET',
  path: '/v1/jobs/:job',
  params: job,
  answer: jobInfo,
  errors: ['not-found'],
});

export const followJob = contract({
  name: 'followJob',
  summary: 'The progress of a job; the stream ends with it. Last-Event-ID takes up one that was cut off',
  action: 'job.show',
  method: 'GET',
  path: '/v1/jobs/:job/events',
  params: job,
  answer: progress.meta({ id: 'Progress' }),
  events: true,
  errors: ['not-found'],
});

export const cancelJob = contract({
  name: 'cancelJob',
  summary: 'Ends a run at all its parties',
  action: 'job.cancel',
  method: 'DELETE',
  path: '/v1/jobs/:job',
  params: job,
  answer: nothing,
  errors: ['not-found'],
});

export const jobContracts = [getStatus, listJobs, getJob, followJob, cancelJob];
