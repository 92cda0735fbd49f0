import { fault, hashLabelled, TranscriptHash } from '@symbolon/crypto';
import type { Channel } from '@symbolon/engine';
import type { FrameSocket } from '@symbolon/service';

type LineSocket = Pick<FrameSocket, 'peer' | 'send' | 'receive'> & Partial<Pick<FrameSocket, 'unread'>>;

/**
 * The frames of a line between this party and its peer: of a run, or of one of its sessions, which has the engine's channel in between. Every
 * frame is hashed, in order, both ways (PROTOCOLS §1).
 */
export class Line {
  readonly peer: string;
  /** For the engine, which hashes its own frames. */
  readonly channel: Channel;
  readonly #socket: LineSocket;
  readonly #low: boolean;
  readonly #sent = new TranscriptHash('symbolon line frames');
  readonly #received = new TranscriptHash('symbolon line frames');

  /** @param low whether this party's place is before that of the peer */
  constructor(socket: LineSocket, low: boolean) {
    this.peer = socket.peer;
    this.#socket = socket;
    this.#low = low;
    this.channel = { send: (_, frame) => socket.send(frame), receive: () => socket.receive() };
  }

  /** Throws `frame-order` where the peer has sent what nothing asked for. */
  requireQuiet(): void {
    if ((this.#socket.unread ?? 0) === 0) return;
    throw fault('frame-order', `${this.peer} sent a frame that nothing asked for`, { culprit: this.peer });
  }

  async send(frame: Uint8Array): Promise<void> {
    this.#sent.add(frame);
    await this.#socket.send(frame);
  }

  /** The next frame. @param length if only one is right; another is `frame-shape` @param milliseconds how long it waits, if not as usual */
  async receive(length?: number, milliseconds?: number): Promise<Uint8Array> {
    const frame = await this.#socket.receive(milliseconds);
    if (length !== undefined && frame.length !== length) {
      throw fault('frame-shape', `a frame of ${frame.length} bytes came where ${length} were due`, {
        culprit: this.peer,
      });
    }
    this.#received.add(frame);
    return frame;
  }

  /**
   * One hash of all frames so far, equal at both ends.
   * @param more hashes that belong to it: the engine's, lower place to higher and back; or those of a run's sessions
   */
  transcript(more: readonly Uint8Array[]): Uint8Array {
    const [low, high] = this.#low ? [this.#sent, this.#received] : [this.#received, this.#sent];
    return hashLabelled('symbolon transcript', low.digest(), high.digest(), ...more);
  }
}
