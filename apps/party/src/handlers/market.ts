import { type ApiRoute, answer, page } from '@symbolon/service';
import * as api from '../api/market.ts';
import type { Market, ShownOffer } from '../market/market.ts';

export function marketRoutes({ market }: { readonly market: Market }): ApiRoute[] {
  const { catalogue, licences } = market;
  const named = ({ offer }: ShownOffer): string => offer.name;
  return [
    answer(api.listOffers, async ({ query }) => page(await market.offers(), query, named)),
    answer(api.publishOffer, ({ body, caller }) => catalogue.publish(body.offer, caller.id)),
    answer(api.withdrawOffer, ({ params, caller }) => catalogue.withdraw(params.name, caller.id)),
    answer(api.browseOffers, async ({ params, query }) => page(await market.offers(params.partner), query, named)),
    answer(api.requestLicence, ({ body, caller }) => licences.request(body.request, caller, body.without)),
    answer(api.listLicences, async ({ query }) => {
      const all = await licences.list();
      return page(
        all.sort((a, b) => (a.hash < b.hash ? -1 : 1)),
        query,
        ({ hash }) => hash,
      );
    }),
    answer(api.getLicence, ({ params }) => licences.show(params.hash)),
    answer(api.approveLicence, ({ params, body, caller }) => licences.approve(params.hash, caller, body)),
    answer(api.counterLicence, ({ params, body, caller }) => licences.counter(params.hash, body.changes, caller)),
    answer(api.declineLicence, ({ params, body, caller }) => licences.decline(params.hash, body.reason, caller)),
    answer(api.listUses, async ({ query }) => {
      // Cursors grow; the newest has the highest number.
      const newest = Number.MAX_SAFE_INTEGER;
      return page(await market.uses(query.licence), query, ({ run }) => newest - run);
    }),
    answer(api.getUsage, ({ params, query }) => market.usage(params.hash, query.month)),
    answer(api.stateLicence, ({ params }) => market.state(params.hash, params.month)),
    answer(api.verifyStatement, ({ body }) => market.verify(body.file)),
  ];
}
