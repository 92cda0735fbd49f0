import { fault } from '@symbolon/crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { EventStream, Reply } from './answers.ts';
import type { ApiAsked, ApiRoute, Doorkeeper, Visit } from './api-route.ts';
import type { Contract } from './contract.ts';
import type { Idempotency } from './idempotency.ts';
import { cookiesOf } from './people/cookies.ts';
import type { Person } from './people/person.ts';
import type { Quota } from './quota.ts';
import type { RefusalCounts } from './refusal-counts.ts';
import type { AskedRequest, RequestLog } from './request-log.ts';
import { type Asked, checked, type Route } from './route.ts';
import { guarded } from './stream-guard.ts';
import { StreamLimit } from './stream-limit.ts';

/** What the addresses of an API have in common. */
export interface Api {
  readonly routes: readonly ApiRoute[];
  readonly door: Doorkeeper;
  /** Throws where a person may not do what a contract's `action` says. */
  authorize(person: Person, action: string, asked: ApiAsked<unknown, unknown, unknown>): Promise<void>;
  readonly idempotency: Idempotency;
  readonly requests: RequestLog;
  /** Counts who is not let in. */
  readonly refusals?: RefusalCounts;
  /** Of requests, by person; by network address for those who are not logged in. */
  readonly quota?: Quota;
}

/** Somebody at the door: who it is, is found out when a contract wants to know. */
export class Visitor {
  readonly request: FastifyRequest;
  /** What is known so far. */
  visit: Visit;
  readonly #find: () => Promise<Pick<Visit, 'person' | 'session'> | undefined>;

  /** @param find whose session the request shows; undefined for none */
  constructor(
    request: FastifyRequest,
    from: Pick<Visit, 'address' | 'secure'>,
    find: () => Promise<Pick<Visit, 'person' | 'session'> | undefined>,
  ) {
    this.request = request;
    const cookies = cookiesOf(request.headers.cookie);
    this.visit = { ...from, cookies, person: undefined, session: undefined };
    this.#find = find;
  }

  async identify(): Promise<void> {
    this.visit = { ...this.visit, ...(await this.#find()) };
  }
}

/** How the log calls a visitor. */
export const nameOf = ({ visit }: Visitor): string => visit.person?.id ?? 'unknown';

/** Routes for `mountRoutes`: who asks may ask, asks not too often, and is answered once for each idempotency key. */
export function apiRoutes(api: Api): Route<Visitor>[] {
  const streams = new StreamLimit();
  return api.routes.map((route) => {
    const { contract } = route;
    requireOnce(route);
    const { method, path, params, query, body, bodyLimit, upload } = contract;
    const shapes = {
      ...(params && { params }),
      ...(query && { query }),
      ...(body && { body }),
      ...(upload && { upload }),
    };
    return {
      ...{ method, path, ...shapes, ...(bodyLimit === undefined ? {} : { bodyLimit }) },
      admit: (visitor) => logged(api, contract, visitor, () => admit(api, contract, visitor)),
      handle: async (asked) => {
        const { visit } = asked.caller;
        const lastEventId = contract.events === true ? lastEvent(asked) : undefined;
        const { caller: visitor, ...rest } = asked;
        const over = new AbortController();
        const signal = AbortSignal.any([asked.signal, over.signal]);
        const full = { ...rest, signal, caller: visit.person, visit, lastEventId, also: async () => undefined };
        return logged(api, contract, visitor, async () => {
          if (contract.action !== null) await api.authorize(...permission(contract.action, full));
          const key = idempotencyKey(contract, asked);
          if (key !== undefined) return once(api, route, { key, visitor, asked: full });
          const kept = toKeep(contract, visitor);
          if (kept !== undefined) await api.requests.asked(kept);
          const value = shaped(contract, await route.handle(full));
          if (!(value instanceof EventStream)) return value;
          return streams.counted(
            visit.person!.id,
            guarded(value, () => mayStill(api, contract, full), over),
          );
        });
      },
    } satisfies Route<Visitor>;
  });
}

type FullyAsked = ApiAsked<unknown, unknown, unknown, Person | undefined>;

/** What changes something and is done twice changes no more, or is known to have been done. */
function requireOnce({
  contract: { name, method, unkeyed, repeatable, asksOnly, secretAnswer },
  resume,
}: ApiRoute): void {
  if (method !== 'POST') return;
  const ways = [unkeyed, repeatable, asksOnly, secretAnswer, resume].filter((way) => way !== undefined);
  if (ways.length === 1) return;
  throw fault('internal', `${name} must be repeatable, be resumed, or keep its answer secret where it was lost`, {
    culprit: name,
  });
}

function once(
  api: Api,
  { contract, handle, resume }: ApiRoute,
  { key, visitor, asked }: { readonly key: string; readonly visitor: Visitor; readonly asked: FullyAsked },
): Promise<unknown> {
  const { visit } = asked;
  // No user has a name with a space.
  const caller = visit.person?.id ?? `at ${visit.address}`;
  const kept = toKeep(contract, visitor);
  return api.idempotency.once(
    { caller, key, request: wordsOf(visitor.request) },
    {
      ...(kept === undefined ? {} : { begin: (within) => api.requests.asked(kept, within) }),
      perform: async (also) => shaped(contract, await handle({ ...asked, also })),
      keeps: contract.secretAnswer === undefined,
      resume: async (made) => {
        if (contract.secretAnswer !== undefined) throw notKept(contract.name, contract.secretAnswer);
        return shaped(contract, await resume!(made, asked));
      },
    },
  );
}

/** Of what changes something, the log says which user asked for it; the owner is one person, and needs no telling apart. */
function toKeep({ action, method, name, asksOnly }: Contract, { visit, request }: Visitor): AskedRequest | undefined {
  const { person } = visit;
  if (method === 'GET' || asksOnly === true || action === null || action.startsWith('self.') || person?.kind !== 'user')
    return undefined;
  return { by: person.id, action, operation: name, path: pathOf(request) };
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0]!;
}

/** Who may not do what they ask for, or cannot be who they seem, is kept in the log. */
function logged<T>(
  { requests }: Api,
  { action, name }: Contract,
  { visit }: Visitor,
  work: () => Promise<T>,
): Promise<T> {
  return requests.keeping(work, { by: visit.person?.id ?? null, action: action ?? name }, ['forbidden', 'cross-site']);
}

/** Whoever began to read a stream is somebody still, and may read it. */
async function mayStill(
  { door, authorize }: Api,
  { action }: Contract,
  asked: ApiAsked<unknown, unknown, unknown, Person | undefined>,
): Promise<void> {
  const { session } = asked.visit;
  const caller = session === undefined ? await door.owner() : await door.recall(session);
  if (caller === undefined) throw fault('unauthenticated', 'this session is over');
  if (action !== null) await authorize(...permission(action, { ...asked, caller }));
}

/** Before the body is read. */
async function admit({ quota }: Api, { action }: Contract, visitor: Visitor): Promise<void> {
  try {
    await visitor.identify();
  } catch (error) {
    // To log in, a session that is over is no hindrance.
    if (action !== null) throw error;
  }
  const { person, address } = visitor.visit;
  if (quota !== undefined && !quota.take(person === undefined ? `at ${address}` : person.id)) {
    const who = person?.id ?? address;
    throw fault('too-many-requests', `${who} asks too often`, { culprit: who });
  }
  if (action === null || person !== undefined) return;
  throw fault('unauthenticated', 'nobody is logged in here', { hint: 'Log in, or show the token of a session.' });
}

function permission(
  action: string,
  asked: ApiAsked<unknown, unknown, unknown, Person | undefined>,
): Parameters<Api['authorize']> {
  const caller = asked.caller!;
  return [caller, action, { ...asked, caller }];
}

const keySchema = z.string().regex(/^[\x21-\x7e]{8,128}$/, 'must be 8 to 128 printable characters without spaces');

function idempotencyKey({ method, unkeyed }: Contract, { headers }: Asked<unknown, unknown, Visitor, unknown>) {
  const key = headers['idempotency-key'];
  if (method !== 'POST' || unkeyed === true || key === undefined) return undefined;
  return checked(keySchema, key, 'Idempotency-Key');
}

const eventIdSchema = z
  .string()
  .regex(/^\d{1,15}$/, 'must be the id of an event')
  .transform(Number)
  .optional();

function lastEvent({ headers }: Asked<unknown, unknown, Visitor, unknown>): number | undefined {
  return checked(eventIdSchema, headers['last-event-id'], 'Last-Event-ID');
}

function wordsOf({ method, url, body }: FastifyRequest): string[] {
  return [method, url, JSON.stringify(body ?? null)];
}

function notKept(operation: string, hint: string): Error {
  return fault('answer-not-kept', `${operation} was done for this key; what it answered is secret and was not kept`, {
    culprit: operation,
    hint,
  });
}

/** The answer with nothing in it that its contract does not say. */
function shaped(contract: Contract, value: unknown): unknown {
  if (value instanceof EventStream) return value;
  if (value instanceof Reply) return new Reply(shaped(contract, value.value), value.headers, value.status);
  const result = contract.answer.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue!.path.map(String).join('.');
  throw fault('internal', `the answer of ${contract.name} has another shape than it says: ${field}: ${issue!.message}`);
}
