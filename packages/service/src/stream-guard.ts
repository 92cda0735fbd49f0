import { EventStream, type ServerEvent } from './answers.ts';

/** How often it is looked up whether a reader may still read. */
const checkMilliseconds = 15_000;

/**
 * A stream that ends when its reader may no longer read it: logged out, idle for too long, or of other roles by now. A session is shown when a
 * stream begins, which may be hours before it ends.
 * @param still rejects once the reader may not read any more
 * @param end makes the events end
 */
export function guarded(
  { events }: EventStream<unknown>,
  still: () => Promise<void>,
  end: AbortController,
): EventStream<unknown> {
  return new EventStream(watched(events, still, end));
}

async function* watched(
  events: AsyncIterable<ServerEvent<unknown>>,
  still: () => Promise<void>,
  end: AbortController,
): AsyncGenerator<ServerEvent<unknown>> {
  const timer = setInterval(() => still().catch(() => end.abort()), checkMilliseconds);
  try {
    for await (const event of events) {
      if (end.signal.aborted) return;
      yield event;
    }
  } finally {
    clearInterval(timer);
  }
}
