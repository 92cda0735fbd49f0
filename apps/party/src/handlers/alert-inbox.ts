import { type ApiRoute, answer, answerEvents, EventStream } from '@symbolon/service';
import type { Follower } from '../alerts/follow.ts';
import * as api from '../api/alert-inbox.ts';
import type { Organisation } from '../organisation.ts';

/** @param follower of the server: it is woken when alerts come */
export function alertInboxRoutes(
  { alertInbox: inbox, carriage }: Pick<Organisation, 'alertInbox' | 'carriage'>,
  follower: Pick<Follower, 'follow'>,
): ApiRoute[] {
  return [
    answer(api.listAlerts, ({ query }) => inbox.list(query)),
    answer(api.exportAlerts, ({ query }) => inbox.export(query)),
    answerEvents(
      api.followAlerts,
      async ({ lastEventId, signal }) => new EventStream(follower.follow(lastEventId, signal)),
    ),
    answer(api.getAlert, ({ params }) => inbox.show(params.alert)),
    answer(api.acknowledgeAlerts, async ({ body, caller }) => ({
      alerts: await inbox.acknowledge(body.ids, body.note, caller),
    })),
    answer(api.listOutgoingAlerts, ({ query }) => carriage.outbox(query)),
    answer(api.countOutgoingAlerts, () => carriage.counts()),
    answer(api.retryAlert, ({ params, caller }) => carriage.retry(params.alert, caller)),
    answer(api.listAlertHooks, async () => ({ hooks: await carriage.hooks() })),
  ];
}
