import { fault } from '@symbolon/crypto';
import type { AnswerKey } from '@symbolon/engine';

/** Reads a stream of chunks in pieces of exact length, and ahead of them, so that its sender need not wait for who computes with them. */
export class ByteReader implements AnswerKey {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #who: string;
  readonly #ahead: number;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #state: 'open' | 'ended' | { failed: unknown } = 'open';
  #changed: () => void = () => undefined;
  #pumping = false;

  /**
   * @param who sends it, for errors
   * @param ahead bytes that may wait here
   */
  constructor(chunks: AsyncIterable<Uint8Array>, who: string, ahead = 1 << 20) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#who = who;
    this.#ahead = ahead;
  }

  /** The next `bytes` bytes, an array of the caller's own; throws `frame-shape` if the stream ends before. */
  async read(bytes: number): Promise<Uint8Array> {
    const result = new Uint8Array(bytes);
    for (let at = 0; at < bytes; ) {
      const [chunk] = this.#queue;
      if (chunk === undefined) {
        await this.#more();
        continue;
      }
      const part = chunk.subarray(0, bytes - at);
      result.set(part, at);
      at += part.length;
      this.#queued -= part.length;
      if (part.length === chunk.length) this.#queue.shift();
      else this.#queue[0] = chunk.subarray(part.length);
    }
    this.#pump();
    return result;
  }

  /** Holds that nothing follows. */
  async end(): Promise<void> {
    while (this.#queue.length === 0 && this.#state === 'open') await this.#arrival();
    if (typeof this.#state === 'object') throw this.#state.failed;
    if (this.#queue.length === 0) return;
    throw fault('frame-too-long', `${this.#who} sent more bytes than were due`, { culprit: this.#who });
  }

  /** Lets go of what waits here. */
  drop(): void {
    this.#queue.length = 0;
    this.#queued = 0;
    if (this.#state === 'open') this.#state = 'ended';
  }

  async #more(): Promise<void> {
    if (typeof this.#state === 'object') throw this.#state.failed;
    if (this.#state === 'ended') {
      throw fault('frame-shape', `${this.#who} sent fewer bytes than were due`, { culprit: this.#who });
    }
    await this.#arrival();
  }

  #arrival(): Promise<void> {
    const arrival = new Promise<void>((resolve) => {
      this.#changed = resolve;
    });
    this.#pump();
    return arrival;
  }

  /** Fills the queue in the background; its end and its failure are told to whoever reads next. */
  #pump(): void {
    if (this.#pumping || this.#state !== 'open') return;
    this.#pumping = true;
    void this.#fill().then(
      () => this.#paused(),
      (failed: unknown) => {
        this.#state = { failed };
        this.#paused();
      },
    );
  }

  #paused(): void {
    this.#pumping = false;
    this.#changed();
  }

  async #fill(): Promise<void> {
    while (this.#state === 'open' && (this.#queued === 0 || this.#queued < this.#ahead)) {
      const { done, value } = await this.#chunks.next();
      if (this.#state !== 'open') return;
      if (done) {
        this.#state = 'ended';
        return;
      }
      if (value.length === 0) continue;
      this.#queue.push(value);
      this.#queued += value.length;
      this.#changed();
    }
  }
}
