import { base64url, fault, fromBase64url, hashLabelled, type SymbolonError, utf8 } from '@symbolon/crypto';
import type * as OpenId from 'openid-client';
import { isDuplicate } from '../database.ts';
import { requireAccount, writeRoles } from './accounts.ts';
import type { Entered, Entrance } from './logins.ts';
import { identityProvider, providedPrefix, type Role, roles } from './person.ts';
import { endSessions } from './sessions.ts';
import type { OidcSettings } from './settings.ts';
import { sameText } from './tokens.ts';
import type { WayIn } from './way-in.ts';

/** Where the provider sends people back to, under the server's origin. */
export const callbackPath = '/v1/login/provider/callback';
const purpose = 'identity provider';
/** What the provider says of itself is read again after so long. */
const metadataMilliseconds = 3_600_000;

/** The beginning of a login over the provider. */
export interface Departure {
  /** Where the browser goes. */
  readonly location: string;
  /** What the browser keeps meanwhile, out of reach of scripts, and sends with its answer. */
  readonly ticket: string;
}

/**
 * Logging in over the organisation's identity provider: OpenID Connect, authorization code with PKCE. State, nonce and code verifier all
 * follow from the ticket in the browser's cookie, so an answer counts only in the browser that asked, once, and nothing is kept meanwhile.
 * Who comes is known by issuer and subject; what they do follows from a claim, at each login anew.
 */
export class Oidc {
  readonly #with: WayIn;
  readonly #settings: OidcSettings;
  readonly #redirect: URL;
  readonly #secret: string | undefined;
  #provider: { readonly configuration: Promise<OpenId.Configuration>; readonly until: number } | undefined;

  constructor(
    common: WayIn,
    params: {
      settings: OidcSettings;
      origin: string;
      secret: string | undefined;
    },
  ) {
    this.#with = common;
    this.#settings = params.settings;
    this.#redirect = new URL(callbackPath, params.origin);
    this.#secret = params.secret;
  }

  /** Sends somebody to the provider. Throws `peer-gone` if the provider cannot be asked. */
  async depart(): Promise<Departure> {
    const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await openId();
    const configuration = await this.#configuration();
    const ticket = base64url(this.#with.challenges.make(purpose));
    const location = buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirect.href,
      scope: ['openid', ...this.#settings.scopes].join(' '),
      state: derived('state', ticket),
      nonce: derived('nonce', ticket),
      code_challenge: await calculatePKCECodeChallenge(derived('verifier', ticket)),
      code_challenge_method: 'S256',
    });
    return { location: location.href, ticket };
  }

  /**
   * Logs in whoever comes back from the provider. Throws `unauthenticated` for an answer that does not belong to this browser's ticket or
   * that the provider does not stand behind, and `forbidden` for somebody who has no role here.
   * @param query what stands behind the `?`, as it came
   */
  async arrive(query: string, ticket: string | undefined, entrance: Entrance): Promise<Entered> {
    const attempt = { method: 'oidc', address: entrance.address } as const;
    return this.#with.logins.attempt(attempt, async () => {
      if (ticket === undefined || !this.#with.challenges.holds(purpose, ticketBytes(ticket))) {
        throw refused('this browser did not begin the login, or too long ago');
      }
      const state = new URLSearchParams(query).get('state') ?? '';
      if (!sameText(state, derived('state', ticket))) throw refused('it belongs to another login');
      const claims = await this.#exchange(query, ticket);
      if (!this.#with.challenges.spend(ticketBytes(ticket))) throw refused('it was used before');
      const held = this.#rolesIn(claims);
      const account = await this.#account(claims, held);
      return this.#with.logins.enter(account, 'oidc', entrance, async () => undefined);
    });
  }

  async #exchange(query: string, ticket: string): Promise<OpenId.IDToken> {
    const { authorizationCodeGrant } = await openId();
    const configuration = await this.#configuration();
    const answer = new URL(this.#redirect);
    answer.search = query;
    try {
      const tokens = await authorizationCodeGrant(configuration, answer, {
        expectedState: derived('state', ticket),
        expectedNonce: derived('nonce', ticket),
        pkceCodeVerifier: derived('verifier', ticket),
        idTokenExpected: true,
      });
      return tokens.claims()!;
    } catch (cause) {
      // The library's messages may quote tokens and what the browser sent: only its code is told.
      const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code).slice(0, 64)})` : '';
      throw refused(`the answer of ${this.#settings.issuer} is not valid${code}`, cause);
    }
  }

  #rolesIn(claims: OpenId.IDToken): Role[] {
    const claim = claims[this.#settings.roleClaim];
    const values = (Array.isArray(claim) ? claim : [claim]).filter((value) => typeof value === 'string');
    const held = new Set(values.flatMap((value) => ownValue(this.#settings.roles, value) ?? []));
    return roles.filter((role) => held.has(role));
  }

  /** The account of a subject, made at the first login; its roles are those of the claim from now on. Resolves to its id. */
  async #account(claims: OpenId.IDToken, held: readonly Role[]): Promise<string> {
    const known = await this.#find(claims.sub);
    if (known !== undefined) await this.#giveRoles(known, held);
    if (held.length === 0) {
      throw fault('forbidden', 'your identity provider gives you no role here', {
        hint: 'Ask whoever manages users there, or here for the mapping of roles.',
      });
    }
    return known ?? this.#create(claims, held);
  }

  async #giveRoles(id: string, held: readonly Role[]): Promise<void> {
    const present = await requireAccount(this.#with.database, id);
    if (present.disabled) throw refused('this user is disabled here');
    if (present.roles.join() === held.join()) return;
    const event = { kind: 'user-roles', user: id, by: identityProvider, roles: [...held] };
    await this.#with.log.append(event, async (transaction) => {
      await writeRoles(transaction, id, held);
      await endSessions(transaction, id);
    });
  }

  async #create(claims: OpenId.IDToken, held: readonly Role[]): Promise<string> {
    const { issuer } = this.#settings;
    const { sub: subject } = claims;
    // Names at a provider change hands; issuer and subject do not. The id follows from them.
    const id = `${providedPrefix}${Buffer.from(hashLabelled('symbolon user', utf8(issuer), utf8(subject)))
      .toString('hex')
      .slice(0, 16)}`;
    const row = { id, name: nameIn(claims) ?? id, password: null, issuer, subject, disabled: 0 as const };
    const event = { kind: 'user-created', user: id, by: identityProvider, roles: [...held] };
    try {
      await this.#with.log.append(event, async (transaction) => {
        await transaction
          .insertInto('account')
          .values({ ...row, created_at: this.#with.now().toISOString() })
          .execute();
        await writeRoles(transaction, id, held);
      });
    } catch (error) {
      // Two windows of one person: the other was first.
      if (!isDuplicate(error) || (await this.#find(subject)) !== id) throw error;
    }
    return id;
  }

  async #find(subject: string): Promise<string | undefined> {
    const row = await this.#with.database
      .selectFrom('account')
      .select('id')
      .where('issuer', '=', this.#settings.issuer)
      .where('subject', '=', subject)
      .executeTakeFirst();
    return row?.id;
  }

  #configuration(): Promise<OpenId.Configuration> {
    const now = this.#with.now().getTime();
    if (this.#provider !== undefined && this.#provider.until > now) return this.#provider.configuration;
    const configuration = this.#discover();
    this.#provider = { configuration, until: now + metadataMilliseconds };
    // The next login asks again.
    configuration.catch(() => {
      this.#provider = undefined;
    });
    return configuration;
  }

  async #discover(): Promise<OpenId.Configuration> {
    const { allowInsecureRequests, ClientSecretPost, discovery, enableNonRepudiationChecks, None } = await openId();
    const { issuer, clientId } = this.#settings;
    const url = new URL(issuer);
    const authentication = this.#secret === undefined ? None() : ClientSecretPost(this.#secret);
    // The signature of the ID token counts, not only the connection over which it came. Plain HTTP: the settings allow it on this machine.
    const execute = [enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [allowInsecureRequests] : [])];
    try {
      return await discovery(url, clientId, undefined, authentication, { execute, timeout: 10 });
    } catch (cause) {
      throw fault('peer-gone', `the identity provider ${issuer} cannot be asked what it is`, {
        culprit: issuer,
        hint: 'Check that it is running, and that `issuer` in the settings is what it calls itself.',
        cause,
      });
    }
  }
}

/** The library is large, and most servers have no provider. */
function openId(): Promise<typeof OpenId> {
  return import('openid-client');
}

/** What a login's parts are: each follows from the ticket, and none from another. */
function derived(part: 'state' | 'nonce' | 'verifier', ticket: string): string {
  return base64url(hashLabelled(`symbolon identity provider ${part}`, utf8(ticket)));
}

function ticketBytes(ticket: string): Uint8Array {
  try {
    return fromBase64url(ticket);
  } catch {
    return new Uint8Array();
  }
}

function nameIn({ name }: OpenId.IDToken): string | undefined {
  if (typeof name !== 'string') return undefined;
  const clean = name
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, 64);
  return clean === '' ? undefined : clean;
}

/** Claims are another's words: `constructor` is no role. */
function ownValue<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function refused(why: string, cause?: unknown): SymbolonError {
  return fault('unauthenticated', `the login over the identity provider was refused: ${why}`, {
    hint: 'Begin the login again, in one browser.',
    cause,
  });
}
