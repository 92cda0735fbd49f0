import { type ApiRoute, answer, page } from '@symbolon/service';
import * as api from '../api/market.ts';
import type { Market, ShownOffer } from '../market/market.ts';
import type { StatementFile } from '../market/statements.ts';

export function marketRoutes({ market }: { readonly market: Market }): ApiRoute[] {
  const named = ({ offer }: ShownOffer): string => offer.name;
  return [
    answer(api.listOffers, async ({ query }) => page(await market.offers(), query, named)),
    answer(
      api.publishOffer,
      ({ body, caller, also }) => market.publish(body.offer, caller, also),
      async (name: string) => (await market.offers()).find(({ offer }) => offer.name === name)!.offer,
    ),
    answer(api.withdrawOffer, ({ params, caller }) => market.withdraw(params.name, caller)),
    answer(api.browseOffers, async ({ params, query }) => page(await market.offers(params.partner), query, named)),
    answer(
      api.requestLicence,
      ({ body, caller, also }) => market.request(body.request, body.without, caller, also),
      (hash: string, { caller }) => market.sendRequest(hash, caller),
    ),
    answer(api.listLicences, async ({ query }) => {
      const all = await market.list();
      return page(
        all.sort((a, b) => (a.hash < b.hash ? -1 : 1)),
        query,
        ({ hash }) => hash,
      );
    }),
    answer(api.getLicence, ({ params }) => market.show(params.hash)),
    answer(
      api.approveLicence,
      ({ params, body, caller, also }) => market.approve(params.hash, body, caller, also),
      (_, { params, body, caller }) => market.sendApproved(params.hash, caller, body),
    ),
    answer(
      api.counterLicence,
      ({ params, body, caller, also }) => market.counter(params.hash, body.changes, caller, also),
      (hash: string, { caller }) => market.sendAnswer(hash, caller),
    ),
    answer(
      api.declineLicence,
      ({ params, body, caller, also }) => market.decline(params.hash, body.reason, caller, also),
      (_, { params }) => market.show(params.hash),
    ),
    answer(api.fetchAgreements, async () => ({ news: await market.fetch() })),
    answer(api.listLicenceUses, async ({ query }) => {
      // Cursors grow; the newest has the highest number.
      const newest = Number.MAX_SAFE_INTEGER;
      return page(await market.uses(query.licence), query, ({ run }) => newest - run);
    }),
    answer(api.getLicenceUsage, ({ params, query }) => market.usage(params.hash, query.month)),
    answer(
      api.stateLicence,
      ({ params, also }) => market.state(params.hash, params.month, also),
      (statement: StatementFile['statement'], { params }) => market.stated(params.hash, statement),
    ),
    answer(api.verifyLicenceStatement, ({ body }) => market.verify(body.file)),
  ];
}
