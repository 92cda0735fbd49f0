import { type ApiRoute, answer, page } from '@symbolon/service';
import * as api from '../api/market.ts';
import type { Market, ShownOffer } from '../market/market.ts';

export function marketRoutes({ market }: { readonly market: Market }): ApiRoute[] {
  const named = ({ offer }: ShownOffer): string => offer.name;
  return [
    answer(api.listOffers, async ({ query }) => page(await market.offers(), query, named)),
    answer(api.publishOffer, ({ body, caller }) => market.publish(body.offer, caller)),
    answer(api.withdrawOffer, ({ params, caller }) => market.withdraw(params.name, caller)),
    answer(api.browseOffers, async ({ params, query }) => page(await market.offers(params.partner), query, named)),
    answer(api.requestLicence, ({ body, caller }) => market.request(body.request, body.without, caller)),
    answer(api.listLicences, async ({ query }) => {
      const all = await market.list();
      return page(
        all.sort((a, b) => (a.hash < b.hash ? -1 : 1)),
        query,
        ({ hash }) => hash,
      );
    }),
    answer(api.getLicence, ({ params }) => market.show(params.hash)),
    answer(api.approveLicence, ({ params, body, caller }) => market.approve(params.hash, body, caller)),
    answer(api.counterLicence, ({ params, body, caller }) => market.counter(params.hash, body.changes, caller)),
    answer(api.declineLicence, ({ params, body, caller }) => market.decline(params.hash, body.reason, caller)),
    answer(api.fetchNews, async () => ({ news: await market.fetch() })),
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
