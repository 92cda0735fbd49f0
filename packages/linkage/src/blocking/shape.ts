import { cuckooBins, okvsBytes } from '@symbolon/crypto';

/** What a run by blocking is made of, from public sizes alone. */
export interface BlockingSizes {
  /** Rows of a (the hub, H) and of b (S). */
  readonly rows: readonly [a: number, b: number];
  /** Blocking keys. */
  readonly keys: number;
  /** Records of a block that take part, on each side. */
  readonly cap: number;
}

/** How the entries of a run are cut into shards. */
export interface Sharding {
  readonly shards: number;
  /** Entries of a shard, padded with dummies: of a, of b. */
  readonly capacity: readonly [a: number, b: number];
  /** Bins of a shard: the lanes of its plan. */
  readonly bins: number;
}

/** Fewer entries are padded to so many: below, cuckoo hashing fails too often (PROTOCOLS §4). */
export const leastEntries = 4096;
/** Entries of the larger side in a shard, about: tens of megabytes of work, a second or two. */
export const shardEntries = 2 ** 17;
/** Of a run that wants a shard to hold more than it can: 2^-overflowBits at most. */
const overflowBits = 40;

/** Every record makes one entry for each key and each rank that a record of the other side may have. */
export function entriesOf({ rows, keys, cap }: BlockingSizes): readonly [a: number, b: number] {
  return [rows[0] * keys * cap, rows[1] * keys * cap];
}

export function shardingOf(sizes: BlockingSizes, target = shardEntries): Sharding {
  const entries = entriesOf(sizes);
  const shards = Math.ceil(Math.max(...entries) / target);
  const [a, b] = entries.map((n) => capacityOf(n, shards)) as [number, number];
  return { shards, capacity: [a, b], bins: cuckooBins(a) };
}

/**
 * How many of n entries may fall into one of `shards` shards, each by a hash: more in any shard of either side with probability
 * ≤ 2^-40. For a sum X of independent bits with mean μ, P[X ≥ μ + t] ≤ exp(−t² / (2μ + 2t/3)) (Bernstein); solved for t.
 */
export function capacityOf(n: number, shards: number): number {
  if (shards === 1) return Math.max(leastEntries, n);
  const mean = n / shards;
  const nats = (overflowBits + Math.log2(2 * shards)) * Math.LN2;
  const more = nats / 3 + Math.sqrt((nats / 3) ** 2 + 2 * nats * mean);
  return Math.max(leastEntries, Math.min(n, Math.ceil(mean + more)));
}

/** Words of a tag: 40 + ⌈log2(all bins of the run)⌉ bits at least, so that bins where nothing met pass with probability ≤ 2^-40 in all. */
export function tagRings({ shards, bins }: Sharding): readonly (64 | 16)[] {
  return 40 + Math.ceil(Math.log2(shards * bins)) <= 64 ? [64] : [64, 16];
}

/** What a shard moves before its plan begins, in bytes. */
export interface MeetCost {
  /** H's entries under a one-time pad: H to S. The vector-OLE's C, from the dealer to H, has as many. */
  readonly vectorBytes: number;
  /** S's records under one-time pads: S to H. */
  readonly storeBytes: number;
}

export function meetCost([a, b]: readonly [number, number], rowBytes: number): MeetCost {
  return { vectorBytes: okvsBytes(a), storeBytes: okvsBytes(THIRDS * b, rowBytes / 16) };
}

/** Bins in which an entry may stand, one in each third. */
export const THIRDS = 3;
