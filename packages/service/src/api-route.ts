import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { EventStream, Reply } from './answers.ts';
import type { Contract } from './contract.ts';
import type { Also } from './idempotency.ts';
import { owner, type Person } from './people/person.ts';
import type { Upload } from './upload.ts';

/** Who asks and from where, as the server has found out. */
export interface Visit {
  /** Undefined where nobody is logged in. */
  readonly person: Person | undefined;
  /** Id of the session that the caller showed; undefined for the owner on the socket. */
  readonly session: string | undefined;
  /** Network address of the other end; `local` on the socket. */
  readonly address: string;
  /** Over TLS, or on the socket: a cookie may be marked Secure. */
  readonly secure: boolean;
  /** What the caller sent as cookies: `cookiesOf` of people/cookies.ts. */
  readonly cookies: ReadonlyMap<string, string>;
}

/** What a request shows of its sender. Nothing in it has been checked. */
export interface Credentials {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** As in {@link Visit}. */
  readonly address: string;
  readonly secure: boolean;
}

/** Says who asks. */
export interface Doorkeeper {
  /**
   * Whose session a request shows, by a bearer token or a cookie; undefined where it shows none, or one that is over. Throws `cross-site`
   * where a cookie comes with an unsafe method and without its CSRF token.
   */
  authenticate(credentials: Credentials): Promise<{ readonly person: Person; readonly session: string } | undefined>;
  /**
   * Whose session this is, by its id, while something that it began goes on; undefined once it is over. A program uses its session by that; a
   * browser whose page stays open does not.
   */
  recall(session: string): Promise<Person | undefined>;
  /** Who opens the socket in the organisation's folder without a session. */
  owner(): Promise<Person>;
}

/** For a server without users: the owner does everything. */
export const ownerAlone: Doorkeeper = {
  authenticate: async () => undefined,
  recall: async () => undefined,
  owner: async () => owner(false),
};

/** What a handler is given; everything in it has been checked against its contract, and the caller is allowed to ask. */
export interface ApiAsked<Params, Query, Body, Caller = Person> {
  readonly caller: Caller;
  readonly visit: Visit;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The file of a contract with `upload`; nothing of it has been checked. */
  readonly upload: Upload | undefined;
  /** Of an event stream that is taken up again: id of the last event that arrived. */
  readonly lastEventId: number | undefined;
  /** Aborted when the caller hangs up or the server stops. */
  readonly signal: AbortSignal;
  /**
   * Called in the transaction of a change, so that a request with an idempotency key is known to have made it, whatever happens next. What it is given,
   * a JSON value, comes to `resume`.
   */
  readonly also: Also<unknown>;
}

/** What is left to do of a request whose change is durable and whose answer was lost. */
type Resume<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType, Caller> = (
  made: never,
  asked: ApiAsked<z.output<P>, z.output<Q>, z.output<B>, Caller>,
) => Promise<DeepReadonly<z.input<A>>>;

/** What a handler may return for a shape: it is not changed. */
type DeepReadonly<Value> = Value extends object
  ? { readonly [Field in keyof Value]: DeepReadonly<Value[Field]> }
  : Value;

/** A contract and who answers it. */
export interface ApiRoute {
  readonly contract: Contract;
  handle(asked: ApiAsked<unknown, unknown, unknown, Person | undefined>): Promise<unknown>;
  /**
   * Gives the answer of a request that has changed something (`ApiAsked.also`) before it could be given, after what else is to do. None where all of it
   * can be done again, as it then changes nothing more.
   * @param made what `also` was given
   */
  resume?(made: unknown, asked: ApiAsked<unknown, unknown, unknown, Person | undefined>): Promise<unknown>;
}

/** An {@link ApiRoute} whose handler has the types of its contract. Where anyone may ask, nobody may be logged in. */
export function answer<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  A extends z.ZodType,
  Action extends string | null,
>(
  contract: Contract<P, Q, B, A, Action>,
  handle: (
    asked: ApiAsked<z.output<P>, z.output<Q>, z.output<B>, Action extends string ? Person : Person | undefined>,
  ) => Promise<DeepReadonly<z.input<A>> | Reply<DeepReadonly<z.input<A>>>>,
  resume?: Resume<P, Q, B, A, Action extends string ? Person : Person | undefined>,
): ApiRoute {
  return {
    contract,
    handle: handle as ApiRoute['handle'],
    ...(resume === undefined ? {} : { resume: resume as NonNullable<ApiRoute['resume']> }),
  };
}

/** {@link answer} for a contract of `events`. */
export function answerEvents<P extends z.ZodType, Q extends z.ZodType, A extends z.ZodType>(
  contract: Contract<P, Q, z.ZodUndefined, A, string> & { readonly events?: true },
  handle: (asked: ApiAsked<z.output<P>, z.output<Q>, undefined>) => Promise<EventStream<DeepReadonly<z.input<A>>>>,
): ApiRoute {
  return { contract, handle: handle as ApiRoute['handle'] };
}
