import { canonicalBytes, cuckooBins } from '@symbolon/crypto';
import { demand, fields, isWithin } from '../fields.ts';
import { type LaneLeaf, laneNodes, lanePartsOf, parseLaneLeaf } from '../lanes/program.ts';
import { type Outcome, parseCardinality, parsePrefer, parseReveal } from '../outcome.ts';
import { type Formula, isGate, sizeOf } from '../verdict/formula.ts';
import { parseVerdict } from '../verdict/parse.ts';
import { layoutOf, type PartShape } from './layout.ts';
import { leastEntries } from './shape.ts';

/** One shard: entries meet, and the rule is evaluated where they might have. */
export interface ShardProgram {
  readonly protocol: 'link-shard/1';
  /** Entries of a, of b, dummies included. */
  readonly entries: readonly [a: number, b: number];
  /** Rows of b. */
  readonly rows: number;
  /** Widths of the words of a tag. */
  readonly tag: readonly (64 | 16)[];
  readonly leaves: readonly LaneLeaf[];
  /** Over the leaves by number. */
  readonly verdict: Formula;
  /** `best`: what is kept of a pair says its score too; the verdict is one gate. */
  readonly prefer: Outcome['prefer'];
}

/** From the shares of all bins to pairs. */
export interface ResolveProgram {
  readonly protocol: 'link-resolve/1';
  readonly rows: readonly [a: number, b: number];
  /** Places where a record of a may meet one of b: keys · cap. */
  readonly slots: number;
  /** Bins of all shards. */
  readonly bins: number;
  /** Rows of b that go with one of a, at most. */
  readonly most: number;
  /** Which pairs count; but for `many-to-many`, `most` is 1. */
  readonly cardinality: Outcome['cardinality'];
  /** Bits of the scores that stand above S's numbers; 0 where the first is picked. */
  readonly score: number;
  readonly reveal: Outcome['reveal'];
  /** Who learns: 0, 1. */
  readonly to: readonly number[];
}

const limits = {
  bytes: 16_384,
  rows: 2 ** 27,
  entries: 2 ** 19,
  leaves: 32,
  rowBytes: 256,
  /** Nodes of a shard's plan, about; and those of all its lanes: half a gigabyte of answer key. */
  nodes: 2 ** 17,
  laneNodes: 2 ** 32,
  slots: 256,
  /** Permuted in one session, in memory. */
  bins: 2 ** 25,
  most: 16,
  /** Of a, sorted in one session, in memory. */
  sorted: 2 ** 22,
  /** Slots of all rows, as often as one is taken: 10 GB of answer key. */
  taken: 2 ** 27,
};

/** Entries that a shard of a rule may have at most, about, in so far as the rule bounds them. */
export function entriesWithin(rule: Pick<ShardProgram, 'leaves' | 'verdict'>): number {
  return Math.floor(limits.laneNodes / (2 * shardNodes(rule)));
}

/** Reads a program that came from elsewhere. Strict: exactly these fields, bounded work; anything else throws `plan-invalid`, naming the field. */
export function parseShard(value: unknown): ShardProgram {
  const [protocol, entries, rows, tag, leaves, verdict, prefer] = fields(value, 'program', [
    'protocol',
    'entries',
    'rows',
    'tag',
    'leaves',
    'verdict',
    'prefer',
  ]);
  demand(protocol === 'link-shard/1', 'protocol is link-shard/1');
  demand(
    isPair(entries, leastEntries, limits.entries),
    `entries are two numbers of ${leastEntries} to ${limits.entries}`,
  );
  demand(isWithin(rows, 1, limits.rows), `rows is 1 to ${limits.rows}`);
  demand(
    Array.isArray(leaves) && leaves.length >= 1 && leaves.length <= limits.leaves,
    `leaves are 1 to ${limits.leaves}`,
  );
  const parsed = leaves.map((leaf, i) => parseLaneLeaf(leaf, `leaf ${i}`));
  const program: ShardProgram = {
    protocol: 'link-shard/1',
    entries,
    rows,
    tag: oneOf([[64], [64, 16]] as const, tag, 'tag is 64, or 64 and 16'),
    leaves: parsed,
    verdict: parseVerdict(verdict, parsed.length),
    prefer: parsePrefer(prefer),
  };
  demand(
    program.prefer === 'first' || isGate(program.verdict),
    'the best has the highest score: the verdict is one gate',
  );
  const nodes = shardNodes(program);
  demand(nodes <= limits.nodes, 'the plan would be too long');
  demand(nodes * binsOfShard(program) <= limits.laneNodes, 'the work is too much for one shard');
  demand(storedLayout(program).rowBytes <= limits.rowBytes, `a record takes ${limits.rowBytes} bytes at most`);
  demand(canonicalBytes(program).length <= limits.bytes, `a program has at most ${limits.bytes} bytes`);
  return program;
}

export function parseResolve(value: unknown): ResolveProgram {
  const names = ['protocol', 'rows', 'slots', 'bins', 'most', 'cardinality', 'score', 'reveal', 'to'];
  const [protocol, rows, slots, bins, most, cardinality, score, reveal, to] = fields(value, 'program', names);
  demand(protocol === 'link-resolve/1', 'protocol is link-resolve/1');
  demand(isPair(rows, 1, limits.rows), `rows are two numbers of 1 to ${limits.rows}`);
  demand(isWithin(slots, 1, limits.slots), `slots is 1 to ${limits.slots}`);
  demand(isWithin(bins, rows[0] * slots, limits.bins), `bins is the slots of all rows to ${limits.bins}`);
  demand(isWithin(most, 1, Math.min(slots, limits.most)), `most is 1 to ${limits.most}, and no more than the slots`);
  const counts = parseCardinality(cardinality);
  demand(counts === 'many-to-many' || most === 1, 'most is 1 where a row of a picks one');
  demand(counts !== 'one-to-one' || rows[0] <= limits.sorted, `one-to-one is for ${limits.sorted} rows of a at most`);
  demand(isWithin(score, 0, scoreBits), `score is 0 to ${scoreBits} bits`);
  demand(rows[0] * slots * most <= limits.taken, 'the work is too much for one program');
  const learns = oneOf([[0], [1], [0, 1]] as const, to, 'to is 0, 1 or both');
  return {
    protocol: 'link-resolve/1',
    rows,
    slots,
    bins,
    most,
    cardinality: counts,
    score,
    reveal: parseReveal(reveal),
    to: learns,
  };
}

/** Lanes of a shard's plan. */
export function binsOfShard({ entries }: ShardProgram): number {
  return cuckooBins(entries[0]);
}

/** What stands in a stored row, under pads: tag words, S's number, then what S contributes to the leaves. */
export function storedParts({ tag, leaves, prefer }: Stored): PartShape[] {
  const leafParts = leaves.flatMap((leaf) => lanePartsOf(leaf)).filter(({ from }) => from !== 'a');
  return [
    ...tag.map((ring) => ({ kind: 'word', ring }) as const),
    { kind: 'word', ring: resultRing(prefer) },
    ...leafParts,
  ];
}

/** What says how a record is stored. */
export type Stored = Pick<ShardProgram, 'tag' | 'leaves' | 'prefer'>;

/** Width of the word that says which row. */
export const NUMBER = 32;

/** Bits that a score may have beside it: a word is not negative. */
const scoreBits = 63 - NUMBER;

/** Width of the word that is kept of a pair: S's number, with the score above it where the best is picked. */
export function resultRing(prefer: Outcome['prefer']): 32 | 64 {
  return prefer === 'best' ? 64 : NUMBER;
}

/** Bits of the highest score of a gate: how far above its bound. */
export function scoreWidth(verdict: Formula): number {
  demand(isGate(verdict), 'the best has the highest score: the verdict is one gate');
  const most = verdict.score.reduce((sum, [weight]) => sum + (BigInt(weight) > 0n ? BigInt(weight) : 0n), 0n);
  const highest = most - BigInt(verdict.atLeast);
  return highest > 0n ? highest.toString(2).length : 1;
}

export function storedLayout(program: Stored) {
  return layoutOf(storedParts(program));
}

/** Nodes of a lane, about. */
function shardNodes({ leaves, verdict }: Pick<ShardProgram, 'leaves' | 'verdict'>): number {
  return leaves.reduce((sum, leaf) => sum + laneNodes(leaf), sizeOf(verdict));
}

/** The list that `value` equals, number by number. */
function oneOf<List extends readonly number[]>(lists: readonly List[], value: unknown, rule: string): List {
  demand(Array.isArray(value), rule);
  const found = lists.find((list) => list.length === value.length && list.every((one, i) => one === value[i]));
  demand(found !== undefined, rule);
  return found;
}

function isPair(value: unknown, lo: number, hi: number): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => isWithin(one, lo, hi));
}
