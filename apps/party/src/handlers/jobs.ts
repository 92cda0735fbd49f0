import { type ApiRoute, answer, answerEvents, EventStream, page } from '@symbolon/service';
import * as api from '../api/jobs.ts';
import type { PartyContext } from '../context.ts';
import { cancelledBy } from '../run/faults.ts';
import type { Jobs } from '../run/jobs.ts';

export function jobRoutes({ home, log, witnesses, now }: PartyContext, jobs: Jobs): ApiRoute[] {
  const { id, name, role } = home.card;
  return [
    answer(api.getStatus, async () => ({
      ...{ id, name, role },
      time: now().toISOString(),
      logSize: log.size,
      witnesses: await witnesses.states(),
      running: jobs.current.map((job) => job.info()),
    })),
    answer(api.listJobs, async ({ query }) =>
      page(
        jobs.list().map((job) => job.info()),
        query,
        (job) => job.id,
      ),
    ),
    answer(api.getJob, ({ params }) => jobs.info(params.job)),
    answerEvents(api.followJob, async ({ params, lastEventId, signal }) => {
      const job = jobs.find(params.job);
      // Of one that is over for long there is nothing more to hear.
      if (job === undefined) await jobs.info(params.job);
      return new EventStream(job?.follow(lastEventId ?? 0, signal) ?? nothing());
    }),
    answer(api.cancelJob, async ({ params }) => {
      await jobs.info(params.job);
      jobs.find(params.job)?.cancel(cancelledBy(id));
    }),
  ];
}

async function* nothing(): AsyncGenerator<never> {}
