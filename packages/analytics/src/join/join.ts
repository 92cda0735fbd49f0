import type { PlanBuilder, Wire } from '@symbolon/engine';
import {
  type Formula,
  type LaneLeaf,
  type LanePart,
  lanePartsOf,
  laneScored,
  laneVerdict,
  scoreWidth,
} from '@symbolon/linkage';
import {
  binsOf,
  leastHubEntries,
  type Meet,
  type MeetColumn,
  type MeetShares,
  meetInputs,
  meetParts,
  where,
} from '../session/index.ts';
import { NUMBER, withoutRivals } from './rivals.ts';

/**
 * A join of the hub's records with those of one spoke by a match rule, of which nobody learns anything (PROTOCOLS §4.4): records that share a
 * blocking key are compared, and each of the hub's gets one of those that match, or none, and each of the spoke's at most one of the hub's. Numbers and
 * shapes only.
 */
export interface RuleJoin {
  /** A party but p0. */
  readonly spoke: number;
  /** Public. */
  readonly records: readonly [hub: number, spoke: number];
  /** Blocking keys. */
  readonly keys: number;
  /** Records of a block that take part, on each side. */
  readonly cap: number;
  readonly leaves: readonly LaneLeaf[];
  /** Over the leaves by number. */
  readonly verdict: Formula;
  /** Which of several that match: the first in the spoke's secret order, or that with the highest score (of a rule that is one gate). */
  readonly prefer: 'first' | 'best';
  /** What the spoke's records carry along: words and bits. */
  readonly columns: readonly Exclude<MeetColumn, { kind: 'bits' }>[];
}

/** Places where a record of the hub may meet one of the spoke. */
export function slotsOf({ keys, cap }: Pick<RuleJoin, 'keys' | 'cap'>): number {
  return keys * cap;
}

/** Lanes of the result: the hub's records in their order, up to whole words of bits. */
export function joinLanes({ records }: Pick<RuleJoin, 'records'>): number {
  return Math.ceil(records[0] / 64) * 64;
}

/** The parts of all leaves in order. */
export function joinParts({ leaves }: Pick<RuleJoin, 'leaves'>): LanePart[] {
  return leaves.flatMap((leaf) => lanePartsOf(leaf));
}

/** The meet of a join: an entry for each record, key and rank. Stored: the spoke's number, its parts of the rule, then what it carries along. */
export function joinMeet(join: RuleJoin): Meet {
  const slots = slotsOf(join);
  const stored = joinParts(join).flatMap((part): MeetColumn[] => {
    if (part.from === 'a') return [];
    return part.kind === 'word' ? [{ kind: 'word', ring: part.ring }] : [{ kind: 'bits', width: part.width }];
  });
  return {
    spoke: join.spoke,
    entries: [Math.max(leastHubEntries, slots * joinLanes(join)), slots * join.records[1]],
    columns: [{ kind: 'word', ring: wordRing(join) }, ...stored, ...join.columns],
  };
}

/** Width of the word that says which record of the spoke, with the score above it where the best is picked. */
function wordRing({ prefer }: RuleJoin): 32 | 64 {
  return prefer === 'best' ? 64 : 32;
}

/** Names of what the hub gives a plan for the join whose meet is number `at`. */
export const joinNames = {
  part: (at: number, part: number): string => `join/${at}/${part}`,
  order: (at: number): string => `join/${at}/order`,
};

/** A join whose inputs are in the plan. */
export interface JoinShares {
  readonly join: RuleJoin;
  readonly at: number;
  readonly shares: MeetShares;
  /** Of the parts that are the hub's alone; by part. */
  readonly own: readonly (Wire | undefined)[];
}

/** Declares a join's inputs, before any operation. `at`: the number of its meet in the program. */
export function joinInputs(builder: PlanBuilder, at: number, join: RuleJoin): JoinShares {
  const meet = joinMeet(join);
  const lanes = binsOf(meet.entries[0]);
  const own = joinParts(join).map((part, i) => {
    if (part.from !== 'a') return undefined;
    const name = joinNames.part(at, i);
    return part.kind === 'word'
      ? builder.input(name, 0, { ring: part.ring, size: lanes })
      : builder.inputBits(name, 0, wholeBytes(lanes) * part.width);
  });
  return { join, at, shares: meetInputs(builder, at, meet), own };
}

/** What is left of a join, all of it shares. */
export interface JoinWires {
  /** A lane a record of the hub, in an order that nobody knows: which one, and whether one of the spoke goes with it. */
  readonly places: Wire;
  readonly found: Wire;
  /** A lane a record of the hub, in their order (`joinLanes`): the columns of the spoke's, anything where none goes with it. */
  readonly columns: readonly Wire[];
}

/**
 * The result of a join, one to one. Every bin evaluates the rule; the bins come into the order slot · lanes + record by a permutation that the hub
 * alone knows; of a record's slots the largest number is taken, with its columns. So what a record of the hub picks depends on the set of matching pairs
 * alone, whichever keys bring them together. Of several that picked the same one stays (`withoutRivals`).
 *
 * A bin where nothing met, or nothing matched, holds number 0, and in its columns garbage: whoever goes on multiplies them by "found"
 * first (docs/decisions/0006).
 */
export function joinWires(builder: PlanBuilder, { join, at, shares, own }: JoinShares): JoinWires {
  const { found: met, columns } = meetParts(builder, shares);
  const [number, ...stored] = columns;
  const wires = partWires(builder, join, own, stored, binsOf(shares.meet.entries[0]));
  const word = matching(builder, join, met, number![0]!, wires);
  const carried = stored.slice(stored.length - join.columns.length).map(([wire]) => wire!);
  builder.stage();
  const ordered = builder.permute([word, ...carried], joinNames.order(at));
  builder.stage();
  const lanes = joinLanes(join);
  const slots = Array.from({ length: slotsOf(join) }, (_, slot) =>
    ordered.map((wire) => builder.slice(wire, slot * lanes, lanes)),
  );
  const [largest, ...picked] = largestOf(builder, slots);
  return { ...withoutRivals(builder, join, largest!), columns: picked };
}

/** Bits of a plane of the hub's own part, as `planesOf` gives it. */
function wholeBytes(lanes: number): number {
  return Math.ceil(lanes / 8) * 8;
}

/** Of each part of the rule a wire a word or bit. */
function partWires(
  builder: PlanBuilder,
  join: RuleJoin,
  own: readonly (Wire | undefined)[],
  stored: readonly (readonly Wire[])[],
  lanes: number,
): (readonly Wire[])[] {
  let next = 0;
  return joinParts(join).map((part, i) => {
    if (part.from !== 'a') return stored[next++]!;
    if (part.kind === 'word') return [own[i]!];
    const plane = wholeBytes(lanes);
    return Array.from({ length: part.width }, (_, bit) => builder.slice(own[i]!, plane * bit, lanes));
  });
}

/** In each bin the spoke's number, with the score above it where the best is picked, where entries met and the rule holds; 0 elsewhere. */
function matching(
  builder: PlanBuilder,
  { leaves, verdict, prefer, records }: RuleJoin,
  met: Wire,
  number: Wire,
  wires: readonly (readonly Wire[])[],
): Wire {
  const most = BigInt(records[1]);
  if (prefer === 'first') {
    const both = builder.and(met, laneVerdict(builder, leaves, verdict, wires));
    return builder.linear([[1n, builder.bitDot([both], [number])]], 0n, [0n, most]);
  }
  const scored = laneScored(builder, leaves, verdict, wires, 64);
  const word = builder.linear([
    [1n << BigInt(NUMBER), scored.score!],
    [1n, number],
  ]);
  const both = builder.and(met, scored.verdict);
  const range = [0n, (1n << BigInt(NUMBER + scoreWidth(verdict))) - 1n] as const;
  return builder.linear([[1n, builder.bitDot([both], [word])]], 0n, range);
}

/** Of rows of columns, lane by lane, the one whose first column is largest; in ⌈log2⌉ levels. */
function largestOf(builder: PlanBuilder, rows: readonly (readonly Wire[])[]): readonly Wire[] {
  if (rows.length === 1) return rows[0]!;
  const next: (readonly Wire[])[] = [];
  for (let i = 0; i + 1 < rows.length; i += 2) {
    const [x, y] = [rows[i]!, rows[i + 1]!];
    const less = builder.lessThan(x[0]!, y[0]!);
    next.push(select(builder, less, x, y));
  }
  if (rows.length % 2 === 1) next.push(rows.at(-1)!);
  return largestOf(builder, next);
}

/** y where the bit is 1, x elsewhere. */
function select(builder: PlanBuilder, bit: Wire, x: readonly Wire[], y: readonly Wire[]): Wire[] {
  const isBits = (wire: Wire): boolean => builder.type(wire).kind === 'bits';
  const change = x.map((wire, i) => (isBits(wire) ? builder.xor([wire, y[i]!]) : builder.subtract(y[i]!, wire)));
  return where(builder, bit, change).map((wire, i) =>
    isBits(wire) ? builder.xor([x[i]!, wire]) : rangeOf(builder, x[i]!, builder.add(x[i]!, wire)),
  );
}

/** A choice between two of the same range has it, too. */
function rangeOf(builder: PlanBuilder, like: Wire, wire: Wire): Wire {
  const type = builder.type(like);
  if (type.kind === 'bits' || type.range === undefined) return wire;
  const [lo, hi] = type.range.map(BigInt) as [bigint, bigint];
  return builder.linear([[1n, wire]], 0n, [lo, hi]);
}
