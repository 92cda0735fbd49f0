import { fault } from '@symbolon/crypto';

const maxEventLength = 1 << 20;

/** One event as it arrived. */
export interface ReceivedEvent {
  /** Undefined where the event had none. */
  readonly id: string | undefined;
  readonly data: string;
}

/**
 * Reads a stream of server-sent events (WHATWG HTML §9.2.6). Throws `frame-too-long` for an event that does not end; one that was cut off is
 * dropped.
 * @param chunks text as it arrives
 */
export async function* receivedEvents(chunks: AsyncIterable<string>, who: string): AsyncGenerator<ReceivedEvent> {
  let text = '';
  for await (const chunk of chunks) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = parsed(text.slice(0, end));
      text = text.slice(end + 2);
      if (event !== undefined) yield event;
    }
    if (text.length > maxEventLength) throw fault('frame-too-long', `${who} sent an endless event`, { culprit: who });
  }
}

/** Undefined for a comment. */
function parsed(block: string): ReceivedEvent | undefined {
  const valuesOf = (name: string) =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).replace(/^ /, ''));
  const data = valuesOf('data');
  return data.length === 0 ? undefined : { id: valuesOf('id').at(-1), data: data.join('\n') };
}
