import type { Rng } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import { NONE, type PsiKeys } from '../psi/keys.ts';
import { DIGEST_BYTES, type Entries, makeEntries } from './entries.ts';
import { resultRing } from './program.ts';
import { type Records, recordsOf } from './records.ts';
import type { BlockingRun } from './run.ts';
import type { Sharding } from './shape.ts';
import type { ShardInput, ShardResult } from './shard.ts';

type Steps<Result> = Generator<void, Result>;

/**
 * One side of a run, from its shards' inputs to the input of the resolve session. Holds records, entries and shares; only shares leave it,
 * masked.
 */
export class RunSide {
  readonly #sharding: Sharding;
  readonly #records: Records;
  readonly #entries: Entries;
  readonly #row: Uint32Array;
  readonly #wordBytes: number;
  #shares: Uint8Array;
  /** H's: the bin, of those of all shards, at each place of the resolved order. */
  readonly #order: Uint32Array | undefined;

  constructor(params: Prepared & Pick<PrepareOptions, 'run' | 'side' | 'order'>) {
    const { run, side, records, entries, order } = params;
    const { sharding, shard } = run;
    this.#row = order;
    this.#sharding = sharding;
    this.#records = records;
    this.#entries = entries;
    const bins = sharding.shards * sharding.bins;
    this.#wordBytes = resultRing(shard.prefer) / 8;
    this.#shares = new Uint8Array(this.#wordBytes * bins);
    this.#order = side === 0 ? new Uint32Array(bins).fill(NONE) : undefined;
  }

  /** Own records of which the cap cut one entry at least; for their owner only. */
  get cutRecords(): number {
    return this.#entries.cutRecords;
  }

  input(shard: number): ShardInput {
    const { capacity, digests } = this.#entries;
    const places = this.#places(shard);
    return {
      digests: digests.subarray(DIGEST_BYTES * shard * capacity, DIGEST_BYTES * (shard + 1) * capacity),
      rows: places.map((place) => (place === NONE ? NONE : this.#row[place % this.#row.length]!)),
      records: this.#records,
    };
  }

  /** Takes what a shard left. */
  take(shard: number, { share, bins }: ShardResult): void {
    const first = shard * this.#sharding.bins;
    this.#shares.set(share, this.#wordBytes * first);
    if (this.#order === undefined) return;
    const places = this.#places(shard);
    for (let entry = 0; entry < places.length; entry++) {
      if (places[entry] !== NONE) this.#order[places[entry]!] = first + bins![entry]!;
    }
  }

  /** Gives away what the resolve session takes: shares, and H's bins in the order slot · rows + record, all bins where nothing of H stands wherever nothing of H belongs. */
  resolved(): { share: Uint8Array; order: Uint32Array | undefined } {
    const share = this.#shares;
    this.#shares = new Uint8Array(0);
    if (this.#order === undefined) return { share, order: undefined };
    const order = this.#order.slice();
    const taken = new Uint8Array(order.length);
    for (const bin of order) if (bin !== NONE) taken[bin] = 1;
    let free = 0;
    for (let place = 0; place < order.length; place++) {
      if (order[place] !== NONE) continue;
      while (taken[free] === 1) free++;
      order[place] = free++;
    }
    return { share, order };
  }

  #places(shard: number): Uint32Array {
    const { capacity, places } = this.#entries;
    return places.subarray(shard * capacity, (shard + 1) * capacity);
  }

  /** Overwrites all shares. */
  end(): void {
    this.#shares.fill(0);
  }
}

/** What a side's table becomes for a run, before its first shard. */
export interface Prepared {
  readonly records: Records;
  readonly entries: Entries;
}

export interface PrepareOptions {
  readonly run: BlockingRun;
  readonly side: 0 | 1;
  /** Of each blocking key, of all rows. */
  readonly keys: readonly PsiKeys[];
  /** Of the leaves' parts, as `encodeParts` gives them. */
  readonly columns: readonly Uint8Array[];
  /** The row of each number of this run: fresh, secret, random. */
  readonly order: Uint32Array;
  /** 32 bytes that both sides have and nobody else. */
  readonly runKey: Uint8Array;
  readonly kernels: Kernels;
  readonly rng: Rng;
}

/** Makes a table ready for a run. Runs at: its owner. */
export function* prepare({ run, side, keys, columns, order, runKey, kernels, rng }: PrepareOptions): Steps<Prepared> {
  const { sharding, sizes, shard } = run;
  const numbers = new Uint32Array(order.length);
  for (let number = 0; number < order.length; number++) numbers[order[number]!] = number;
  const entries = yield* makeEntries({ kernels, keys, numbers, side, cap: sizes.cap, sharding, runKey, rng });
  return { records: recordsOf(shard, side, columns, numbers), entries };
}

/** {@link prepare}, and the side that goes through the run with it. */
export function* prepareSide(options: PrepareOptions): Steps<RunSide> {
  const { run, side, order } = options;
  return new RunSide({ run, side, order, ...(yield* prepare(options)) });
}
