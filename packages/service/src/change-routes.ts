import { z } from 'zod';
import { EventStream, type ServerEvent } from './answers.ts';
import { type ApiRoute, answerEvents } from './api-route.ts';
import { contract } from './contract.ts';
import type { ServerLog } from './log.ts';

export const followChanges = contract({
  name: 'followChanges',
  summary:
    'That something has changed here, and not what: a page asks anew for what it shows. Last-Event-ID takes up one that was cut off',
  action: 'self.show',
  method: 'GET',
  path: '/v1/events',
  answer: z.strictObject({ entries: z.int().describe('Of the log by then') }).meta({ id: 'Change' }),
  events: true,
});

/** What calls when it has changed. Returns what ends that. */
type Source = (wake: () => void) => () => void;

interface Sources {
  readonly log: Pick<ServerLog, 'size' | 'onAppend'>;
  /** What changes without an entry in the log, such as jobs that begin and end. */
  readonly others?: readonly Source[];
}

/** Tells pages that something has changed: all that matters to an organisation is an entry of its log. */
export function changeRoutes(sources: Sources): ApiRoute[] {
  return [
    answerEvents(
      followChanges,
      async ({ lastEventId, signal }) => new EventStream(changes(sources, lastEventId, signal)),
    ),
  ];
}

/** @param after entries of the log that the reader knows of; what is new counts from now on, if undefined */
async function* changes(
  { log, others = [] }: Sources,
  after: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent<{ entries: number }>> {
  let changed = Promise.withResolvers<void>();
  const wake = (): void => changed.resolve();
  const stops = [log.onAppend(wake), ...others.map((source) => source(wake))];
  signal.addEventListener('abort', wake, { once: true });
  if (after !== undefined && after !== log.size) wake();
  try {
    for (;;) {
      await changed.promise;
      if (signal.aborted) return;
      // Before telling, so that what comes meanwhile is not missed.
      changed = Promise.withResolvers<void>();
      const { size: entries } = log;
      yield { id: entries, data: { entries } };
    }
  } finally {
    for (const stop of stops) stop();
  }
}
