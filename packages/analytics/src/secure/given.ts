import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { BoundStudy, Opened } from '../sql/index.ts';
import type { PartyCells } from './cells.ts';
import { type Interval, withZero } from './nodes.ts';
import { type Patients, saysNone } from './release.ts';

/** The cells of one party of the hub, and whether enough of its patients stand behind them. */
export type TestedCells = Pick<PartyCells, 'numbers'> & Patients;

/** Names of cells, as a party gives its own and as shares of them are kept. */
export const cellName = {
  number: (opened: number): string => `number/${opened}`,
  enough: (support: number): string => `enough/${support}`,
  none: (support: number): string => `none/${support}`,
  own: (party: number, name: string): string => `own/${party}/${name}`,
  kept: (unit: number, party: number, name: string): string => `kept/${unit}/${party}/${name}`,
};

/** A party's aggregates of its own rows, as inputs. */
export function declareCells(builder: PlanBuilder, bound: BoundStudy, party: number): TestedCells {
  const size = bound.cells!;
  const name = (of: string): string => cellName.own(party, of);
  const bits = (of: (support: number) => string): Wire[] =>
    bound.supports.map((_, i) => builder.inputBits(name(of(i)), party, size));
  return {
    numbers: bound.opened.map((number, i) =>
      number.kind === 'quantile'
        ? undefined
        : builder.input(name(cellName.number(i)), party, { ring: 64, size, range: numberRange(number, bound) }),
    ),
    enough: bits(cellName.enough),
    none: saysNone(bound) ? bits(cellName.none) : undefined,
  };
}

/** Keeps cells as shares for a last session. */
export function keepCells(builder: PlanBuilder, { numbers, enough, none }: TestedCells): void {
  for (const [i, wire] of numbers.entries()) if (wire !== undefined) builder.keep(wire, cellName.number(i));
  for (const [i, wire] of enough.entries()) builder.keep(wire, cellName.enough(i));
  for (const [i, wire] of (none ?? []).entries()) builder.keep(wire, cellName.none(i));
}

/**
 * The shares that the parties of an earlier unit kept, as inputs.
 *
 * @returns their sums, to be asked for when all inputs are declared
 */
export function declareKept(
  builder: PlanBuilder,
  bound: BoundStudy,
  { unit, parties }: { unit: number; parties: readonly number[] },
): () => TestedCells {
  const size = bound.cells!;
  const words = (name: string): Wire[] =>
    parties.map((party) => builder.input(cellName.kept(unit, party, name), party, { ring: 64, size }));
  const bits = (name: string): Wire[] =>
    parties.map((party) => builder.inputBits(cellName.kept(unit, party, name), party, size));
  const numbers = bound.opened.map((number, i) =>
    number.kind === 'quantile' ? undefined : { number, shares: words(cellName.number(i)) },
  );
  const enough = bound.supports.map((_, i) => bits(cellName.enough(i)));
  const none = saysNone(bound) ? bound.supports.map((_, i) => bits(cellName.none(i))) : undefined;
  const all = (shares: readonly Wire[][]): Wire[] => shares.map((each) => builder.xor(each));
  return () => ({
    numbers: numbers.map(
      (each) =>
        each &&
        builder.linear(
          each.shares.map((share) => [1n, share]),
          0n,
          numberRange(each.number, bound),
        ),
    ),
    enough: all(enough),
    none: none && all(none),
  });
}

function numberRange(number: Opened, { tables }: BoundStudy): Interval {
  if (number.kind === 'sum') return withZero(number.range.map(BigInt) as [bigint, bigint]);
  const { maxRows, parties } = tables[0]!;
  return [0n, BigInt(maxRows) * BigInt(parties.length)];
}
