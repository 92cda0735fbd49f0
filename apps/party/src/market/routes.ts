import type { Card } from '@symbolon/agreement';
import { type Route, route } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { cataloguePath, shownCatalogue } from './catalogue.ts';
import { fetchRoutes } from './fetch.ts';

/** What partners ask of the market of this organisation. @param count of requests, which throws where one asks too often */
export function marketPeerRoutes(context: PartyContext, count: (caller: Card) => void): Route<Card>[] {
  return [
    route<Card>()({
      method: 'GET',
      path: cataloguePath,
      handle: async ({ caller }) => {
        count(caller);
        return shownCatalogue(context);
      },
    }),
    ...fetchRoutes(context, count),
  ];
}
