import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { Side } from '../rule/value.ts';
import { planesOf } from './bits.ts';
import type { LaneWires } from './circuit.ts';
import { type LaneLeaf, type LanePart, lanePartsOf } from './program.ts';

/*
 * All pairs of two tables in lanes: each side's part is one input, a word a row or plane after plane in whole bytes; rows of a are repeated and
 * rows of b tiled, so that lane i · rows of b + j holds row i of a and row j of b.
 */

const owners = { a: 0, b: 1 };

/** Inputs of one side for a leaf, `name/<part>`; undefined for parts that are not from it. */
export function pairInputs(
  builder: PlanBuilder,
  leaf: LaneLeaf,
  side: Side,
  rows: number,
  name: string,
): (Wire | undefined)[] {
  return lanePartsOf(leaf).map((part, i) => {
    if (!isFrom(part, side)) return undefined;
    return part.kind === 'word'
      ? builder.input(`${name}/${i}`, owners[side], { ring: part.ring, size: rows })
      : builder.inputBits(`${name}/${i}`, owners[side], part.width * planeBits(rows));
  });
}

/** What goes into these inputs, of `encodeParts`. */
export function pairBytes(
  leaf: LaneLeaf,
  side: Side,
  parts: readonly Uint8Array[],
  name: string,
): Record<string, Uint8Array> {
  return Object.fromEntries(
    lanePartsOf(leaf).flatMap((part, i) => {
      if (!isFrom(part, side)) return [];
      return [[`${name}/${i}`, part.kind === 'word' ? parts[i]! : planesOf(parts[i]!, part.width)]];
    }),
  );
}

/** The wires of a leaf for `count` rows of a, from row `from` (of bits: a multiple of 8), against all rows of b. */
export function pairWires(
  builder: PlanBuilder,
  leaf: LaneLeaf,
  inputs: Readonly<Record<Side, readonly (Wire | undefined)[]>>,
  rows: Readonly<Record<Side, number>>,
  { from, rows: count }: { readonly from: number; readonly rows: number },
): LaneWires {
  const of = (part: LanePart, side: Side, input: Wire): Wire[] => {
    const [at, size] = side === 'a' ? [from, count] : [0, rows.b];
    const spread = (wire: Wire): Wire => (side === 'a' ? builder.repeat(wire, rows.b) : builder.tile(wire, count));
    if (part.kind === 'word') return [spread(builder.slice(input, at, size))];
    return Array.from({ length: part.width }, (_, plane) =>
      spread(builder.slice(input, plane * planeBits(rows[side]) + at, size)),
    );
  };
  return lanePartsOf(leaf).map((part, i) => {
    const [a, b] = (['a', 'b'] as const).map((side) => {
      const input = inputs[side][i];
      return input === undefined ? undefined : of(part, side, input);
    });
    if (a === undefined || b === undefined) return (a ?? b)!;
    return a.map((wire, k) => (part.kind === 'word' ? builder.add(wire, b[k]!) : builder.xor([wire, b[k]!])));
  });
}

function isFrom({ from }: LanePart, side: Side): boolean {
  return from === 'both' || from === side;
}

/** Bits of a plane: whole bytes. */
function planeBits(rows: number): number {
  return 8 * Math.ceil(rows / 8);
}
