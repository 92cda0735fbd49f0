import { equalBytes, fault } from '@symbolon/crypto';
import { type Channel, receiveMessage, sendMessage, TranscriptChannel } from '@symbolon/engine';

/** What a side of a session needs of its surroundings. */
export interface TwoPartyOptions {
  /** 0 or 1. */
  readonly index: number;
  readonly channel: Channel;
  readonly name: (party: number) => string;
  /** Gives others their turn between slices of work of some milliseconds. */
  readonly pause: () => Promise<void>;
}

/** What both sides of a session of two do alike: frames to the peer and from it, all hashed; steps that happen once; slices of work. */
export abstract class TwoPartySession {
  protected readonly channel: TranscriptChannel;
  readonly #index: number;
  readonly #name: (party: number) => string;
  readonly #pause: () => Promise<void>;
  readonly #begun = new Set<string>();

  constructor({ index, channel, name, pause }: TwoPartyOptions) {
    this.channel = new TranscriptChannel(channel, index);
    this.#index = index;
    this.#name = name;
    this.#pause = pause;
  }

  get sentBytes(): number {
    return this.channel.sentBytes;
  }

  get receivedBytes(): number {
    return this.channel.receivedBytes;
  }

  transcript(peer: number): readonly [Uint8Array, Uint8Array] {
    return this.channel.digest(peer);
  }

  /** What the peer is called. */
  protected get peer(): string {
    return this.#name(1 - this.#index);
  }

  protected send(message: Uint8Array): Promise<void> {
    return sendMessage(this.channel, 1 - this.#index, message);
  }

  /** A message as long as `out`. */
  protected async receive(out: Uint8Array): Promise<Uint8Array> {
    await receiveMessage(this.channel, 1 - this.#index, out, this.#name);
    return out;
  }

  /** Random starts both ways. @returns the peer's @throws SymbolonError `frame-order` for the own one */
  protected async exchangeStarts(salt: Uint8Array): Promise<Uint8Array> {
    const theirs = new Uint8Array(salt.length);
    await Promise.all([this.send(salt), this.receive(theirs)]);
    if (!equalBytes(salt, theirs)) return theirs;
    throw fault('frame-order', 'the peer sent this party’s own random start back', { culprit: this.peer });
  }

  /** Runs work slice by slice; a session that ended meanwhile touches no memory any more. */
  protected async paused<Result>(steps: Generator<void, Result>): Promise<Result> {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      await this.#pause();
      this.channel.requireOpen();
    }
  }

  /** Nothing resumes on the same keys. @throws SymbolonError `session-burned`, `session-expired` */
  protected once(step: string): void {
    if (this.#begun.has('end')) throw fault('session-expired', 'this session has ended');
    if (this.#begun.has(step)) throw fault('session-burned', `this session has begun '${step}' before`);
    this.#begun.add(step);
  }

  /** Ends what still runs and overwrites everything that this session held. Again: nothing. */
  end(): void {
    if (this.#begun.has('end')) return;
    this.#begun.add('end');
    this.channel.close();
    this.wipe();
  }

  /** Overwrites what the session held. */
  protected abstract wipe(): void;
}
