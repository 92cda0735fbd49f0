import { type ApiClient, everyItem, type PageQuery } from '@symbolon/service';
import * as api from '../api/market.ts';
import { isRequest } from './licences.ts';
import type { Market } from './market.ts';

/** What commands need of the market, be it on a folder or a server. */
export type MarketView = Pick<
  Market,
  | 'offers'
  | 'publish'
  | 'withdraw'
  | 'request'
  | 'approve'
  | 'counter'
  | 'decline'
  | 'fetch'
  | 'list'
  | 'requests'
  | 'show'
  | 'uses'
  | 'usage'
  | 'state'
  | 'verify'
>;

/** The API in the words of {@link MarketView}; a server knows who asks. */
export function servedMarket(client: ApiClient): MarketView {
  const of = (hash: string) => ({ params: { hash } });
  return {
    offers: (partner) =>
      all<Awaited<ReturnType<Market['offers']>>[number]>((query) =>
        partner === undefined
          ? client.call(api.listOffers, { query })
          : client.call(api.browseOffers, { params: { partner }, query }),
      ),
    publish: (offer) => client.call(api.publishOffer, { body: { offer } }),
    withdraw: (name) => client.call(api.withdrawOffer, { params: { name } }),
    request: (request, without = []) =>
      client.call(api.requestLicence, { body: { request, without: [...without] } }) as ReturnType<Market['request']>,
    approve: (hash, saying = {}) =>
      client.call(api.approveLicence, { ...of(hash), body: { ...saying } }) as ReturnType<Market['approve']>,
    counter: (hash, changes) =>
      client.call(api.counterLicence, { ...of(hash), body: { changes } }) as ReturnType<Market['counter']>,
    decline: (hash, reason) =>
      client.call(api.declineLicence, { ...of(hash), body: { reason } }) as ReturnType<Market['decline']>,
    fetch: async () => (await client.call(api.fetchAgreements, {})).news,
    list: () => all((query) => client.call(api.listLicences, { query }) as Promise<Listed<'list'>>),
    requests: async () =>
      (await all((query) => client.call(api.listLicences, { query }) as Promise<Listed<'list'>>)).filter(isRequest),
    show: (hash) => client.call(api.getLicence, of(hash)) as ReturnType<Market['show']>,
    uses: (licence) => all((query) => client.call(api.listLicenceUses, { query: { ...query, licence } })),
    usage: (hash, month) => client.call(api.getLicenceUsage, { ...of(hash), query: { month } }),
    state: (hash, month) => client.call(api.stateLicence, { params: { hash, month } }),
    verify: (file) => client.call(api.verifyLicenceStatement, { body: { file } }),
  };
}

interface Listed<Method extends 'list'> {
  readonly items: Awaited<ReturnType<Market[Method]>>;
  readonly next: string | null;
}

async function all<Item>(
  ask: (query: Partial<PageQuery>) => Promise<{ readonly items: readonly Item[]; readonly next: string | null }>,
): Promise<Item[]> {
  const pages = async (after?: string) => {
    const { items, next } = await ask({ limit: 100, ...(after === undefined ? {} : { after }) });
    return { items: [...items], next };
  };
  const items: Item[] = [];
  for await (const item of everyItem(pages)) items.push(item);
  return items;
}
