import { discard, SymbolonError, sha256, TranscriptHash } from '@symbolon/crypto';

/** What a party sends and receives through: ordered, reliable, authenticated. One for each session. */
export interface Channel {
  /** Resolves when the frame may be reused and the peer is not too far behind. */
  send(to: number, frame: Uint8Array): Promise<void>;
  /** The next frame of this peer, now the caller's own; rejects with a named error where none comes. */
  receive(from: number): Promise<Uint8Array>;
}

/** No frame is longer; longer messages are split. */
export const MAX_FRAME = 1 << 20;

/** Sends a message whose length those who get it know, in frames of MAX_FRAME and a last shorter one. An empty message sends nothing. */
export async function sendMessage<To>(
  channel: { send(to: To, frame: Uint8Array): Promise<void> },
  to: To,
  message: Uint8Array,
): Promise<void> {
  for (let at = 0; at < message.length; at += MAX_FRAME) {
    await channel.send(to, message.subarray(at, at + MAX_FRAME));
  }
}

/**
 * Receives a message of known length into `out`. A frame of another length than the one that must come next is refused before it is touched.
 * @throws SymbolonError `frame-shape` or `frame-too-long`, with the peer as culprit
 */
export async function receiveMessage(
  channel: Channel,
  from: number,
  out: Uint8Array,
  name: (party: number) => string,
): Promise<void> {
  for (let at = 0; at < out.length; at += MAX_FRAME) {
    const frame = await channel.receive(from);
    const expected = Math.min(MAX_FRAME, out.length - at);
    if (frame.length !== expected) {
      throw new SymbolonError(
        frame.length > MAX_FRAME ? 'frame-too-long' : 'frame-shape',
        `a frame of ${frame.length} bytes came where ${expected} were due`,
        { culprit: name(from) },
      );
    }
    out.set(frame, at);
    discard(frame);
  }
}

/** A channel that hashes every frame, then what stands for them, in order, both ways; each pair of parties ends with the same digest (PROTOCOLS §1). */
export class TranscriptChannel implements Channel {
  readonly #channel: Channel;
  readonly #index: number;
  readonly #hashes = new Map<string, TranscriptHash>();
  sentBytes = 0;
  receivedBytes = 0;
  #closed = false;

  constructor(channel: Channel, index: number) {
    this.#channel = channel;
    this.#index = index;
  }

  /** To one peer, or the same to several: a frame is hashed once. */
  async send(to: number | readonly number[], frame: Uint8Array): Promise<void> {
    this.requireOpen();
    const peers = typeof to === 'number' ? [to] : to;
    const digest = sha256(frame);
    for (const peer of peers) this.#hash(this.#index, peer).add(digest);
    this.sentBytes += peers.length * frame.length;
    await Promise.all(peers.map((peer) => this.#channel.send(peer, frame)));
    this.requireOpen();
  }

  async receive(from: number): Promise<Uint8Array> {
    const frame = await this.#channel.receive(from);
    this.requireOpen();
    this.#hash(from, this.#index).add(sha256(frame));
    this.receivedBytes += frame.length;
    return frame;
  }

  /** Whatever still waits for a send or a frame ends with an error: it must not touch memory that serves another session. */
  close(): void {
    this.#closed = true;
  }

  /** @throws SymbolonError `session-expired` after `close` */
  requireOpen(): void {
    if (this.#closed) throw new SymbolonError('session-expired', 'the session has ended');
  }

  /** The frames exchanged with a peer: lower index to higher, then back. 2 × 32 bytes. */
  digest(peer: number): readonly [Uint8Array, Uint8Array] {
    const [low, high] = [Math.min(this.#index, peer), Math.max(this.#index, peer)];
    return [this.#hash(low, high).digest(), this.#hash(high, low).digest()];
  }

  #hash(from: number, to: number): TranscriptHash {
    const key = `${from}-${to}`;
    const hash = this.#hashes.get(key) ?? new TranscriptHash('symbolon frames');
    this.#hashes.set(key, hash);
    return hash;
  }
}
