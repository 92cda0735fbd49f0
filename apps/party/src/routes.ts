import type { Card } from '@symbolon/agreement';
import { fault, fromBase64url } from '@symbolon/crypto';
import { acceptSockets, logRoutes, type PeerServer, Quota, type Route, route } from '@symbolon/service';
import { z } from 'zod';
import { Agreements } from './agreements/agreements.ts';
import { type noticeReceipt, noticesPath } from './agreements/deliveries.ts';
import type { PartyContext } from './context.ts';
import { announcementSchema } from './link/announced.ts';
import { framesPath, type Links } from './link/links.ts';
import { proposalSchema } from './link/messages.ts';
import { marketPeerRoutes } from './market/routes.ts';
import { studyPeerRoutes } from './study/routes.ts';
import { type Studies, studyFramesPath } from './study/studies.ts';

/** Longest agreement document that a partner may send, in bytes. */
const maxDocument = 131_072;

/** Longest notice about an agreement, in bytes. */
const maxNotice = 4096;

/** What begins and answers runs. */
export interface Runners {
  readonly links: Links;
  readonly studies: Studies;
}

/** All that a partner can ask of this server, beside the lines of frames. */
export function peerRoutes(context: PartyContext, { links, studies }: Runners): Route<Card>[] {
  const peer = route<Card>();
  const agreements = new Agreements(context);
  // Requests cost work, a refused one an entry in the log.
  const quota = new Quota(context.settings.maxRequestsPerMinute, context.now);
  const count = ({ id }: Card): void => {
    if (quota.take(id)) return;
    throw fault('peer-refused', `${id} asks too often; try again in a minute`, { culprit: id });
  };
  return [
    peer({
      method: 'POST',
      path: '/v1/agreements',
      body: z.strictObject({ document: z.base64url().min(1).max(maxDocument) }),
      bodyLimit: 2 * maxDocument,
      handle: async ({ caller, body }) => {
        count(caller);
        const { hash, missing } = await agreements.receive(fromBase64url(body.document), caller.id);
        return { hash, missing };
      },
    }),
    peer({
      method: 'POST',
      path: noticesPath,
      body: z.strictObject({ document: z.base64url().min(1).max(maxNotice) }),
      bodyLimit: 2 * maxNotice,
      handle: async ({ caller, body }) => {
        count(caller);
        const { agreement, sequence } = await agreements.heard(fromBase64url(body.document), caller.id);
        return { agreement, sequence } satisfies z.output<typeof noticeReceipt>;
      },
    }),
    peer({
      method: 'POST',
      path: '/v1/links/announced',
      body: announcementSchema,
      bodyLimit: 4096,
      handle: async ({ caller, body }) => {
        count(caller);
        await links.announce(caller, body);
        return {};
      },
    }),
    peer({
      method: 'POST',
      path: '/v1/links',
      body: proposalSchema,
      bodyLimit: 4096,
      handle: async ({ caller, body }) => {
        count(caller);
        return links.accept(caller, body);
      },
    }),
    ...studyPeerRoutes(studies, count),
    ...marketPeerRoutes(context, count),
    ...logRoutes(context),
  ];
}

/** Opens lines of frames to the parties of attempts that were accepted. */
export function acceptLines(server: PeerServer, { links, studies }: Runners): void {
  acceptSockets(server, framesPath, (offer) => links.admit(offer));
  acceptSockets(server, studyFramesPath, (offer) => studies.admit(offer));
}
