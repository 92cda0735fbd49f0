import type { PlanBuilder, Wire } from '@symbolon/engine';
import { type Layout, layoutOf, type PartShape, planeBits } from '@symbolon/linkage';
import { binsOf, type Meet } from './program.ts';

/** The shares of a meet in a plan, a lane a bin: what the hub decodes, and the pads that the spoke put over it. */
export interface MeetShares {
  readonly meet: Meet;
  /** By the fields of a stored row (`storedFields`). */
  readonly hub: readonly Wire[];
  readonly spoke: readonly Wire[];
}

/** What a stored row holds: the tag, the words in the order of their columns, and all bits together. */
export function storedFields({ columns }: Pick<Meet, 'columns'>): PartShape[] {
  const words = columns.flatMap((column) =>
    column.kind === 'word' ? [{ kind: 'word', ring: column.ring } as const] : [],
  );
  const width = columns.length - words.length;
  return [{ kind: 'word', ring: 64 }, ...words, ...(width > 0 ? [{ kind: 'bits', width } as const] : [])];
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
 * The result of a meet, a lane a bin: whether the hub's entry there met one of the spoke, and the columns of that one, 0 where none met. A bin where
 * nothing met decodes to uniform garbage: it passes for an entry with probability 2^-64, and is multiplied by 0 before anything else touches it.
 * Words have no range; give them that of their column by `linear`.
 */
export function meetWires(
  builder: PlanBuilder,
  shares: MeetShares,
): { readonly found: Wire; readonly columns: readonly Wire[] } {
  const { meet, hub, spoke } = shares;
  const lanes = binsOf(meet.entries[0]);
  const share = (field: number): readonly [Wire, Wire] => [hub[field]!, spoke[field]!];
  const found = builder.isZero(builder.subtract(...share(0)));
  const width = meet.columns.filter(({ kind }) => kind === 'bit').length;
  const bits = width === 0 ? [] : foundBits(builder, found, builder.xor(share(hub.length - 1)), width, lanes);
  let [word, bit] = [0, 0];
  const columns = meet.columns.map(({ kind }) =>
    kind === 'bit' ? bits[bit++]! : builder.bitDot([found], [builder.subtract(...share(++word))]),
  );
  return { found, columns };
}

/** All bit columns, each where found, in one round. */
function foundBits(builder: PlanBuilder, found: Wire, planes: Wire, width: number, lanes: number): Wire[] {
  const plane = planeBits(lanes);
  const columns = Array.from({ length: width }, (_, i) => builder.slice(planes, plane * i, lanes));
  return builder.products(columns.map((column) => [{ factors: [found, column] }]));
}
