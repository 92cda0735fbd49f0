import type { Card } from '@symbolon/agreement';
import { base64url, fault } from '@symbolon/crypto';
import {
  type Api,
  answer,
  answerRequest,
  authorizeOperator,
  contract,
  createPeopleApi,
  logRoutes,
  openRequest,
  partnerRoutes,
  type RefusalCounts,
  type Route,
  route,
  witnessState,
} from '@symbolon/service';
import { z } from 'zod';
import type { Context } from './context.ts';
import type { Sessions } from './sessions.ts';

const session = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be the id of a session'),
});
const from = z.strictObject({
  from: z
    .string()
    .regex(/^(0|[1-9]\d{0,14})$/, 'must be a number of entries')
    .transform(Number),
});

// The plan of a study may have many thousand nodes.
const openBodyLimit = 8 << 20;
const answerBodyLimit = 2048;
const noBody = 1;

/** Everything that partners can ask the key service. None of it takes data: see the test that lists them. */
export function peerRoutes(context: Context, sessions: Sessions): Route<Card>[] {
  const { home, log, now } = context;
  const peer = route<Card>();
  const checkpoint = (size: number) => {
    if (size > log.size) throw fault('not-found', `this log has ${log.size} entries`);
    return { checkpoint: log.checkpoint(), from: size, proof: log.consistencyProof(size).map(base64url) };
  };
  return [
    peer({
      method: 'POST',
      path: '/v1/sessions',
      body: openRequest,
      bodyLimit: openBodyLimit,
      handle: ({ body, caller, signal }) => sessions.open(body, caller, signal),
    }),
    peer({
      method: 'GET',
      path: '/v1/sessions/:id/pads',
      params: session,
      bodyLimit: noBody,
      handle: ({ params, caller }) => sessions.pads(params.id, caller),
    }),
    peer({
      method: 'POST',
      path: '/v1/sessions/:id/answer',
      params: session,
      body: answerRequest,
      bodyLimit: answerBodyLimit,
      handle: ({ params, caller, body }) => sessions.answer(params.id, caller, body),
    }),
    peer({
      method: 'DELETE',
      path: '/v1/sessions/:id',
      params: session,
      bodyLimit: noBody,
      handle: ({ params, caller }) => sessions.abort(params.id, caller),
    }),
    ...logRoutes(context),
    peer({ method: 'GET', path: '/v1/log/checkpoint', bodyLimit: noBody, handle: async () => checkpoint(0) }),
    peer({
      method: 'GET',
      path: '/v1/log/checkpoint/:from',
      params: from,
      bodyLimit: noBody,
      handle: async ({ params }) => checkpoint(params.from),
    }),
    peer({
      method: 'GET',
      path: '/v1/status',
      bodyLimit: noBody,
      handle: async ({ caller }) => ({
        id: home.card.id,
        role: home.card.role,
        caller: caller.id,
        time: now().toISOString(),
        logSize: log.size,
      }),
    }),
  ];
}

const getStatus = contract({
  name: 'getStatus',
  summary: 'Which key service this is, and how many sessions are open',
  action: 'server.status',
  method: 'GET',
  path: '/v1/status',
  answer: z.strictObject({
    id: z.string(),
    role: z.literal('keyservice'),
    address: z.string(),
    time: z.iso.datetime(),
    logSize: z.int(),
    witnesses: z.array(witnessState),
    sessions: z.strictObject({ open: z.int(), waiting: z.int() }),
  }),
});

/** What those who operate the service can ask, through the socket in the home or the listener for people. */
export function operatorApi(context: Context, sessions: Sessions, refusals?: RefusalCounts): Api {
  const { home, log, witnesses, now } = context;
  const status = answer(getStatus, async () => ({
    id: home.card.id,
    role: 'keyservice' as const,
    address: home.card.address,
    time: now().toISOString(),
    logSize: log.size,
    witnesses: await witnesses.states(),
    sessions: sessions.counts,
  }));
  const routes = [...partnerRoutes(home), status];
  return createPeopleApi(context, { routes, authorize: authorizeOperator, refusals });
}
