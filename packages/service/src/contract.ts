import { type ErrorCode, fault } from '@symbolon/crypto';
import { z } from 'zod';
import { size } from './shapes.ts';

/**
 * One operation of the API for people and programs: what it takes and gives, apart from who answers it. Servers mount it
 * (`api-route.ts`), clients call it (`api-client.ts`), OpenAPI prints it (`openapi.ts`).
 */
export interface Contract<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
  Action extends string | null = string | null,
> {
  /** Operation id, like `signAgreement`; no two are equal. */
  readonly name: string;
  readonly summary: string;
  /** What a caller must be allowed to do, like `agreement.sign`; null: anyone may ask, as to log in. */
  readonly action: Action;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Like /v1/agreements/:hash/signature. */
  readonly path: string;
  /** Strict objects; none is accepted where one is absent. Parameters and queries arrive as text: coerce numbers. */
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Longest body in bytes; the server's own limit if absent. */
  readonly bodyLimit?: number;
  /** The body is a file, which its handler reads as it comes: `ApiAsked.upload`. */
  readonly upload?: true;
  /** What is answered, `nothing` if empty. Fields that do not stand here are not sent. Of `events`, the shape of each. */
  readonly answer: Answer;
  /** The answer is a stream of server-sent events; its handler returns an `EventStream`. */
  readonly events?: true;
  /** Of a POST that takes no idempotency key; docs/api.md says why, and what a repeat does. */
  readonly unkeyed?: true;
  /** Of a POST whose answer holds a code or a token: it is not kept for an idempotency key. Says how to get another, as a hint. */
  readonly secretAnswer?: string;
  /** Of a POST: doing it twice changes no more than once, so it is done again where its answer was lost. Any other is resumed: see `ApiRoute.resume`. */
  readonly repeatable?: true;
  /** Of a POST that only asks, in a body as the question is long: nothing is kept, so that it was asked is not in the log, and it may be repeated. */
  readonly asksOnly?: true;
  /** Refusals to expect beside those of every address. */
  readonly errors?: readonly ErrorCode[];
}

/** A {@link Contract} with the types of its schemas. */
export function contract<
  Answer extends z.ZodType,
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Action extends string | null = string,
>(definition: Contract<Params, Query, Body, Answer, Action>): Contract<Params, Query, Body, Answer, Action> {
  return definition;
}

/** An empty answer. */
export const nothing = z.void();

/** Items of a page, at most. */
const maxPage = 1000;

/**
 * The query of a list: items after a cursor, at most `limit`. A cursor is the `next` of the page before; it names the last item of that
 * page, not its place, so items that come or go meanwhile are neither repeated nor lost.
 */
export const pageQuery = z.strictObject({
  after: z.string().min(1).max(256).optional(),
  limit: z.coerce.number().int().min(1).max(maxPage).default(100),
});

/** What {@link pageQuery} asks for. */
export type PageQuery = z.output<typeof pageQuery>;

/** The query of a list that grows without end, of which the end is asked for most: `newest` begins there. */
export const runsQuery = pageQuery.extend({ order: z.enum(['oldest', 'newest']).default('oldest') });

/** One page of a list. */
export interface Page<Item> {
  readonly items: Item[];
  /** Cursor of the next page; null after the last. */
  readonly next: string | null;
}

/** The answer of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

/**
 * One page of a list that is in memory.
 * @param items in the order of their cursors, which are unique; given the other way round where the newest come first
 * @param cursor of an item; compared as text or, if `size`, as a number
 */
export function page<Item>(
  items: readonly Item[],
  { after, limit, order }: PageQuery & Partial<z.output<typeof runsQuery>>,
  cursor: (item: Item) => string | number,
): Page<Item> {
  const [listed, sign] = order === 'newest' ? [items.toReversed(), -1] : [items, 1];
  const isAfter = (item: Item): boolean => {
    if (after === undefined) return true;
    const at = cursor(item);
    const from = typeof at === 'number' ? numberCursor(after) : after;
    return sign * (at === from ? 0 : at > from ? 1 : -1) > 0;
  };
  return pageFrom(listed.filter(isAfter).slice(0, limit + 1), limit, cursor);
}

/** The page that begins with `items`, of which one more than `limit` was read, if there is one. */
export function pageFrom<Item>(
  items: readonly Item[],
  limit: number,
  cursor: (item: Item) => string | number,
): Page<Item> {
  const shown = items.slice(0, limit);
  return { items: shown, next: items.length > limit ? String(cursor(shown.at(-1)!)) : null };
}

/** A cursor that is a number. Throws `request-invalid` for another. */
export function numberCursor(after: string): number {
  const result = size.safeParse(/^\d{1,16}$/.test(after) ? Number(after) : undefined);
  if (result.success) return result.data;
  throw fault('request-invalid', 'after: must be the `next` of the page before', { culprit: 'after' });
}
