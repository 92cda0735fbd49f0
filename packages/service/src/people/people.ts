import { fault, type Rng } from '@symbolon/crypto';
import type { Doorkeeper } from '../api-route.ts';
import type { Database } from '../database.ts';
import type { ServerLog } from '../log.ts';
import { Challenges } from './challenges.ts';
import { type CookieNames, cookieNames } from './cookies.ts';
import { doorkeeper } from './door.ts';
import { Logins } from './logins.ts';
import { Oidc } from './oidc.ts';
import { Passkeys } from './passkeys.ts';
import { Sessions } from './sessions.ts';
import type { AccountSettings } from './settings.ts';
import { Users } from './users.ts';
import type { WayIn } from './way-in.ts';

/** The people of an organisation, as its server knows them. */
export interface People {
  readonly users: Users;
  readonly logins: Logins;
  readonly sessions: Sessions;
  readonly passkeys: Passkeys;
  /** Undefined if the settings name no identity provider. */
  readonly oidc: Oidc | undefined;
  readonly door: Doorkeeper;
  readonly cookies: CookieNames;
  /** Browsers find the server over TLS, even if a proxy asks it without. */
  readonly alwaysSecure: boolean;
}

/** Builds what is known of people, once for each server. @param params.environment where the provider's client secret stands */
export function openPeople(params: {
  database: Database;
  log: Pick<ServerLog, 'append'>;
  rng: Rng;
  now: () => Date;
  settings: AccountSettings;
  organisation: { readonly id: string; readonly name: string };
  environment?: Readonly<Record<string, string | undefined>>;
}): People {
  const { settings, organisation, environment = {}, database, rng, now } = params;
  // Of what people do, the log says when.
  const append: ServerLog['append'] = (event, within) =>
    params.log.append({ ...event, at: now().toISOString() }, within);
  const store = { database, rng, now, log: { append } };
  const { id, name } = organisation;
  const { origin } = settings;
  const alwaysSecure = origin?.startsWith('https:') === true;
  const sessions = new Sessions({ ...store, limits: settings });
  const logins = new Logins({ ...store, sessions, organisation: [id, name] });
  const cookies = cookieNames(id);
  const challenges = new Challenges(rng, now);
  const common = { ...store, logins, challenges };
  return {
    users: new Users(store),
    sessions,
    logins,
    passkeys: new Passkeys(common, { name, origin }),
    oidc: openOidc(common, settings, environment),
    alwaysSecure,
    cookies,
    door: doorkeeper({ database, sessions, sessionCookie: cookies.session, alwaysSecure }),
  };
}

function openOidc(
  base: WayIn,
  { oidc, origin }: AccountSettings,
  environment: Readonly<Record<string, string | undefined>>,
): Oidc | undefined {
  if (oidc === undefined) return undefined;
  if (origin === undefined) {
    throw fault('config-invalid', 'an identity provider needs `origin`, where it sends people back to', {
      culprit: 'origin',
      hint: 'Set `origin` beside `oidc` to the address under which browsers find this server.',
    });
  }
  const { secretVariable } = oidc;
  const secret = secretVariable === undefined ? undefined : environment[secretVariable];
  if (secretVariable !== undefined && (secret === undefined || secret === '')) {
    throw fault('config-invalid', `the environment variable ${secretVariable} is not set`, {
      culprit: secretVariable,
      hint: 'It holds the client secret of the identity provider.',
    });
  }
  return new Oidc(base, { settings: oidc, origin, secret });
}
