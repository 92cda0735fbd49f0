import { keyRows, type PlanBuilder, type SortKey, segmentStarts, sortBy, type Wire } from '@symbolon/engine';
import { NUMBER, type ResolveProgram } from './program.ts';

/*
 * one-to-one: a pair counts where b is a's pick and a is the first of those that picked b; by `best`, the first of those with the highest score. Sorted by S's
 * number, then by score, stably, so by a's number; of each run of equal numbers the first stays. What stays is shuffled before it opens: where
 * a dropped pair stood would say between which other numbers, so whose rival it was. How many dropped, nobody learns either: they open as rows without
 * a pick do.
 *
 * Over all pairs a pair counts only where a is also the first of all that match b, picked or not; here nobody has a list of b's matches. So here a row of
 * b whose first match picked another still goes with the first that picked it: every pair of that definition is one of these.
 */

/** H's input: its rows' numbers, counted from 1. */
export const placeName = 'place';
/** What opens: pairs of numbers, or 0 and 0. */
export const oneToOneNames = ['pairs/a', 'pairs/b'] as const;

/** Bits of a row's key in the sort: S's number, and the score below it. */
function keyBits({ rows, score }: Pick<ResolveProgram, 'rows' | 'score'>): number[] {
  const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);
  return [...from(NUMBER, score), ...from(0, rows[1].toString(2).length)];
}

/** Work on a record's key, in slots of the tournament. */
export function keySlots(program: Pick<ResolveProgram, 'rows' | 'score'>): number {
  return keyBits(program).length;
}

/** The sort key of some records' picks. The largest comes first, so the complement of the bits. */
export function pickKeys(builder: PlanBuilder, program: ResolveProgram, picks: Wire): Wire {
  return builder.not(keyRows(builder, picks, keyBits(program)).wire);
}

/**
 * Where a's pick has no earlier rival, a's number and S's, counted down; zeros elsewhere. In sorted order, which must not open.
 * @param params.keys of `pickKeys`; params.picks S's numbers; params.places a's
 */
export function withoutRivals(
  builder: PlanBuilder,
  program: ResolveProgram,
  { keys, picks, places }: Record<'keys' | 'picks' | 'places', Wire>,
): { stays: Wire; pairs: Wire[] } {
  const [records] = program.rows;
  const key: SortKey = { wire: keys, width: keySlots(program) };
  const [a, b] = sortBy(builder, [key], [places, picks], records) as [Wire, Wire];
  const stays = builder.and(segmentStarts(builder, b), builder.not(builder.isZero(b)));
  return { stays, pairs: [a, b].map((wire) => builder.bitDot([stays], [wire])) };
}
