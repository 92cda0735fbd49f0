import type { Card } from '@symbolon/agreement';
import { type Route, route } from '@symbolon/service';
import { z } from 'zod';
import type { PartyContext } from '../context.ts';
import { cancelledBy } from '../run/faults.ts';
import type { Jobs } from '../run/jobs.ts';
import { proposalSchema, startSchema, withdrawalSchema } from './messages.ts';
import type { Studies } from './studies.ts';

const bodyLimit = 65_536;
const job = z.strictObject({ job: z.coerce.number().int().min(1) });
const pollMilliseconds = 20_000;

/** What a partner can ask about studies. @param count refuses who asks too often */
export function studyPeerRoutes(studies: Studies, count: (caller: Card) => void): Route<Card>[] {
  const peer = route<Card>();
  return [
    peer({
      method: 'POST',
      path: '/v1/studies',
      body: proposalSchema,
      bodyLimit,
      handle: async ({ caller, body }) => {
        count(caller);
        return studies.accept(caller, body);
      },
    }),
    peer({
      method: 'POST',
      path: '/v1/studies/start',
      body: startSchema,
      bodyLimit,
      handle: async ({ caller, body }) => {
        count(caller);
        await studies.start(caller, body);
        return {};
      },
    }),
    peer({
      method: 'POST',
      path: '/v1/studies/withdrawn',
      body: withdrawalSchema,
      bodyLimit,
      handle: async ({ caller, body }) => {
        count(caller);
        studies.withdrawn(caller, body);
        return {};
      },
    }),
  ];
}

/** What the organisation's own commands can ask about studies. */
export function studyLocalRoutes(context: PartyContext, jobs: Jobs, studies: Studies): Route<'owner'>[] {
  const local = route<'owner'>();
  return [
    local({
      method: 'POST',
      path: '/v1/studies',
      body: z.strictObject({ agreement: z.string().min(6).max(43), study: z.string().min(1).max(63) }),
      handle: async ({ body }) => {
        const { hash } = await context.agreements.get(body.agreement);
        return { job: studies.begin(hash, body.study).id };
      },
    }),
    local({
      method: 'GET',
      path: '/v1/studies/:job/events/:after',
      params: job.extend({ after: z.coerce.number().int().min(0) }),
      handle: ({ params }) => jobs.get(params.job).events(params.after, pollMilliseconds),
    }),
    local({
      method: 'GET',
      path: '/v1/studies/:job/result',
      params: job,
      handle: ({ params }) => jobs.get(params.job).result,
    }),
    local({
      method: 'DELETE',
      path: '/v1/studies/:job',
      params: job,
      handle: async ({ params }) => jobs.get(params.job).cancel(cancelledBy(context.home.card.id)),
    }),
  ];
}
