import { fault } from '@symbolon/crypto';
import type { AnswerKey } from '@symbolon/engine';

/** Reads a stream of chunks in pieces of exact length. */
export class ByteReader implements AnswerKey {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #who: string;
  #rest = new Uint8Array(0);

  /** @param who sends it, for errors */
  constructor(chunks: AsyncIterable<Uint8Array>, who: string) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#who = who;
  }

  /** The next `bytes` bytes, an array of the caller's own; throws `frame-shape` if the stream ends before. */
  async read(bytes: number): Promise<Uint8Array> {
    const result = new Uint8Array(bytes);
    for (let at = 0; at < bytes; ) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done) throw fault('frame-shape', `${this.#who} sent fewer bytes than were due`, { culprit: this.#who });
        this.#rest = new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
      }
      const part = this.#rest.subarray(0, bytes - at);
      result.set(part, at);
      at += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return result;
  }

  /** Holds that nothing follows. */
  async end(): Promise<void> {
    const { done } = await this.#chunks.next();
    if (this.#rest.length > 0 || !done) {
      throw fault('frame-too-long', `${this.#who} sent more bytes than were due`, { culprit: this.#who });
    }
  }
}
