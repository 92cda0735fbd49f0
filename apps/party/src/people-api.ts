import { fault } from '@symbolon/crypto';
import { type Api, type ApiRoute, Idempotency, ownerAlone, Quota } from '@symbolon/service';
import type { PartyContext } from './context.ts';

/** The API as it is served on the socket and on the listener for people. */
export function peopleApi({ database, now, settings }: PartyContext, routes: readonly ApiRoute[]): Api {
  return {
    routes,
    door: ownerAlone,
    async authorize(person, action) {
      if (person.kind !== 'owner') throw fault('forbidden', `${person.id} may not do this: ${action}`);
    },
    idempotency: new Idempotency(database, now),
    ...(settings.people === undefined ? {} : { quota: new Quota(settings.people.maxRequestsPerMinute, now) }),
  };
}
