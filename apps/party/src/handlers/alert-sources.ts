import { type ApiRoute, answer } from '@symbolon/service';
import type { AlertSender } from '../alerts/sender.ts';
import * as api from '../api/alert-sources.ts';

/** @param sender of the server: what comes in is known there alone */
export function alertSourceRoutes(sender: AlertSender): ApiRoute[] {
  return [
    answer(api.listAlertSources, async () => ({ sources: sender.sources() })),
    answer(api.getAlertStatus, () => sender.status()),
    answer(api.makeAlertToken, async ({ params, caller, also }) => ({
      token: await sender.tokens.token(params.source, caller, also),
    })),
    answer(api.listQuarantine, ({ query }) => sender.quarantine.list(query)),
    answer(api.getQuarantined, ({ params }) => sender.quarantine.show(params.entry)),
    answer(api.retryQuarantined, ({ params, caller }) => sender.retry(params.entry, caller)),
    answer(api.discardQuarantined, ({ params, caller }) => sender.quarantine.discard(params.entry, caller)),
  ];
}
