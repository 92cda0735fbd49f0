import { MAX_FRAME } from '@symbolon/engine';

/** Sends a message frame by frame as it is made: the next is made while the last is on its way. The peer sees the frames of one message. */
export class Outbox {
  readonly #send: (frame: Uint8Array) => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #sent = 0;

  constructor(send: (frame: Uint8Array) => Promise<void>) {
    this.#send = send;
  }

  /** Sends what makes whole frames. @param ready bytes of the message that are made @param all bytes that it will have @param at bytes of it from … on */
  async upTo(ready: number, all: number, at: (from: number, bytes: number) => Uint8Array): Promise<void> {
    while (this.#sent < ready) {
      const bytes = Math.min(MAX_FRAME, all - this.#sent);
      if (this.#sent + bytes > ready) return;
      const frame = at(this.#sent, bytes);
      this.#sent += bytes;
      await this.#last;
      this.#last = this.#send(frame);
      // It is heard by whoever waits next; until then it must not end the process.
      this.#last.catch(() => undefined);
    }
  }

  /** Resolves when all is sent. */
  end(): Promise<void> {
    return this.#last;
  }
}
