import { fromBase64url, fromUtf8, parseCanonical, SymbolonError } from '@symbolon/crypto';
import type { LogArchive } from './log-export.ts';

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

/** The entries of a log in their order. */
export async function* timeline(archive: LogArchive, filter: TimelineFilter = {}): AsyncGenerator<TimelineEntry> {
  const { database, log, store } = archive;
  const seen = await database
    .selectFrom('cosignature')
    .select(({ fn }) => ['size', fn.min('cosigned_at').as('at')])
    .where('origin', '=', log.origin)
    .groupBy('size')
    .orderBy('size')
    .execute();
  let next = 0;
  for (let start = 0; start < log.size; start += pageLength) {
    const page = await store.entries(start, start + pageLength);
    for (const [i, { event: bytes }] of page.entries()) {
      const index = start + i;
      while (next < seen.length && seen[next]!.size <= index) next++;
      const event = bytes === null ? null : eventOf(bytes);
      const document = documentIn(event);
      const [at, seenAt] = [timeOf(event, document), seen[next]?.at ?? null];
      const entry = { index, erased: bytes === null, event, document, at, seenAt };
      if (wanted(entry, `${JSON.stringify(event)} ${JSON.stringify(document)}`, filter)) yield entry;
    }
  }
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
