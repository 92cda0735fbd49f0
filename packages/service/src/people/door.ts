import { fault } from '@symbolon/crypto';
import type { Credentials, Doorkeeper } from '../api-route.ts';
import type { Database } from '../database.ts';
import { personOf, usersExist } from './accounts.ts';
import { cookieName, cookiesOf } from './cookies.ts';
import { owner, type Person } from './person.ts';
import type { Sessions } from './sessions.ts';
import { csrfToken, sameText } from './tokens.ts';

/** Carries the CSRF token of a browser's session. */
export const csrfHeader = 'x-csrf-token';

const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Finds out who asks: by a bearer token, or by a browser's cookie, which needs the CSRF token of its session beside it wherever something may
 * change. A request that shows a bearer token is judged by that alone.
 * @param params.alwaysSecure browsers come over TLS, even if the last part of the way is without: before a proxy
 */
export function doorkeeper({
  database,
  sessions,
  sessionCookie,
  alwaysSecure,
}: {
  database: Database;
  sessions: Sessions;
  /** Name of the session's cookie; under which it travels, `cookieName` says. */
  sessionCookie: string;
  alwaysSecure: boolean;
}): Doorkeeper {
  return {
    async authenticate(credentials) {
      const { token, kind } = shownBy(credentials, sessionCookie, credentials.secure || alwaysSecure);
      if (token === undefined) return undefined;
      const found = await sessions.find(token, kind);
      if (found === undefined) return undefined;
      if (kind === 'cookie') requireCsrf(credentials, token);
      return { person: personOf(found.account), session: found.session.id };
    },
    async recall(session) {
      const account = await sessions.recall(session);
      return account && personOf(account);
    },
    owner: () => ownerOf(database),
  };
}

/** Who can open the socket, or the folder, of an organisation. */
export async function ownerOf(database: Database): Promise<Person> {
  return owner(await usersExist(database));
}

/** The token that a browser shows as its session's cookie. */
export function cookieToken(cookies: ReadonlyMap<string, string>, name: string, secure: boolean): string | undefined {
  return cookies.get(cookieName(name, { secure, path: '/' }));
}

function shownBy(
  { headers }: Credentials,
  sessionCookie: string,
  secure: boolean,
): { token: string | undefined; kind: 'token' | 'cookie' } {
  const { authorization } = headers;
  if (authorization === undefined) {
    return { token: cookieToken(cookiesOf(headers.cookie), sessionCookie, secure), kind: 'cookie' };
  }
  return { token: /^Bearer ([\w-]{43})$/i.exec(authorization)?.[1], kind: 'token' };
}

function requireCsrf({ method, headers }: Credentials, token: string): void {
  if (safeMethods.includes(method)) return;
  const shown = headers[csrfHeader];
  if (typeof shown === 'string' && sameText(shown, csrfToken(token))) return;
  throw fault('cross-site', `the request comes with a cookie, and without the CSRF token of its session`, {
    hint: `Ask from the page of this server, which sends ${csrfHeader}; programs use a bearer token.`,
  });
}
