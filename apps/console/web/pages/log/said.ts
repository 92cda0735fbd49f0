import type { Answer } from '../../api/operations.ts';
import { server } from '../../api/server.ts';
import { texts } from '../../texts/index.ts';

const words = texts.log;

/** What entries of this server say, by their kind. */
export const events = words.events[server.role];

/** An entry of the log as the server tells it. */
export type LogEntry = Answer<'listTimeline'>['items'][number];

/** What happened, in words. */
export function saidOf({ erased, event, document }: Pick<LogEntry, 'erased' | 'event' | 'document'>): string {
  if (event === null) return erased ? words.erased : words.unreadable;
  const kind = String(event.kind);
  return events[kind]?.({ ...event, ...document }) ?? words.spaced(kind);
}

/** The agreement that an entry is about; undefined if none. */
export function agreementOf({ event, document }: Pick<LogEntry, 'event' | 'document'>): string | undefined {
  const agreement = event?.agreement ?? document?.agreement;
  return typeof agreement === 'string' ? agreement : undefined;
}
