import type { PlanBuilder, Wire } from '@symbolon/engine';
import { cellName } from '../secure/given.ts';
import { mayBeEmpty, type Ruled } from '../secure/release.ts';
import type { TestedCounts } from './survival.ts';

const countsName = 'counts';

/** Keeps the counts of a party of the hub as shares for a last session. */
export function keepCounts(builder: PlanBuilder, { counts, enough, none }: TestedCounts): void {
  builder.keep(counts, countsName);
  for (const [i, wire] of enough.entries()) builder.keep(wire, cellName.enough(i));
  for (const [i, wire] of (none ?? []).entries()) builder.keep(wire, cellName.none(i));
}

/**
 * The shares that the parties of an earlier unit kept, as inputs.
 *
 * @param size of the counts; `supports`: of how many sets of rows they are
 * @returns their sums, to be asked for when all inputs are declared
 */
export function declareKeptCounts(
  builder: PlanBuilder,
  bound: Ruled,
  { unit, parties }: { unit: number; parties: readonly number[] },
  { size, supports, most }: { size: number; supports: number; most: number },
): () => TestedCounts {
  const name = (of: string, party: number): string => cellName.kept(unit, party, of);
  const words = parties.map((party) => builder.input(name(countsName, party), party, { ring: 64, size }));
  const bits = (of: (support: number) => string): Wire[][] =>
    Array.from({ length: supports }, (_, i) => parties.map((party) => builder.inputBits(name(of(i), party), party, 1)));
  const enough = bits(cellName.enough);
  const none = mayBeEmpty(bound) ? bits(cellName.none) : undefined;
  const all = (shares: readonly Wire[][]): Wire[] => shares.map((each) => builder.xor(each));
  return () => ({
    counts: builder.linear(
      words.map((share) => [1n, share]),
      0n,
      [0n, BigInt(most)],
    ),
    enough: all(enough),
    none: none && all(none),
  });
}
