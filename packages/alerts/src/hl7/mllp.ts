import { concat, fault } from '@symbolon/crypto';

// HL7 v2 MLLP release 1 §2: <SB> data <EB><CR>.
const startBlock = 0x0b;
const endBlock = 0x1c;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** Takes messages out of a stream of bytes: the Minimal Lower Layer Protocol, 0x0B … 0x1C 0x0D. One for each connection. */
export class MllpFrames {
  readonly #maxBytes: number;
  /** Parts of the message that has begun; undefined between messages. */
  #parts: Uint8Array[] | undefined;
  #length = 0;
  /** The last byte was 0x1C, within a message. */
  #ending = false;
  /** What came with the failure. */
  #rest: Uint8Array = new Uint8Array();

  /** @param maxBytes the longest message that is taken */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a message has begun and not ended. */
  get within(): boolean {
    return this.#parts !== undefined;
  }

  /**
   * The messages that end within `chunk`. Throws `frame-too-long` or `frame-shape`: then the connection is of no more use.
   * @param messages to which they are added, those before the failure too
   */
  push(chunk: Uint8Array, messages: Uint8Array[] = []): Uint8Array[] {
    let at = 0;
    try {
      while (at < chunk.length) {
        at = this.#parts === undefined ? this.#begin(chunk, at) : this.#goOn(chunk, at, messages);
      }
    } catch (error) {
      this.#rest = chunk.slice(at);
      throw error;
    }
    return messages;
  }

  /** After a failure: the first bytes, at most `most`, of what was no message. */
  wreck(most: number): Uint8Array {
    const end = this.#ending ? [Uint8Array.of(endBlock)] : [];
    const all = concat(...(this.#parts ?? []), ...end, this.#rest);
    return all.slice(0, most);
  }

  #begin(chunk: Uint8Array, at: number): number {
    const byte = chunk[at]!;
    if (byte === startBlock) this.#parts = [];
    // Some senders end their lines for people to read.
    else if (byte !== carriageReturn && byte !== lineFeed) {
      throw fault('frame-shape', 'MLLP: a message begins with the byte 0B', {
        hint: 'Check that the sender uses MLLP.',
      });
    }
    return at + 1;
  }

  #goOn(chunk: Uint8Array, from: number, messages: Uint8Array[]): number {
    if (this.#ending) {
      if (chunk[from] !== carriageReturn) {
        const hint = 'Check the framing that the sender is set up with.';
        throw fault('frame-shape', 'MLLP: after the byte 1C comes 0D', { hint });
      }
      messages.push(this.#take());
      return from + 1;
    }
    const found = chunk.indexOf(endBlock, from);
    const to = found === -1 ? chunk.length : found;
    this.#length += to - from;
    if (this.#length > this.#maxBytes) {
      const hint = 'Send such a message in parts, or raise the bound of this source.';
      throw fault('frame-too-long', `MLLP: a message has more than ${this.#maxBytes} bytes`, { hint });
    }
    this.#parts!.push(chunk.slice(from, to));
    this.#ending = found !== -1;
    return to + (this.#ending ? 1 : 0);
  }

  #take(): Uint8Array {
    const parts = this.#parts!;
    const message = new Uint8Array(this.#length);
    let at = 0;
    for (const part of parts) {
      message.set(part, at);
      at += part.length;
    }
    this.#parts = undefined;
    this.#length = 0;
    this.#ending = false;
    return message;
  }
}

/** A message as MLLP carries it. */
export function mllpFrame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(message.length + 3);
  framed[0] = startBlock;
  framed.set(message, 1);
  framed.set([endBlock, carriageReturn], message.length + 1);
  return framed;
}
