import { type Rng, SymbolonError } from '@symbolon/crypto';
import type { Api } from './api-mount.ts';
import { type ApiRoute, answer } from './api-route.ts';
import type { Database } from './database.ts';
import type { Home } from './home.ts';
import { Idempotency } from './idempotency.ts';
import type { ServerLog } from './log.ts';
import { listMyActions } from './people/contracts.ts';
import { openPeople } from './people/people.ts';
import type { Person } from './people/person.ts';
import { peopleRoutes } from './people/routes.ts';
import type { AccountSettings } from './people/settings.ts';
import type { PeopleServerSettings } from './people-server.ts';
import { Quota } from './quota.ts';
import type { RefusalCounts } from './refusal-counts.ts';
import { readRequestKey } from './request-key.ts';
import { RequestLog } from './request-log.ts';

/** What an organisation's people ask its server, on the socket in the home and on the listener for people: its own routes, and those about people and logins. */
export function createPeopleApi(
  server: {
    readonly home: Home;
    readonly database: Database;
    readonly log: Pick<ServerLog, 'append'>;
    readonly rng: Rng;
    readonly now: () => Date;
    readonly settings: { readonly accounts: AccountSettings; readonly people?: PeopleServerSettings | undefined };
  },
  api: {
    readonly routes: readonly ApiRoute[];
    /** Throws where a person may not do what a contract's `action` says. */
    authorize(person: Person, action: string): void;
    readonly refusals?: RefusalCounts | undefined;
    /** Where the server notes requests elsewhere too. */
    readonly requests?: RequestLog;
  },
): Api {
  const { home, database, log, rng, now, settings } = server;
  const people = openPeople({
    ...server,
    settings: settings.accounts,
    organisation: home.card,
    environment: process.env,
  });
  const { routes, authorize, refusals, requests = new RequestLog(log, now) } = api;
  const all = [...routes, ...peopleRoutes(people)];
  const actions = [...new Set(all.flatMap(({ contract }) => contract.action ?? []))].sort();
  const permitted = new Map<string, readonly string[]>();
  const mine = answer(listMyActions, async ({ caller }) => {
    const { kind, roles } = caller;
    const who = `${kind} ${roles.join(' ')}`;
    const found = permitted.get(who) ?? actions.filter((action) => isPermitted(authorize, caller, action));
    permitted.set(who, found);
    return [...found];
  });
  return {
    routes: [...all, mine],
    door: people.door,
    authorize: async (person, action) => authorize(person, action),
    idempotency: new Idempotency(database, readRequestKey(home, rng), now),
    requests,
    ...(refusals === undefined ? {} : { refusals }),
    ...(settings.people === undefined ? {} : { quota: new Quota(settings.people.maxRequestsPerMinute, now) }),
  };
}

function isPermitted(authorize: (person: Person, action: string) => void, person: Person, action: string): boolean {
  try {
    authorize(person, action);
    return true;
  } catch (error) {
    if (error instanceof SymbolonError && error.code === 'forbidden') return false;
    throw error;
  }
}
