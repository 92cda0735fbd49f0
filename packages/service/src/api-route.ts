import type { z } from 'zod';
import type { Contract } from './contract.ts';
import type { Person } from './people/person.ts';

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

/** What a handler is given; everything in it has been checked against its contract, and the caller is allowed to ask. */
export interface ApiAsked<Params, Query, Body, Caller = Person> {
  readonly caller: Caller;
  readonly visit: Visit;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Of an event stream that is taken up again: id of the last event that arrived. */
  readonly lastEventId: number | undefined;
  /** Aborted when the caller hangs up or the server stops. */
  readonly signal: AbortSignal;
}

/** Headers of an answer; of one that is sent several times, such as set-cookie, all values. */
export type ReplyHeaders = Readonly<Record<string, string | string[]>>;

/** An answer with headers or a status of its own, such as a cookie or a redirection. */
export class Reply<Value> {
  readonly value: Value;
  readonly headers: ReplyHeaders;
  readonly status: number | undefined;

  constructor(value: Value, headers: ReplyHeaders, status?: number) {
    this.value = value;
    this.headers = headers;
    this.status = status;
  }
}

/** One event of an {@link EventStream}. Ids grow; who lost the connection asks for those after the last it got. */
export interface ServerEvent<Data> {
  readonly id: number;
  readonly data: Data;
}

/** An answer that is a stream of server-sent events; it ends with the iterable. */
export class EventStream<Data> {
  readonly events: AsyncIterable<ServerEvent<Data>>;

  constructor(events: AsyncIterable<ServerEvent<Data>>) {
    this.events = events;
  }
}

/** What a handler may return for a shape: it is not changed. */
type DeepReadonly<Value> = Value extends object
  ? { readonly [Field in keyof Value]: DeepReadonly<Value[Field]> }
  : Value;

/** A contract and who answers it. */
export interface ApiRoute {
  readonly contract: Contract;
  handle(asked: ApiAsked<unknown, unknown, unknown, Person | undefined>): Promise<unknown>;
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
): ApiRoute {
  return { contract, handle: handle as ApiRoute['handle'] };
}

/** {@link answer} for a contract of `events`. */
export function answerEvents<P extends z.ZodType, Q extends z.ZodType, A extends z.ZodType>(
  contract: Contract<P, Q, z.ZodUndefined, A, string> & { readonly events?: true },
  handle: (asked: ApiAsked<z.output<P>, z.output<Q>, undefined>) => Promise<EventStream<DeepReadonly<z.input<A>>>>,
): ApiRoute {
  return { contract, handle: handle as ApiRoute['handle'] };
}
