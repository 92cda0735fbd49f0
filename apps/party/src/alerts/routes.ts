import type { Card } from '@symbolon/agreement';
import { fault, fromBase64url } from '@symbolon/crypto';
import { isFull, Quota, type Route, route } from '@symbolon/service';
import type { z } from 'zod';
import type { PartyContext } from '../context.ts';
import type { AlertReceiver } from './receive.ts';
import { type alertsAnswer, alertsBody, alertsPath, longestRequest } from './wire.ts';

/** Where partners tell of medical events: they may do so more often than they may ask for anything else. */
export function alertPeerRoutes({ settings, now }: PartyContext, receiver: AlertReceiver): Route<Card>[] {
  const peer = route<Card>();
  const quota = new Quota(settings.alerts.maxRequestsPerMinute, now);
  return [
    peer({
      method: 'POST',
      path: alertsPath,
      body: alertsBody,
      bodyLimit: longestRequest,
      handle: async ({ caller, body }) => {
        if (!quota.take(caller.id)) {
          throw fault('too-many-requests', `${caller.id} tells alerts too often`, { culprit: caller.id });
        }
        try {
          const results = await receiver.receive(caller, body.documents.map(fromBase64url));
          return { results } satisfies z.output<typeof alertsAnswer>;
        } catch (error) {
          throw isFull(error) ? fault('storage-full', 'there is no room left to keep alerts', { cause: error }) : error;
        }
      },
    }),
  ];
}
