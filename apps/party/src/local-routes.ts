import { type ApiRoute, answer, changeRoutes, getOpenApi, logReadingRoutes, partnerRoutes } from '@symbolon/service';
import type { Alerts } from './alerts/alerts.ts';
import { getDemo } from './api/demo.ts';
import { describeApi } from './api/index.ts';
import type { PartyContext } from './context.ts';
import { agreementChangeRoutes } from './handlers/agreement-changes.ts';
import { agreementRoutes } from './handlers/agreements.ts';
import { alertInboxRoutes } from './handlers/alert-inbox.ts';
import { alertSourceRoutes } from './handlers/alert-sources.ts';
import { datasetRoutes } from './handlers/datasets.ts';
import { jobRoutes } from './handlers/jobs.ts';
import { linkRoutes } from './handlers/links.ts';
import { auditRoutes } from './handlers/log.ts';
import { marketRoutes } from './handlers/market.ts';
import { outsourceRoutes } from './handlers/outsource.ts';
import { serverRoutes } from './handlers/server.ts';
import { studyRoutes } from './handlers/studies.ts';
import { subjectRoutes } from './handlers/subjects.ts';
import { Organisation } from './organisation.ts';
import type { Gateway } from './outsource/gateway.ts';
import type { Runners } from './routes.ts';
import type { Jobs } from './run/jobs.ts';

/** Who answers the contracts of `api/`: on the socket in the organisation's folder, and on the listener for people. */
export function localRoutes(
  context: PartyContext,
  jobs: Jobs,
  {
    links,
    studies,
    alerts,
    gateway,
  }: Runners & { readonly alerts: Pick<Alerts, 'follower' | 'sender'>; readonly gateway: Gateway },
): ApiRoute[] {
  const organisation = new Organisation(context);
  return [
    answer(getOpenApi, async () => describeApi()),
    answer(getDemo, async () => ({ demo: context.settings.demo ?? null })),
    ...jobRoutes(context, jobs),
    ...changeRoutes({ log: context.log, others: [(wake) => jobs.onChange(wake)] }),
    ...serverRoutes(context),
    ...partnerRoutes(context.home),
    ...datasetRoutes(organisation, context),
    ...agreementRoutes(organisation, context.changes),
    ...agreementChangeRoutes(organisation),
    ...linkRoutes(organisation, links),
    ...studyRoutes(organisation, studies),
    ...outsourceRoutes(gateway),
    ...marketRoutes(organisation),
    ...subjectRoutes(organisation),
    ...alertInboxRoutes(organisation, alerts.follower),
    ...alertSourceRoutes(alerts.sender),
    ...logReadingRoutes(context),
    ...auditRoutes(organisation),
  ];
}
