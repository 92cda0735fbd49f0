import { setTimeout as delay } from 'node:timers/promises';
import { base64url, fault, type Rng, SymbolonError, systemRng } from '@symbolon/crypto';
import type { z } from 'zod';
import type { Client } from './client.ts';
import type { Contract } from './contract.ts';
import { receivedEvents } from './server-events.ts';

type Part<Name extends string, Schema extends z.ZodType> = Schema extends z.ZodUndefined
  ? unknown
  : { readonly [Field in Name]: z.input<Schema> };

/** What a {@link Contract} is called with. */
export type ApiInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = Part<'params', P> &
  Part<'body', B> &
  (Q extends z.ZodUndefined ? unknown : { readonly query?: z.input<Q> }) & {
    readonly signal?: AbortSignal | undefined;
  };

/** Calls contracts on one server. Every answer is checked; refusals are thrown with their code. */
export interface ApiClient {
  /** A POST gets an idempotency key; if its answer is lost, it is sent once more, and done once. */
  call<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
    contract: Contract<P, Q, B, A>,
    input: ApiInput<P, Q, B>,
  ): Promise<z.output<A>>;
  /** The events of a stream to its end; a connection that breaks is taken up again after the last event that arrived. */
  follow<P extends z.ZodType, Q extends z.ZodType, A extends z.ZodType>(
    contract: Contract<P, Q, z.ZodUndefined, A>,
    input: ApiInput<P, Q, z.ZodUndefined>,
  ): AsyncGenerator<z.output<A>>;
  close(): Promise<void>;
}

const mostBreaks = 5;

/** @param token of a session; none for the owner on the socket */
export function apiClient(client: Client, { token, rng = systemRng }: { token?: string; rng?: Rng } = {}): ApiClient {
  const shown = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    async call(contract, input) {
      const { body, signal } = input as Loose;
      const keyed = contract.method === 'POST' && contract.unkeyed !== true;
      const headers = { ...shown, ...(keyed ? { 'idempotency-key': base64url(rng(18)) } : {}) };
      const send = () =>
        client.call(contract.method, pathOf(contract, input as Loose), {
          answer: contract.answer,
          headers,
          ...(body === undefined ? {} : { body }),
          ...(signal === undefined ? {} : { signal }),
        });
      return send().catch((error: unknown) => {
        if (!keyed || signal?.aborted === true || !isCut(error)) throw error;
        return send();
      });
    },
    async *follow(contract, input) {
      const { signal } = input as Loose;
      let last: string | undefined;
      for (let breaks = 0; ; ) {
        try {
          const headers = { ...shown, ...(last === undefined ? {} : { 'last-event-id': last }) };
          const path = pathOf(contract, input as Loose);
          const chunks = client.text(contract.method, path, { headers, ...(signal === undefined ? {} : { signal }) });
          for await (const { id, data } of receivedEvents(chunks, client.who)) {
            [breaks, last] = [0, id ?? last];
            yield eventOf(contract, data, client.who);
          }
          return;
        } catch (error) {
          if (signal?.aborted === true || !isCut(error) || ++breaks > mostBreaks) throw error;
          await delay(100 * 2 ** breaks);
        }
      }
    },
    close: () => client.close(),
  };
}

/** All items of a list, page by page. @param ask for one page */
export async function* everyItem<Item>(
  ask: (after: string | undefined) => Promise<{ items: Item[]; next: string | null }>,
): AsyncGenerator<Item> {
  for (let after: string | undefined; ; ) {
    const { items, next } = await ask(after);
    yield* items;
    if (next === null) return;
    after = next;
  }
}

/** Whether an error says that the connection broke. */
function isCut(error: unknown): boolean {
  return error instanceof SymbolonError && (error.code === 'peer-gone' || error.code === 'peer-silent');
}

interface Loose {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

function pathOf({ path }: Contract, { params = {}, query = {} }: Loose): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return search === '' ? filled : `${filled}?${search}`;
}

function eventOf<A extends z.ZodType>(
  { name, answer }: Pick<Contract<z.ZodType, z.ZodType, z.ZodType, A>, 'name' | 'answer'>,
  data: string,
  who: string,
): z.output<A> {
  const result = answer.safeParse(parsedJson(data));
  if (result.success) return result.data;
  throw fault('frame-shape', `an event of ${name} from ${who} has another shape`, { culprit: who });
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
