import type { ApiClient } from '@symbolon/service';
import * as api from '../api/alert-inbox.ts';
import type { Carriage } from './carriage.ts';
import type { AlertFilter, AlertInbox } from './inbox.ts';

/** What commands need of the alerts that came, and of those that go out. */
export interface AlertViews {
  readonly alertInbox: Pick<AlertInbox, 'list' | 'export' | 'show' | 'acknowledge'>;
  readonly carriage: Pick<Carriage, 'outbox' | 'counts' | 'retry' | 'hooks'>;
}

/** {@link AlertViews} of a server. */
export function servedAlerts(client: ApiClient): AlertViews {
  return {
    alertInbox: {
      list: ({ limit, after, ...filter }) => client.call(api.listAlerts, { query: { limit, after, ...asked(filter) } }),
      export: ({ limit, after, ...filter }) =>
        client.call(api.exportAlerts, { query: { limit, after, ...asked(filter) } }),
      show: (alert) => client.call(api.getAlert, { params: { alert } }),
      acknowledge: async (ids, note) =>
        (await client.call(api.acknowledgeAlerts, { body: { ids: [...ids], note } })).alerts,
    },
    carriage: {
      outbox: (query) => client.call(api.listOutgoingAlerts, { query }),
      counts: () => client.call(api.countOutgoingAlerts, {}),
      retry: (alert) => client.call(api.retryAlert, { params: { alert } }),
      hooks: async () => (await client.call(api.listAlertHooks, {})).hooks,
    },
  };
}

function asked({ open, escalated, ...rest }: AlertFilter) {
  const text = (flag: boolean | undefined) =>
    flag === undefined ? undefined : flag ? ('true' as const) : ('false' as const);
  return { ...rest, open: text(open), escalated: text(escalated) };
}
