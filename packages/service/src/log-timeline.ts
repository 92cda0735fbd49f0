import { fromBase64url, fromUtf8, parseCanonical, SymbolonError } from '@symbolon/crypto';
import type { LogSource } from './log-export.ts';

const pageLength = 1024;

/** One entry of a log, for people. */
export interface TimelineEntry {
  readonly index: number;
  /** Whether event and salt were erased. */
  readonly erased: boolean;
  /** What happened; null where it was erased, and where what stands there is no event: then the log is not sound. */
  readonly event: { readonly kind: string; readonly [field: string]: unknown } | null;
  /** What a signed document in the event says, such as the statement of a run; null if there is none. */
  readonly document: { readonly [field: string]: unknown } | null;
  /** When, as the event itself says; null where it does not. */
  readonly at: string | null;
  /** The earliest time at which a witness had seen it, by that witness's clock; null while none has. */
  readonly seenAt: string | null;
}

/** What of a timeline is asked for. */
export interface TimelineFilter {
  readonly kind?: string | undefined;
  /** RFC 3339; entries that are known to be older are left out. */
  readonly since?: string | undefined;
  /** Beginning of the hash of an agreement. */
  readonly agreement?: string | undefined;
  /** What else an event may name: the attempt or session of a run. One of them is enough. */
  readonly names?: readonly string[] | undefined;
}

/** Entries of a log. @param way in their order, or the newest first, from before that entry */
export async function* timeline(
  { database, log, store }: Pick<LogSource, 'database' | 'log' | 'store'>,
  filter: TimelineFilter = {},
  way: 'forward' | { readonly before: number } = 'forward',
): AsyncGenerator<TimelineEntry> {
  const seen = await database
    .selectFrom('cosignature')
    .select(({ fn }) => ['size', fn.min('cosigned_at').as('at')])
    .where('origin', '=', log.origin)
    .groupBy('size')
    .orderBy('size')
    .execute();
  for (const [start, end] of pages(log.size, way)) {
    const page = [...(await store.entries(start, end)).entries()];
    for (const [i, { event: bytes }] of way === 'forward' ? page : page.reverse()) {
      const index = start + i;
      const event = bytes === null ? null : eventOf(bytes);
      const document = documentIn(event);
      const [at, seenAt] = [timeOf(event, document), firstSeen(seen, index)];
      const entry = { index, erased: bytes === null, event, document, at, seenAt };
      if (wanted(entry, `${JSON.stringify(event)} ${JSON.stringify(document)}`, filter)) yield entry;
    }
  }
}

/** First and last entry + 1 of what is read at once. */
function* pages(size: number, way: 'forward' | { readonly before: number }): Generator<[start: number, end: number]> {
  if (way === 'forward') {
    for (let start = 0; start < size; start += pageLength) yield [start, Math.min(size, start + pageLength)];
    return;
  }
  for (let end = Math.min(size, way.before); end > 0; end -= pageLength) yield [Math.max(0, end - pageLength), end];
}

/** When the first checkpoint that covers an entry was cosigned. @param seen by size */
function firstSeen(
  seen: readonly { readonly size: number; readonly at: string | null }[],
  index: number,
): string | null {
  let [low, high] = [0, seen.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (seen[middle]!.size <= index) low = middle + 1;
    else high = middle;
  }
  return seen[low]?.at ?? null;
}

function eventOf(bytes: Uint8Array): TimelineEntry['event'] {
  try {
    const event = parseCanonical(bytes) as TimelineEntry['event'];
    return typeof event?.kind === 'string' ? event : null;
  } catch (error) {
    if (error instanceof SymbolonError) return null;
    throw error;
  }
}

function wanted({ event, at, seenAt }: TimelineEntry, text: string, filter: TimelineFilter): boolean {
  const { kind, since, agreement, names } = filter;
  const latest = at ?? seenAt;
  if (since !== undefined && latest !== null && Date.parse(latest) < Date.parse(since)) return false;
  if (event === null) return kind === undefined && agreement === undefined && names === undefined;
  if (kind !== undefined && event.kind !== kind) return false;
  if (agreement !== undefined && !text.includes(`"${agreement}`)) return false;
  return names === undefined || names.some((name) => text.includes(`"${name}"`));
}

function timeOf(...sources: readonly (TimelineEntry['document'] | TimelineEntry['event'])[]): string | null {
  const times = sources.flatMap((source) => [source?.at, source?.date]);
  return times.find((time) => typeof time === 'string') ?? null;
}

/** The payload of a signed document that stands in an event. */
function documentIn(event: TimelineEntry['event']): TimelineEntry['document'] {
  const { payload } = (event?.statement ?? {}) as { payload?: unknown };
  if (typeof payload !== 'string') return null;
  try {
    return JSON.parse(fromUtf8(fromBase64url(payload))) as TimelineEntry['document'];
  } catch (error) {
    if (error instanceof SymbolonError || error instanceof SyntaxError) return null;
    throw error;
  }
}
