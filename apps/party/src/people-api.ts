import {
  type Api,
  type ApiRoute,
  Idempotency,
  openPeople,
  peopleRoutes,
  Quota,
  type RefusalCounts,
  RequestLog,
  readRequestKey,
} from '@symbolon/service';
import { authorizePerson } from './authorize.ts';
import type { PartyContext } from './context.ts';

/** The API as it is served on the socket and on the listener for people. @param routes of the organisation */
export function peopleApi(context: PartyContext, routes: readonly ApiRoute[], refusals?: RefusalCounts): Api {
  const { home, database, log, rng, now, settings } = context;
  const people = openPeople({
    ...context,
    settings: settings.accounts,
    organisation: home.card,
    environment: process.env,
  });
  return {
    routes: [...routes, ...peopleRoutes(people)],
    door: people.door,
    authorize: async (person, action) => authorizePerson(person, action),
    idempotency: new Idempotency(database, readRequestKey(home, rng), now),
    requests: new RequestLog(log, now),
    ...(refusals === undefined ? {} : { refusals }),
    ...(settings.people === undefined ? {} : { quota: new Quota(settings.people.maxRequestsPerMinute, now) }),
  };
}
