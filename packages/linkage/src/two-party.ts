import { type Line, type ManyPartyOptions, ManyPartySession } from './many-party.ts';

/** What a side of a session needs of its surroundings. */
export type TwoPartyOptions = Omit<ManyPartyOptions, 'parties'>;

/** A session of two: one peer. */
export abstract class TwoPartySession extends ManyPartySession {
  constructor(options: TwoPartyOptions) {
    super({ ...options, parties: 2 });
  }

  /** What the peer is called. */
  protected get peer(): string {
    return this.name(this.peers[0]!);
  }

  protected get peerLine(): Line {
    return this.line(this.peers[0]!);
  }

  protected send(message: Uint8Array): Promise<void> {
    return this.peerLine.send(message);
  }

  /** A message as long as `out`. */
  protected receive(out: Uint8Array): Promise<Uint8Array> {
    return this.peerLine.receive(out);
  }

  /** Random starts both ways. @returns the peer's @throws SymbolonError `frame-order` for the own one */
  protected async exchangeStarts(salt: Uint8Array): Promise<Uint8Array> {
    const starts = await this.startsOfAll(salt);
    return starts[this.peers[0]!]!;
  }
}
