import { fault } from '@symbolon/crypto';
import { EventStream, type ServerEvent } from './answers.ts';

const most = 16;

/** How many event streams somebody may read at once: each holds a connection. */
export class StreamLimit {
  readonly #open = new Map<string, number>();

  /** The stream, counted while it is read. Throws `too-many-requests`. */
  counted(who: string, { events }: EventStream<unknown>): EventStream<unknown> {
    if ((this.#open.get(who) ?? 0) < most) return new EventStream(this.#count(who, events));
    throw fault('too-many-requests', `${who} reads ${most} streams of events already`, { culprit: who });
  }

  async *#count(who: string, events: AsyncIterable<ServerEvent<unknown>>): AsyncGenerator<ServerEvent<unknown>> {
    this.#open.set(who, (this.#open.get(who) ?? 0) + 1);
    try {
      yield* events;
    } finally {
      const left = this.#open.get(who)! - 1;
      if (left === 0) this.#open.delete(who);
      else this.#open.set(who, left);
    }
  }
}
