import { fault } from '@symbolon/crypto';
import { Reply, type ReplyHeaders } from '../answers.ts';
import { type ApiRoute, answer, type Visit } from '../api-route.ts';
import * as contracts from './contracts.ts';
import { type CookieNames, clearCookie, cookieName, setCookie } from './cookies.ts';
import { cookieToken } from './door.ts';
import type { Entered, Entrance } from './logins.ts';
import { callbackPath, type Oidc } from './oidc.ts';
import type { People } from './people.ts';
import type { Person } from './person.ts';
import type { Session, SessionKind } from './sessions.ts';
import { csrfToken } from './tokens.ts';

const devicePath = '/v1/login';
const deviceSeconds = 180 * 86_400;
const ticketSeconds = 600;

/** Who answers the contracts around people. */
export function peopleRoutes(people: People): ApiRoute[] {
  const routes = [
    ...loginRoutes(people),
    ...providerRoutes(people),
    ...selfRoutes(people),
    ...passkeyRoutes(people),
    ...userRoutes(people),
  ];
  if (!people.alwaysSecure) return routes;
  return routes.map((route) => ({
    ...route,
    handle: (asked) => route.handle({ ...asked, visit: { ...asked.visit, secure: true } }),
  }));
}

function loginRoutes({ logins, passkeys, oidc, sessions, cookies: names }: People): ApiRoute[] {
  return [
    answer(contracts.logIn, async ({ body, visit }) => {
      const entrance = entranceOf(visit, names, body);
      return welcome(await logins.withPassword(body.user, body.password, entrance), visit, names);
    }),
    answer(contracts.listWaysIn, async () => ({ passkeys: passkeys.possible, provider: oidc !== undefined })),
    answer(contracts.passkeyLoginOptions, async () => ({ ...(await passkeys.loginOptions()) })),
    answer(contracts.logInWithPasskey, async ({ body, visit }) =>
      welcome(await passkeys.logIn(body.response, entranceOf(visit, names, body)), visit, names),
    ),
    answer(contracts.setUpPassword, async ({ body, visit }) => ({
      user: await logins.setUp(body.code, body.password, visit.address),
    })),
    answer(contracts.logOut, async ({ caller, visit }) => {
      await sessions.end(...ownSession(caller, visit));
      const { secure } = visit;
      return new Reply(undefined, { 'set-cookie': clearCookie(names.session, { secure, path: '/' }) });
    }),
  ];
}

function providerRoutes({ oidc, cookies: names }: People): ApiRoute[] {
  const path = callbackPath;
  return [
    answer(contracts.leaveForProvider, async ({ visit: { secure } }) => {
      const { location, ticket } = await requireProvider(oidc).depart();
      // Lax: the provider's page leads back here, and the cookie must come along.
      const cookie = setCookie(names.ticket, ticket, { secure, path, seconds: ticketSeconds, sameSite: 'Lax' });
      return new Reply(undefined, { location, 'set-cookie': cookie }, 303);
    }),
    answer(contracts.arriveFromProvider, async ({ query, visit }) => {
      const { secure, cookies } = visit;
      const ticket = cookies.get(cookieName(names.ticket, { secure, path }));
      const entrance = entranceOf(visit, names, { session: 'cookie' });
      const search = new URLSearchParams(query).toString();
      const entered = await requireProvider(oidc).arrive(search, ticket, entrance);
      const gone = clearCookie(names.ticket, { secure, path, sameSite: 'Lax' });
      return new Reply(undefined, { location: '/', 'set-cookie': [...cookiesFor(entered, names, secure), gone] }, 303);
    }),
  ];
}

function selfRoutes({ logins, sessions, users, cookies: names }: People): ApiRoute[] {
  return [
    answer(contracts.getMe, async ({ caller, visit }) => {
      const { kind, id, roles } = caller;
      if (visit.session === undefined) return { kind, id, name: 'the owner of the folder', roles };
      const { name } = await users.get(id);
      const session = await sessions.get(id, visit.session);
      const token = session.kind === 'cookie' ? cookieToken(visit.cookies, names.session, visit.secure) : undefined;
      return { kind, id, name, roles, session, ...(token === undefined ? {} : { csrf: csrfToken(token) }) };
    }),
    answer(contracts.changePassword, async ({ caller, visit, body }) => {
      await logins.changePassword(...ownSession(caller, visit), body);
    }),
    answer(contracts.listSessions, async ({ caller }) => sessions.list(caller.id)),
    answer(contracts.endSession, async ({ caller, params }) => sessions.end(caller.id, params.id)),
  ];
}

function passkeyRoutes({ passkeys, sessions }: People): ApiRoute[] {
  const own = async (caller: Person, visit: Visit): Promise<[string, Session]> => {
    const [id, session] = ownSession(caller, visit);
    return [id, await sessions.get(id, session)];
  };
  return [
    answer(contracts.listPasskeys, async ({ caller }) => passkeys.list(caller.id)),
    answer(contracts.passkeyOptions, async ({ caller, visit }) => ({
      ...(await passkeys.registrationOptions(...(await own(caller, visit)))),
    })),
    answer(
      contracts.addPasskey,
      async ({ caller, visit, body, also }) =>
        passkeys.register(...(await own(caller, visit)), body.name, body.response, also),
      (id: string, { caller }) => passkeys.get(caller.id, id),
    ),
    answer(contracts.removePasskey, async ({ caller, params }) => passkeys.remove(caller.id, params.id)),
  ];
}

function userRoutes({ users }: People): ApiRoute[] {
  return [
    answer(contracts.listUsers, async ({ query }) => users.list(query)),
    answer(contracts.getUser, async ({ params }) => users.get(params.id)),
    answer(contracts.addUser, async ({ caller, body, also }) => ({
      id: body.id,
      ...(await users.add(body, caller.id, also)),
    })),
    answer(
      contracts.setUserRoles,
      async ({ caller, params: { id }, body, also }) => {
        await users.setRoles(id, body.roles, caller.id, also);
        return users.get(id);
      },
      (_, { params }) => users.get(params.id),
    ),
    answer(
      contracts.setUserDisabled,
      async ({ caller, params: { id }, body, also }) => {
        await users.setDisabled(id, body.disabled, caller.id, also);
        return users.get(id);
      },
      (_, { params }) => users.get(params.id),
    ),
    answer(contracts.renewSetupCode, async ({ caller, params: { id }, also }) => ({
      id,
      ...(await users.renewCode(id, caller.id, also)),
    })),
  ];
}

function entranceOf(
  visit: Visit,
  names: CookieNames,
  { session: kind, device }: { session: SessionKind; device?: string },
): Entrance {
  const { address, session: replaces, cookies, secure } = visit;
  const kept = cookies.get(cookieName(names.device, { secure, path: devicePath }));
  return { kind, address, device: kind === 'cookie' ? kept : device, replaces };
}

function welcome(entered: Entered, { secure }: Visit, names: CookieNames) {
  const { account: user, session, token, device } = entered;
  if (session.kind === 'token') return { user, session, token, device };
  const headers: ReplyHeaders = { 'set-cookie': cookiesFor(entered, names, secure) };
  return new Reply({ user, session, csrf: csrfToken(token) }, headers);
}

function cookiesFor({ token, session, device }: Entered, names: CookieNames, secure: boolean): string[] {
  const seconds = (Date.parse(session.expiresAt) - Date.parse(session.createdAt)) / 1000;
  return [
    setCookie(names.session, token, { secure, seconds, path: '/' }),
    setCookie(names.device, device, { secure, seconds: deviceSeconds, path: devicePath, sameSite: 'Lax' }),
  ];
}

function ownSession({ id }: Person, { session }: Visit): [user: string, session: string] {
  if (session !== undefined) return [id, session];
  throw fault('conflict', 'the owner of the folder has no account', {
    culprit: id,
    hint: 'Make a user with `symbolon user add`, and log in as that user.',
  });
}

function requireProvider(oidc: Oidc | undefined): Oidc {
  if (oidc !== undefined) return oidc;
  throw fault('not-found', 'this server knows no identity provider', {
    hint: 'Log in with a password or a passkey, or have `oidc` set in the `accounts` settings of symbolon.json.',
  });
}
