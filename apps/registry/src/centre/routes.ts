import type { Card } from '@symbolon/agreement';
import {
  answerIn,
  type ChallengeAnswer,
  exporterLabel,
  loginParams,
  loginProof,
  loginRequest,
  noticeBytes,
  noticeRequest,
  sessionAnswer,
  sessionParams,
  sessionRequest,
} from '@symbolon/consent';
import { base64url, fromBase64url } from '@symbolon/crypto';
import { type Route, route } from '@symbolon/service';
import type { Logins } from '../common/logins.ts';
import type { Door } from './door.ts';
import type { Notices } from './notices/notices.ts';
import type { Sessions } from './sessions/sessions.ts';

/** What is longest: an answer with the pairs of a card. */
const sessionBytes = 2 ** 15;

/** What clients and modules ask a centre, records apart: see `wire/login.ts`, `wire/centre.ts` and `wire/notice.ts` of packages/consent. */
export function centreRoutes(of: {
  readonly door: Door;
  readonly logins: Logins;
  readonly sessions: Sessions;
  readonly notices: Notices;
  readonly now: () => Date;
}): Route<Card>[] {
  const { door, logins, sessions, notices, now } = of;
  const peer = route<Card>();
  return [
    peer({ method: 'GET', path: '/v1/time', handle: async () => ({ time: now().getTime() }) }),
    peer({
      method: 'POST',
      path: '/v1/logins',
      body: loginRequest,
      bodyLimit: 1024,
      handle: async ({ caller, body: { module } }) => {
        door.count(caller);
        return logins.begin(module, caller.id);
      },
    }),
    peer({
      method: 'POST',
      path: '/v1/logins/:login',
      params: loginParams,
      body: loginProof,
      bodyLimit: sessionBytes * 2,
      handle: async ({ caller, params: { login }, body, connection }) => {
        door.count(caller);
        return logins.open(await logins.prove(login, caller.id, body, connection));
      },
    }),
    peer({
      method: 'DELETE',
      path: '/v1/logins',
      handle: async ({ caller, headers }) => {
        door.count(caller);
        await logins.close(headers, caller.id);
        return {};
      },
    }),
    peer({
      method: 'POST',
      path: '/v1/sessions',
      body: sessionRequest,
      bodyLimit: sessionBytes,
      handle: async ({ caller, headers, body: { ticket } }): Promise<ChallengeAnswer> => {
        const { challenge, expires } = await sessions.open(await door.admit(headers, caller), fromBase64url(ticket));
        return {
          session: base64url(challenge.session),
          nonce: base64url(challenge.nonce),
          serverKey: base64url(challenge.serverKey),
          envelopes: challenge.envelopes.map(base64url),
          expires: expires.getTime(),
        };
      },
    }),
    peer({
      method: 'POST',
      path: '/v1/sessions/:session/answer',
      params: sessionParams,
      body: sessionAnswer,
      bodyLimit: sessionBytes,
      handle: async ({ caller, headers, params: { session }, body, connection }) => {
        const who = await door.admit(headers, caller);
        return sessions.answer(who, session, answerIn(session, body), connection.exporter(exporterLabel, 32));
      },
    }),
    peer({
      method: 'POST',
      path: '/v1/notices',
      body: noticeRequest,
      bodyLimit: noticeBytes,
      handle: async ({ caller, body: { notice } }) => {
        await notices.take(caller, notice);
        return {};
      },
    }),
  ];
}
