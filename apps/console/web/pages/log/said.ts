import type { Answer } from '../../api/operations.ts';
import { server } from '../../api/server.ts';
import { useNames } from '../../parts/names.ts';
import { texts } from '../../texts/index.ts';

const words = texts.log;

/** What entries of this server say, by their kind. */
export const events = words.events[server.role];

/** An entry of the log as the server tells it. */
export type LogEntry = Answer<'listTimeline'>['items'][number];

type Said = Pick<LogEntry, 'erased' | 'event' | 'document'>;

/** Fields in which entries name organisations, by their ids; the rows of a study stand under them. */
const named = ['to', 'partner', 'compute', 'signedBy', 'rows'];

/** What happened, in words, with the names of organisations. */
export const useSaid: () => (entry: Said) => string = server.role === 'party' ? useNamed : () => (entry) => said(entry);

function useNamed(): (entry: Said) => string {
  const nameOf = useNames();
  return (entry) => said(entry, nameOf);
}

function said({ erased, event, document }: Said, nameOf: (id: string) => string = (id) => id): string {
  if (event === null) return erased ? words.erased : words.unreadable;
  const kind = String(event.kind);
  const fields = Object.entries({ ...event, ...document }).map(([name, value]) => [
    name,
    named.includes(name) ? withNames(value, nameOf) : value,
  ]);
  return events[kind]?.(Object.fromEntries(fields)) ?? words.spaced(kind);
}

function withNames(value: unknown, nameOf: (id: string) => string): unknown {
  if (typeof value === 'string') return nameOf(value);
  if (Array.isArray(value)) return value.map((one) => withNames(one, nameOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([id, of]) => [nameOf(id), of]));
}

/** The agreement that an entry is about; undefined if none. */
export function agreementOf({ event, document }: Pick<LogEntry, 'event' | 'document'>): string | undefined {
  const agreement = event?.agreement ?? document?.agreement;
  return typeof agreement === 'string' ? agreement : undefined;
}
