import { base64url, type Rng } from '@symbolon/crypto';
import { type OpenAnswer, type OpenRequest, type ProgramCost, programPads, sessionId } from '@symbolon/service';
import { Moved, type Remote, type Threads } from '@symbolon/service/threads';
import type { SessionState } from './authorize.ts';
import type { DealingOrder } from './dealing.ts';
import { deriveSeeds, type Seeds } from './seeds.ts';

/** Bytes that are sent at once. */
const chunkBytes = 1 << 20;

/** An open session: its secrets, in memory only, and what was handed out. */
export class Session implements SessionState {
  readonly id: Uint8Array;
  /** {@link id} in base64url. */
  readonly name: string;
  readonly request: OpenRequest;
  readonly cost: ProgramCost;
  readonly padsAsked = new Set<number>();
  readonly padsSent = new Set<number>();
  released = false;
  readonly #nonces: readonly string[];
  readonly #seeds: Seeds;
  readonly #pads = new Map<number, Uint8Array>();
  #dealer: Remote | undefined;
  #wiped = false;

  /**
   * @param params.request what every party asked, but for the nonce
   * @param params.nonces of all parties, in their order
   */
  constructor(params: {
    request: OpenRequest;
    nonces: readonly string[];
    cost: ProgramCost;
    rng: Rng;
  }) {
    const { request, nonces, cost, rng } = params;
    const secret = rng(32);
    this.id = sessionId({ ...request, nonces });
    this.name = base64url(this.id);
    this.request = request;
    this.cost = cost;
    this.#nonces = nonces;
    this.#seeds = deriveSeeds(secret, request, nonces);
    secret.fill(0);
  }

  get parties(): OpenRequest['parties'] {
    return this.request.parties;
  }

  get pads(): OpenRequest['pads'] {
    return this.request.pads;
  }

  get wiped(): boolean {
    return this.#wiped;
  }

  /** What p_index gets: its own seed, and those of the pairs that it belongs to. The seeds are the session's: copy them. */
  answerFor(index: number): Pick<OpenAnswer, 'session' | 'nonces' | 'seeds'> {
    const { own, pairs } = this.#seeds;
    const seeds = own.map((seed, party) => (party === index ? seed : pairs[index]![party]!));
    return { session: this.name, nonces: this.#nonces, seeds };
  }

  /** Fresh random pads for all inputs of p_index, kept until the answer key is out. Gives their bytes in the order of `programPads`. */
  async *makePads(index: number, rng: Rng, progress: () => void): AsyncGenerator<Uint8Array> {
    this.padsAsked.add(index);
    for (const { node, bytes } of programPads(this.request.program, index)) {
      const pad = new Uint8Array(bytes);
      this.#pads.set(node, pad);
      for (let at = 0; at < bytes; at += chunkBytes) {
        this.#requireOpen();
        pad.set(rng(Math.min(chunkBytes, bytes - at)), at);
        progress();
        yield pad.slice(at, at + chunkBytes);
      }
    }
    this.padsSent.add(index);
  }

  /** The answer key, dealt by a thread as it is read. Wipes the session at the end. */
  async *corrections(threads: Threads, progress: () => void): AsyncGenerator<Uint8Array> {
    this.#requireOpen();
    const dealer = threads.open(() => ({}));
    this.#dealer = dealer;
    try {
      await dealer.call('begin', this.#order());
      for (;;) {
        const chunk = await dealer.call<Uint8Array | undefined>('next');
        if (chunk === undefined) return;
        for (let at = 0; at < chunk.length; at += chunkBytes) {
          this.#requireOpen();
          progress();
          yield chunk.subarray(at, at + chunkBytes);
        }
      }
    } finally {
      this.wipe();
    }
  }

  /** Seeds as copies, and the pads themselves: they are the thread's from now on, which overwrites them. */
  #order(): Moved<DealingOrder> {
    const seeds = this.#seeds.own.map((seed) => new Uint8Array(seed));
    const pads = this.pads === 'full' ? new Map(this.#pads) : undefined;
    this.#pads.clear();
    const secrets = [...seeds, ...(pads?.values() ?? [])];
    return new Moved(
      { program: this.request.program, seeds, pads },
      secrets.map(({ buffer }) => buffer as ArrayBuffer),
    );
  }

  /** Overwrites every secret of this session. */
  wipe(): void {
    this.#wiped = true;
    this.#seeds.wipe();
    for (const pad of this.#pads.values()) pad.fill(0);
    this.#pads.clear();
    this.#dealer?.close();
  }

  #requireOpen(): void {
    if (this.#wiped) throw new Error('the session was closed while its keys were being sent');
  }
}
