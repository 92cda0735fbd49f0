import { setImmediate } from 'node:timers/promises';
import { Prg } from '@symbolon/crypto';
import { type Masks, withInputPads } from '@symbolon/engine';
import { createKernels, type Kernels } from '@symbolon/kernels';
import { dealProgram, type Program } from '@symbolon/service/threads';

/** What an answer key is made of. */
export interface DealingOrder {
  readonly program: Program;
  /** Of p0 … pN−1, 32 bytes each; overwritten. */
  readonly seeds: readonly Uint8Array[];
  /** Full-length pads by their number in the program, where the agreement asks for them; overwritten. */
  readonly pads: ReadonlyMap<number, Uint8Array> | undefined;
}

/** Bytes of an answer key that may wait for their reader before more is dealt. */
const aheadBytes = 16 << 20;

// Memory that was touched once is faster than fresh.
const idleKernels: Kernels[] = [];

/** The answer key of one session, dealt ahead of its reader, within bounds. Runs at: a thread. */
export class Dealing {
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #state: 'dealing' | 'done' | 'stopped' | { readonly failed: unknown } = 'dealing';
  #changed: () => void = () => undefined;

  constructor(order: DealingOrder) {
    void this.#deal(order).then(
      () => this.#ended('done'),
      (failed: unknown) => this.#ended({ failed }),
    );
  }

  /** The next chunk; undefined at the end. One call at a time. */
  async next(): Promise<Uint8Array | undefined> {
    while (this.#queue.length === 0 && this.#state === 'dealing') await this.#change();
    const chunk = this.#queue.shift();
    this.#queued -= chunk?.length ?? 0;
    if (chunk === undefined && typeof this.#state === 'object') throw this.#state.failed;
    this.#changed();
    return chunk;
  }

  /** Ends it: everything is overwritten as soon as the stage that is being dealt is done. */
  stop(): void {
    this.#ended('stopped');
  }

  async #deal({ program, seeds, pads }: DealingOrder): Promise<void> {
    const generators = seeds.map((seed) => new Prg(seed));
    const kernels = idleKernels.pop() ?? createKernels();
    const masks: Masks[] = generators.map((prg) =>
      pads === undefined ? prg : withInputPads(prg, (node) => pads.get(node)!),
    );
    try {
      for (const chunk of dealProgram({ program, masks, kernels })) {
        if (chunk.length > 0) this.#queue.push(chunk);
        this.#queued += chunk.length;
        this.#changed();
        await setImmediate();
        while (this.#state === 'dealing' && this.#queued >= aheadBytes) await this.#change();
        if (this.#state !== 'dealing') return;
      }
    } finally {
      for (const prg of generators) prg.zeroise();
      for (const secret of [...seeds, ...(pads?.values() ?? [])]) secret.fill(0);
      kernels.arena.zeroise();
      idleKernels.push(kernels);
    }
  }

  /** Two may wait: whoever reads, and whoever deals; each looks again. */
  #change(): Promise<void> {
    const before = this.#changed;
    return new Promise((resolve) => {
      this.#changed = () => [before(), resolve()];
    });
  }

  #ended(state: 'done' | 'stopped' | { readonly failed: unknown }): void {
    if (this.#state === 'dealing') this.#state = state;
    if (state === 'stopped') this.#queue.length = 0;
    this.#changed();
  }
}
