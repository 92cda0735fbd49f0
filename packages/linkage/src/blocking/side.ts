import type { Rng } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import { NONE, type PsiKeys } from '../psi/keys.ts';
import { type Entries, makeEntries } from './entries.ts';
import { type Records, recordsOf } from './records.ts';
import type { BlockingRun } from './run.ts';
import type { Sharding } from './shape.ts';
import type { ShardInput, ShardResult } from './shard.ts';

/**
 * One side of a run, from its shards' inputs to the input of the resolve session. Holds records, entries and shares; only shares leave it,
 * masked.
 */
export class RunSide {
  readonly #sharding: Sharding;
  readonly #records: Records;
  readonly #entries: Entries;
  readonly #row: Uint32Array;
  readonly #shares: Uint8Array;
  /** H's: the bin, of those of all shards, at each place of the resolved order. */
  readonly #order: Uint32Array | undefined;

  /** @param params.order the row of each number */
  constructor(params: { side: 0 | 1; sharding: Sharding; records: Records; entries: Entries; order: Uint32Array }) {
    const { side, sharding, records, entries, order } = params;
    this.#row = order;
    this.#sharding = sharding;
    this.#records = records;
    this.#entries = entries;
    const bins = sharding.shards * sharding.bins;
    this.#shares = new Uint8Array(4 * bins);
    this.#order = side === 0 ? new Uint32Array(bins).fill(NONE) : undefined;
  }

  /** Own records of which the cap cut one entry at least; for their owner only. */
  get cutRecords(): number {
    return this.#entries.cutRecords;
  }

  input(shard: number): ShardInput {
    const places = this.#entries.places(shard);
    return {
      digests: this.#entries.digests(shard),
      rows: places.map((place) => (place === NONE ? NONE : this.#row[place % this.#row.length]!)),
      records: this.#records,
    };
  }

  /** Takes what a shard left. */
  take(shard: number, { share, bins }: ShardResult): void {
    const first = shard * this.#sharding.bins;
    this.#shares.set(share, 4 * first);
    if (this.#order === undefined) return;
    for (const [entry, place] of this.#entries.places(shard).entries()) {
      if (place !== NONE) this.#order[place] = first + bins![entry]!;
    }
  }

  /** Of the resolve session: H's bins in the order slot · rows + record, all bins where nothing of H stands wherever nothing of H belongs. */
  resolved(): { share: Uint8Array; order: Uint32Array | undefined } {
    if (this.#order === undefined) return { share: this.#shares, order: undefined };
    const order = this.#order.slice();
    const taken = new Uint8Array(order.length);
    for (const bin of order) if (bin !== NONE) taken[bin] = 1;
    let free = 0;
    for (let place = 0; place < order.length; place++) {
      if (order[place] !== NONE) continue;
      while (taken[free] === 1) free++;
      order[place] = free++;
    }
    return { share: this.#shares, order };
  }

  /** Overwrites all shares. */
  end(): void {
    this.#shares.fill(0);
  }
}

/**
 * Makes a side ready for a run. Runs at: the owner of the table.
 *
 * @param keys of each blocking key, of all rows
 * @param columns of the leaves' parts, as `encodeParts` gives them
 * @param order the row of each number of this run: fresh, secret, random
 * @param runKey 32 bytes that both sides have and nobody else
 */
export function* prepareSide(params: {
  run: BlockingRun;
  side: 0 | 1;
  keys: readonly PsiKeys[];
  columns: readonly Uint8Array[];
  order: Uint32Array;
  runKey: Uint8Array;
  kernels: Kernels;
  rng: Rng;
}): Generator<void, RunSide> {
  const { run, side, keys, columns, order, runKey, kernels, rng } = params;
  const { sharding, sizes, shard } = run;
  const numbers = new Uint32Array(order.length);
  for (let number = 0; number < order.length; number++) numbers[order[number]!] = number;
  const entries = yield* makeEntries({ kernels, keys, numbers, side, cap: sizes.cap, sharding, runKey, rng });
  return new RunSide({ side, sharding, records: recordsOf(shard, side, columns, numbers), entries, order });
}
