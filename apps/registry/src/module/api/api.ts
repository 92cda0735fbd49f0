import {
  type Api,
  authorizeOperator,
  Idempotency,
  openPeople,
  partnerRoutes,
  peopleRoutes,
  Quota,
  type RefusalCounts,
  type RequestLog,
  readRequestKey,
} from '@symbolon/service';
import type { Context } from '../context.ts';
import type { Served } from '../served.ts';
import { patientHandlers } from './patient-handlers.ts';
import { physicianHandlers } from './physician-handlers.ts';
import { serverHandlers } from './server-handlers.ts';

/** What those who operate a module can ask, through the socket in the home or the listener for people. */
export function operatorApi(
  context: Context,
  served: Served,
  { requests, refusals }: { requests: RequestLog; refusals: RefusalCounts },
): Api {
  const { home, settings, database, rng, now } = context;
  const people = openPeople({
    ...context,
    settings: settings.accounts,
    organisation: home.card,
    environment: process.env,
  });
  const own = [
    ...serverHandlers(context, served),
    ...physicianHandlers(context, served),
    ...patientHandlers(context, served),
  ];
  return {
    routes: [...partnerRoutes(home), ...own, ...peopleRoutes(people)],
    door: people.door,
    authorize: async (person, action) => authorizeOperator(person, action),
    idempotency: new Idempotency(database, readRequestKey(home, rng), now),
    requests,
    refusals,
    ...(settings.people === undefined ? {} : { quota: new Quota(settings.people.maxRequestsPerMinute, now) }),
  };
}
