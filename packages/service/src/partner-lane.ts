import type { Rng } from '@symbolon/crypto';
import { backOff } from './back-off.ts';
import { type Client, peerClient } from './client.ts';
import type { Home } from './home.ts';
import { Lane } from './lane.ts';

/** A {@link Lane} to one partner: one request at a time, on a connection that is kept; after a failure it waits, whoever wakes it. */
export class PartnerLane {
  readonly #params: Params;
  readonly #lane: Lane;
  readonly #stop = new AbortController();
  #client: Client | undefined;
  #failures = 0;
  /** Before this moment nothing is sent. */
  #notBefore = 0;

  constructor(params: Params) {
    this.#params = params;
    this.#lane = new Lane(
      () => this.#round(),
      (error) => {
        params.failed(error);
        return this.failed();
      },
    );
  }

  /** Aborted when the lane closes. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  wake(): void {
    this.#lane.wake();
  }

  /** The connection to the partner, by its card as it is now. */
  client(): Client {
    const { home, partner } = this.#params;
    this.#client ??= peerClient({ home, partner: home.partners.get(partner) });
    return this.#client;
  }

  /** The next request opens another connection: the partner's card may be another by then. */
  async hangUp(): Promise<void> {
    await this.#client?.close();
    this.#client = undefined;
  }

  /** The partner has answered. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** A request has failed. @returns milliseconds until the next */
  failed(): number {
    const { rng, now } = this.#params;
    const wait = backOff(++this.#failures, rng);
    this.#notBefore = now().getTime() + wait;
    return wait;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#lane.close();
    await this.#client?.close();
  }

  async #round(): Promise<number | undefined> {
    const wait = this.#notBefore - this.#params.now().getTime();
    return wait > 0 ? wait : this.#params.round();
  }
}

interface Params {
  readonly home: Home;
  /** Its id. */
  readonly partner: string;
  readonly rng: Rng;
  readonly now: () => Date;
  /** See {@link Lane}. */
  round(): Promise<number | undefined>;
  /** Is told of what a round threw. */
  failed(error: unknown): void;
}
