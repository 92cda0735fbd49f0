import { equalBytes, fault } from '@symbolon/crypto';
import { type Channel, receiveMessage, sendMessage, TranscriptChannel } from '@symbolon/engine';

/** What a party of a session needs of its surroundings. */
export interface ManyPartyOptions {
  /** This party's place. */
  readonly index: number;
  /** 2 to 5. */
  readonly parties: number;
  readonly channel: Channel;
  readonly name: (party: number) => string;
  /** Gives others their turn between slices of work of some milliseconds. */
  readonly pause: () => Promise<void>;
}

/** A party's end of the line to one other. */
export interface Line {
  send(message: Uint8Array): Promise<void>;
  /** A message as long as `out`, which it returns. */
  receive(out: Uint8Array): Promise<Uint8Array>;
  /** Runs work slice by slice; a session that ended meanwhile touches no memory any more. */
  paused<Result>(steps: Generator<void, Result>): Promise<Result>;
  /** @throws SymbolonError `session-expired` */
  requireOpen(): void;
}

/** What all parties of a session do alike: frames to each other, all hashed; steps that happen once; slices of work. */
export abstract class ManyPartySession {
  protected readonly channel: TranscriptChannel;
  /** All but this one. */
  protected readonly peers: readonly number[];
  protected readonly name: (party: number) => string;
  readonly #index: number;
  readonly #pause: () => Promise<void>;
  readonly #begun = new Set<string>();

  constructor({ index, parties, channel, name, pause }: ManyPartyOptions) {
    this.channel = new TranscriptChannel(channel, index);
    this.peers = Array.from({ length: parties }, (_, party) => party).filter((party) => party !== index);
    this.name = name;
    this.#index = index;
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

  protected line(peer: number): Line {
    return {
      send: (message) => sendMessage(this.channel, peer, message),
      receive: async (out) => {
        await receiveMessage(this.channel, peer, out, this.name);
        return out;
      },
      paused: (steps) => this.paused(steps),
      requireOpen: () => this.channel.requireOpen(),
    };
  }

  /** Random starts both ways between all. @returns all, by party @throws SymbolonError `frame-order` for the own one */
  protected async startsOfAll(salt: Uint8Array): Promise<Uint8Array[]> {
    const starts: Uint8Array[] = [];
    starts[this.#index] = salt;
    await Promise.all(
      this.peers.flatMap((peer) => {
        const line = this.line(peer);
        starts[peer] = new Uint8Array(salt.length);
        return [line.send(salt), line.receive(starts[peer])];
      }),
    );
    const mirror = this.peers.find((peer) => equalBytes(salt, starts[peer]!));
    if (mirror === undefined) return starts;
    throw fault('frame-order', 'a peer sent this party’s own random start back', { culprit: this.name(mirror) });
  }

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
