import { keyRows, type PlanBuilder, segmentStarts, sortBy, type Wire } from '@symbolon/engine';
import { scoreWidth } from '@symbolon/linkage';
import { indexLike } from '../secure/scan.ts';
import type { RuleJoin } from './join.ts';

/** Bits of the number of the spoke's record in a pick, below the score. */
export const NUMBER = 32;

/**
 * Of records of the hub that picked the same of the spoke, one stays: that with the highest score; of equal ones, any, as a shuffle has it that
 * nobody knows. Shuffled, then sorted by the spoke's number and the score below it, stably: of each run of equal numbers the first stays. Shuffled again, so
 * that whoever learns which record of the hub stands where learns a uniform order.
 *
 * @param picks the number of the spoke's record, counted down, with the score above it; 0 for none
 * @returns for each record, in an order that nobody knows, its place and whether it stays
 */
export function withoutRivals(builder: PlanBuilder, join: RuleJoin, picks: Wire): { places: Wire; found: Wire } {
  const { size } = builder.type(picks);
  const numbers = join.prefer === 'best' ? builder.narrow(picks, NUMBER, [0n, BigInt(join.records[1])]) : picks;
  const key = keyRows(builder, picks, keyBits(join));
  const shuffled = builder.shuffle([builder.not(key.wire), numbers, indexLike(builder, numbers)], size);
  builder.stage();
  const [sort, ...columns] = shuffled as [Wire, Wire, Wire];
  const [number, place] = sortBy(builder, [{ wire: sort, width: key.width }], columns, size) as [Wire, Wire];
  const stays = builder.and(segmentStarts(builder, number), builder.not(builder.isZero(number)));
  const [places, found] = builder.shuffle([place, stays], size) as [Wire, Wire];
  builder.stage();
  return { places, found };
}

/** The number first, and the score below it; of the complement, so that the highest comes first. */
function keyBits({ records, prefer, verdict }: RuleJoin): number[] {
  const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);
  const score = prefer === 'best' ? from(NUMBER, scoreWidth(verdict)) : [];
  return [...score, ...from(0, records[1].toString(2).length)];
}
