import { type Api, type ApiRoute, createPeopleApi, type RefusalCounts } from '@symbolon/service';
import { authorizePerson } from './authorize.ts';
import type { PartyContext } from './context.ts';

/** The API as it is served on the socket and on the listener for people. @param routes of the organisation */
export function peopleApi(context: PartyContext, routes: readonly ApiRoute[], refusals?: RefusalCounts): Api {
  return createPeopleApi(context, { routes, authorize: authorizePerson, refusals });
}
