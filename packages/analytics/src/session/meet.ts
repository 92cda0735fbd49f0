import { fault } from '@symbolon/crypto';
import type { PlanBuilder, Wire } from '@symbolon/engine';
import { type Layout, layoutOf, type PartShape, planeBits } from '@symbolon/linkage';
import { binsOf, type Meet, type MeetColumn } from './program.ts';

/** The shares of a meet in a plan, a lane a bin: what the hub decodes, and the pads that the spoke put over it. */
export interface MeetShares {
  readonly meet: Meet;
  /** By the fields of a stored row (`storedFields`). */
  readonly hub: readonly Wire[];
  readonly spoke: readonly Wire[];
}

/** What a stored row holds: the tag, words, columns of several bits, and the columns of one bit together. */
export function storedFields({ columns }: Pick<Meet, 'columns'>): PartShape[] {
  const words = columns.flatMap((column) =>
    column.kind === 'word' ? [{ kind: 'word', ring: column.ring } as const] : [],
  );
  const bits = columns.filter((column) => column.kind === 'bits');
  const width = columns.length - words.length - bits.length;
  return [{ kind: 'word', ring: 64 }, ...words, ...bits, ...(width > 0 ? [{ kind: 'bits', width } as const] : [])];
}

/** The field of each column in a row, and its place in it: 0 but for columns of one bit. */
export function placesOf({ columns }: Pick<Meet, 'columns'>): { readonly field: number; readonly bit: number }[] {
  const count = (kind: MeetColumn['kind']): number => columns.filter((column) => column.kind === kind).length;
  const next = { word: 1, bits: 1 + count('word'), bit: 0 };
  return columns.map(({ kind }) =>
    kind === 'bit' ? { field: 1 + count('word') + count('bits'), bit: next.bit++ } : { field: next[kind]++, bit: 0 },
  );
}

/** How the spoke stores them. */
export function rowLayout(meet: Pick<Meet, 'columns'>): Layout {
  return layoutOf(storedFields(meet));
}

/** How the names of all shares of meets begin: no other input's does. */
export const sharePrefix = 'meet/';

/** The names of a meet's share of a field in a plan: the hub's input, the spoke's random value. */
export const hubShare = (at: number, field: number): string => `${sharePrefix}${at}/hub/${field}`;
export const spokeShare = (at: number, field: number): string => `${sharePrefix}${at}/spoke/${field}`;

/**
 * Declares the shares of meet number `at` of a program, before any operation: inputs of p0, and random values of the spoke, which sends nothing.
 *
 * @throws SymbolonError `plan-invalid`
 */
export function meetInputs(builder: PlanBuilder, at: number, meet: Meet): MeetShares {
  const lanes = binsOf(meet.entries[0]);
  const bits = (width: number): number => planeBits(lanes) * width;
  const fields = storedFields(meet);
  return {
    meet,
    hub: fields.map((field, i) =>
      field.kind === 'word'
        ? builder.input(hubShare(at, i), 0, { ring: field.ring, size: lanes })
        : builder.inputBits(hubShare(at, i), 0, bits(field.width)),
    ),
    spoke: fields.map((field, i) =>
      field.kind === 'word'
        ? builder.random(spokeShare(at, i), meet.spoke, { ring: field.ring, size: lanes })
        : builder.randomBits(spokeShare(at, i), meet.spoke, bits(field.width)),
    ),
  };
}

/**
 * What a meet leaves in each bin: whether the hub's entry there met one of the spoke, and the columns of that one: a wire a word, a wire a bit.
 * Where none met the columns are uniform garbage, which must be multiplied by something that is 0 there before it opens. It passes for an
 * entry with probability 2^-64.
 */
export function meetParts(
  builder: PlanBuilder,
  { meet, hub, spoke }: MeetShares,
): { readonly found: Wire; readonly columns: readonly (readonly Wire[])[] } {
  const lanes = binsOf(meet.entries[0]);
  const plane = planeBits(lanes);
  const joined = storedFields(meet).map(({ kind }, i) =>
    kind === 'word' ? builder.subtract(hub[i]!, spoke[i]!) : builder.xor([hub[i]!, spoke[i]!]),
  );
  const places = placesOf(meet);
  const columns = meet.columns.map((column, i) => {
    const { field, bit } = places[i]!;
    const wire = joined[field]!;
    if (column.kind === 'word') return [wire];
    const width = column.kind === 'bits' ? column.width : 1;
    return Array.from({ length: width }, (_, k) => builder.slice(wire, plane * (bit + k), lanes));
  });
  return { found: builder.isZero(joined[0]!), columns };
}

/**
 * The result of a meet, a lane a bin: whether the hub's entry there met one of the spoke, and the columns of that one, 0 where none met. Words have
 * no range; give them that of their column by `linear`.
 *
 * @throws SymbolonError `plan-invalid` for columns of several bits
 */
export function meetWires(
  builder: PlanBuilder,
  shares: MeetShares,
): { readonly found: Wire; readonly columns: readonly Wire[] } {
  const { meet } = shares;
  if (meet.columns.some(({ kind }) => kind === 'bits')) throw fault('plan-invalid', 'several bits are no one wire');
  const { found, columns } = meetParts(builder, shares);
  return {
    found,
    columns: where(
      builder,
      found,
      columns.map(([wire]) => wire!),
    ),
  };
}

/** Columns where a bit is 1, and 0 elsewhere; all bits in one node. */
export function where(builder: PlanBuilder, bit: Wire, columns: readonly Wire[]): Wire[] {
  const isBits = (wire: Wire): boolean => builder.type(wire).kind === 'bits';
  const bits = columns.filter(isBits);
  const kept = bits.length === 0 ? [] : builder.products(bits.map((wire) => [{ factors: [bit, wire] }]));
  return columns.map((wire) => (isBits(wire) ? kept[bits.indexOf(wire)]! : builder.bitDot([bit], [wire])));
}
