import { partnerRoutes, type Route, route } from '@symbolon/service';
import { z } from 'zod';
import { changedPath } from './agreements/changes.ts';
import type { PartyContext } from './context.ts';
import type { Runners } from './routes.ts';
import { cancelledBy } from './run/faults.ts';
import type { Jobs } from './run/jobs.ts';
import { bytes32 } from './run/messages.ts';
import { studyLocalRoutes } from './study/routes.ts';

const job = z.strictObject({ job: z.coerce.number().int().min(1) });
const pollMilliseconds = 20_000;

/** All that the organisation's own commands can ask of its running server. Whoever can open the socket is the owner. */
export function localRoutes(context: PartyContext, jobs: Jobs, { links, studies }: Runners): Route<'owner'>[] {
  const local = route<'owner'>();
  return [
    ...partnerRoutes(context.home),
    ...studyLocalRoutes(context, jobs, studies),
    local({
      method: 'GET',
      path: '/v1/status',
      handle: async () => {
        const { current } = jobs;
        const { id, name } = context.home.card;
        if (current === undefined) return { id, name, running: null };
        const { task, last } = current;
        return { id, name, running: { job: current.id, ...task, progress: last ?? null } };
      },
    }),
    local({
      method: 'POST',
      path: changedPath,
      body: z.strictObject({ agreement: bytes32 }),
      handle: async ({ body }) => {
        await context.changes.tell(body.agreement);
      },
    }),
    local({
      method: 'POST',
      path: '/v1/links',
      body: z.strictObject({ agreement: z.string().min(6).max(43) }),
      handle: async ({ body }) => {
        const { hash } = await context.agreements.get(body.agreement);
        return { job: links.begin(hash).id };
      },
    }),
    local({
      method: 'GET',
      path: '/v1/links/:job/events/:after',
      params: job.extend({ after: z.coerce.number().int().min(0) }),
      handle: ({ params }) => jobs.get(params.job).events(params.after, pollMilliseconds),
    }),
    local({
      method: 'GET',
      path: '/v1/links/:job/result',
      params: job,
      handle: ({ params }) => jobs.get(params.job).result,
    }),
    local({
      method: 'DELETE',
      path: '/v1/links/:job',
      params: job,
      handle: async ({ params }) => jobs.get(params.job).cancel(cancelledBy(context.home.card.id)),
    }),
  ];
}
