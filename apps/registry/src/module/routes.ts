import type { Card } from '@symbolon/agreement';
import {
  application,
  batchRequest,
  cardChallengeRequest,
  cardProof,
  loginParams,
  loginProof,
  loginRequest,
  noticeBytes,
  noticeRequest,
  type RegistryInfo,
  relationParams,
  relationRequest,
  ticketRequest,
} from '@symbolon/consent';
import { logRoutes, type Route, route } from '@symbolon/service';
import type { Context } from './context.ts';
import { takeNotice } from './notices/told.ts';
import type { Served } from './served.ts';

const chainBytes = 64 << 10;
const batchBytes = 2 << 20;
const smallBytes = 16 << 10;

/** All that installations of the physicians' client can ask a module, and the central server. */
export function peerRoutes(context: Context, served: Served): Route<Card>[] {
  return [...loginRoutes(context, served), ...relationRoutes(context, served), ...centreRoutes(context)];
}

function loginRoutes(context: Context, { visits, admission }: Served): Route<Card>[] {
  const { logins, log, now } = context;
  const peer = route<Card>();
  return [
    peer({
      method: 'GET',
      path: '/v1/registry',
      handle: ({ caller }) => visits.atInstallation('registry', caller, async () => infoOf(context)),
    }),
    peer({
      method: 'POST',
      path: '/v1/logins',
      body: loginRequest,
      bodyLimit: smallBytes,
      handle: ({ caller, body }) => visits.atInstallation('login', caller, () => logins.begin(body.module, caller.id)),
    }),
    peer({
      method: 'POST',
      path: '/v1/logins/:login',
      params: loginParams,
      body: loginProof,
      bodyLimit: chainBytes,
      handle: ({ caller, params, body, connection }) =>
        visits.atInstallation('login', caller, async () =>
          logins.open(await logins.prove(params.login, caller.id, body, connection)),
        ),
    }),
    peer({
      method: 'DELETE',
      path: '/v1/logins',
      handle: ({ caller, headers }) =>
        visits.asPhysician('logout', { caller, headers }, async ({ physician, installation }) => {
          await logins.close(headers, caller.id);
          await log.append({ kind: 'physician-logged-out', physician, installation, at: now().toISOString() });
        }),
    }),
    peer({
      method: 'POST',
      path: '/v1/physicians',
      body: application,
      bodyLimit: chainBytes,
      handle: ({ caller, body: { login, name, ...proof }, connection }) =>
        visits.atInstallation('apply', caller, async () => {
          const proven = await logins.prove(login, caller.id, proof, connection);
          const { id: physician, state } = await admission.apply(proven, name);
          return { physician, state };
        }),
    }),
  ];
}

function relationRoutes(context: Context, { visits, checks, tickets }: Served): Route<Card>[] {
  const { identities, log, now } = context;
  const peer = route<Card>();
  return [
    peer({
      method: 'POST',
      path: '/v1/relations',
      body: relationRequest,
      bodyLimit: smallBytes,
      handle: ({ caller, headers, body }) =>
        visits.asPhysician('relation', { caller, headers }, async (who) => {
          await visits.countPersons(who, { count: 1, batch: false });
          const { physician, installation } = who;
          const found = await identities.relations.of(physician, body.person);
          const { relation } = found;
          await log.append({ kind: 'relation-asked', physician, installation, relation, at: now().toISOString() });
          return found;
        }),
    }),
    peer({
      method: 'POST',
      path: '/v1/relations/batch',
      body: batchRequest,
      bodyLimit: batchBytes,
      handle: ({ caller, headers, body: { persons } }) =>
        visits.asPhysician('relation', { caller, headers }, async (who) => {
          await visits.countPersons(who, { count: persons.length, batch: true });
          const { physician, installation } = who;
          const relations = await identities.relations.ofMany(physician, persons);
          const at = now().toISOString();
          await log.append({ kind: 'relations-asked', physician, installation, count: persons.length, at });
          return { relations };
        }),
    }),
    peer({
      method: 'POST',
      path: '/v1/relations/:relation/challenges',
      params: relationParams,
      body: cardChallengeRequest,
      bodyLimit: smallBytes,
      handle: ({ caller, headers, params, body }) =>
        visits.asPhysician('card', { caller, headers }, (who) =>
          checks.challenge(who, params.relation, body.operation),
        ),
    }),
    peer({
      method: 'POST',
      path: '/v1/relations/:relation/cards',
      params: relationParams,
      body: cardProof,
      bodyLimit: chainBytes,
      handle: ({ caller, headers, params, body }) =>
        visits.asPhysician('card', { caller, headers }, (who) => checks.check(who, params.relation, body)),
    }),
    peer({
      method: 'POST',
      path: '/v1/relations/:relation/tickets',
      params: relationParams,
      body: ticketRequest,
      bodyLimit: smallBytes,
      handle: ({ caller, headers, params, body }) =>
        visits.asPhysician(`ticket ${body.operation}`, { caller, headers }, async (who) => {
          visits.countTicket(who, body.operation);
          return tickets.give(who, who.institution, params.relation, body.operation);
        }),
    }),
  ];
}

function centreRoutes(context: Context): Route<Card>[] {
  return [
    route<Card>()({
      method: 'POST',
      path: '/v1/notices',
      body: noticeRequest,
      bodyLimit: noticeBytes,
      handle: async ({ caller, body }) => {
        await takeNotice(context, caller, body.notice);
        return {};
      },
    }),
    ...logRoutes(context),
  ];
}

function infoOf({ home, registry, settings: { fields, groups, centreKeys } }: Context): RegistryInfo {
  return { ...registry, name: home.card.name, fields, groups, centreKeys };
}
