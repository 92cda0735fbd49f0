import {
  type Api,
  changeRoutes,
  createPeopleApi,
  logReadingRoutes,
  partnerRoutes,
  type RefusalCounts,
  type RequestLog,
} from '@symbolon/service';
import { authorizeModule } from '../authorize.ts';
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
  const routes = [
    ...changeRoutes(context),
    ...partnerRoutes(context.home),
    ...logReadingRoutes(context),
    ...serverHandlers(context, served),
    ...physicianHandlers(context, served),
    ...patientHandlers(context, served),
  ];
  return createPeopleApi(context, { routes, authorize: authorizeModule, requests, refusals });
}
