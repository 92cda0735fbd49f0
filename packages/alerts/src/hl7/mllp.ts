import { fault } from '@symbolon/crypto';

/** Takes messages out of a stream of bytes: the Minimal Lower Layer Protocol, 0x0B … 0x1C 0x0D. One for each connection. */
export class MllpFrames {
  readonly #maxBytes: number;

  /** @param maxBytes the longest message that is taken */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The messages that end within `chunk`. Throws `frame-too-long` or `frame-shape`: then the connection is of no more use. */
  push(_chunk: Uint8Array): Uint8Array[] {
    throw fault('frame-shape', `MLLP cannot be read yet (${this.#maxBytes})`);
  }
}

/** A message as MLLP carries it. */
export function mllpFrame(_message: Uint8Array): Uint8Array {
  throw fault('frame-shape', 'MLLP cannot be written yet');
}
