import { laneLeaf } from '../lanes/encode.ts';
import type { Outcome } from '../outcome.ts';
import type { CompiledRule } from '../rule/compile.ts';
import {
  entriesWithin,
  parseResolve,
  parseShard,
  type ResolveProgram,
  type ShardProgram,
  scoreWidth,
} from './program.ts';
import { type BlockingSizes, leastEntries, type Sharding, shardEntries, shardingOf, tagRings } from './shape.ts';

/** What the agreement says beside the rule; where it says nothing, many-to-many and the first. */
export interface BlockingTerms
  extends Pick<Outcome, 'reveal' | 'to'>,
    Partial<Pick<Outcome, 'cardinality' | 'prefer'>> {
  /** Number of blocking keys. */
  readonly keys: number;
  readonly cap: number;
  /** Rows of b that go with one of a, at most, of `many-to-many`; 8 if absent. */
  readonly most?: number;
}

/** A run by blocking: so many sessions of `shard`, all alike, then one of `resolve`. Both sides and the key service derive the same from public sizes. */
export interface BlockingRun {
  readonly sizes: BlockingSizes;
  readonly sharding: Sharding;
  readonly shard: ShardProgram;
  readonly resolve: ResolveProgram;
}

/** Rows of b that go with one of a where the agreement sets no number. */
export const mostPartners = 8;

/**
 * The run of a rule for tables of these sizes.
 *
 * @param target entries of a shard, about
 * @throws SymbolonError `plan-invalid` where it would be too large
 */
export function blockingRun(
  rule: CompiledRule,
  terms: BlockingTerms,
  rows: readonly [a: number, b: number],
  target = shardEntries,
): BlockingRun {
  const sizes = { rows, keys: terms.keys, cap: terms.cap };
  const leaves = rule.leaves.map((_, leaf) => laneLeaf(rule, leaf));
  const { verdict } = rule;
  const { prefer = 'first' } = terms;
  const sharding = shardingOf(sizes, Math.min(target, Math.max(leastEntries, entriesWithin({ leaves, verdict }))));
  const slots = terms.keys * terms.cap;
  // With one slot no row meets two: whatever is agreed, every pair counts.
  const cardinality = slots === 1 ? 'many-to-many' : (terms.cardinality ?? 'many-to-many');
  return {
    sizes,
    sharding,
    shard: parseShard({
      protocol: 'link-shard/1',
      entries: sharding.capacity,
      rows: rows[1],
      tag: tagRings(sharding),
      leaves,
      verdict,
      prefer,
    }),
    resolve: parseResolve({
      protocol: 'link-resolve/1',
      rows,
      slots,
      bins: sharding.shards * sharding.bins,
      most: cardinality === 'many-to-many' ? Math.min(terms.most ?? mostPartners, slots) : 1,
      cardinality,
      score: prefer === 'best' ? scoreWidth(verdict) : 0,
      reveal: terms.reveal,
      to: terms.to,
    }),
  };
}
