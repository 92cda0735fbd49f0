import type { Card } from '@symbolon/agreement';
import { type Route, route } from '@symbolon/service';
import { proposalSchema, startSchema, withdrawalSchema } from './messages.ts';
import type { Studies } from './studies.ts';

const bodyLimit = 65_536;

/** What a partner can ask about studies. @param count refuses who asks too often */
export function studyPeerRoutes(studies: Studies, count: (caller: Card) => void): Route<Card>[] {
  const peer = route<Card>();
  return [
    peer({
      method: 'POST',
      path: '/v1/studies',
      body: proposalSchema,
      bodyLimit,
      handle: async ({ caller, body }) => {
        count(caller);
        return studies.accept(caller, body);
      },
    }),
    peer({
      method: 'POST',
      path: '/v1/studies/start',
      body: startSchema,
      bodyLimit,
      handle: async ({ caller, body }) => {
        count(caller);
        await studies.start(caller, body);
        return {};
      },
    }),
    peer({
      method: 'POST',
      path: '/v1/studies/withdrawn',
      body: withdrawalSchema,
      bodyLimit,
      handle: async ({ caller, body }) => {
        count(caller);
        studies.withdrawn(caller, body);
        return {};
      },
    }),
  ];
}
