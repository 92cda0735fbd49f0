import type { PlanBuilder, Wire } from '@symbolon/engine';
import { binsOf, type Meet, type MeetShares, meetInputs, meetWires, where } from '../session/index.ts';
import { columnsOf, isWord, type LaneColumn, type Rows, wordRange } from './columns.ts';
import { columnName, declareColumns, inputName } from './declare.ts';
import { cellName } from './given.ts';
import { concatenated } from './hot.ts';
import type { Bit, Logic } from './logic.ts';

/** How the rows of a spoke come to those of the hub. */
export type SpokeSource =
  /** They meet by key. `at`: its number among the program's meets. */
  | { readonly kind: 'meet'; readonly at: number; readonly shape: Meet }
  | KeptSource
  /** Both know the bins; the owner gives its rows bin by bin. */
  | { readonly kind: 'known' };

/** They were found in an earlier unit, of whose join number `at` these parties have shares. */
export interface KeptSource {
  readonly kind: 'kept';
  readonly unit: number;
  readonly at: number;
  readonly holders: readonly number[];
  readonly lanes: number;
  /** What the hub brings into its bins by a permutation that it alone knows; all else stands there. */
  readonly orders: readonly Ordered[];
}

/** Whether something was found in a lane, and the columns. */
export type Ordered = 'found' | 'columns';

/** Names of what a join leaves its parties, and of what they give of it to a later session. */
export const keptName = {
  found: (at: number): string => `found/${at}`,
  column: (at: number, i: number): string => `column/${at}/${i}`,
  share: (unit: number, party: number, name: string): string => cellName.kept(unit, party, name),
  order: (unit: number, at: number, what: Ordered): string => `order/${unit}/${at}/${what}`,
};

/** One party's rows of a spoke. */
export interface SpokePart {
  readonly alias: string;
  readonly party: number;
  readonly source: SpokeSource;
}

/** A column that travels, by its name, and in parts where a key is one-hot. */
interface SpokeLanes {
  readonly found: Bit;
  readonly columns: ReadonlyMap<string, Wire>;
}

/** A part whose inputs are in the plan. */
export type DeclaredPart =
  | { readonly kind: 'meet'; readonly shares: MeetShares }
  | { readonly kind: 'known'; readonly found: Wire; readonly columns: ReadonlyMap<string, Wire> }
  | {
      readonly kind: 'kept';
      readonly source: KeptSource;
      /** Of all that have a share. */
      readonly found: readonly Wire[];
      readonly columns: readonly (readonly Wire[])[];
    };

/** Declares what is given of a part: before any operation. */
export function declarePart(
  builder: PlanBuilder,
  rows: Rows,
  { alias, party, source }: SpokePart,
  { table, bins }: { readonly table: number; readonly bins: number },
): DeclaredPart {
  if (source.kind === 'meet') return { kind: 'meet', shares: meetInputs(builder, source.at, source.shape) };
  const columns = columnsOf(rows, alias);
  if (source.kind === 'known')
    return {
      kind: 'known',
      found: builder.inputBits(inputName.found(party, table), party, bins),
      columns: declareColumns(builder, rows, columns, { party, table, lanes: bins }),
    };
  const { unit, at, holders, lanes } = source;
  const bits = (name: string): Wire[] =>
    holders.map((holder) => builder.inputBits(keptName.share(unit, holder, name), holder, lanes));
  const words = (name: string): Wire[] =>
    holders.map((holder) => builder.input(keptName.share(unit, holder, name), holder, { ring: 64, size: lanes }));
  return {
    kind: 'kept',
    source,
    found: bits(keptName.found(at)),
    columns: columns.map((column, i) => (isWord(column) ? words : bits)(keptName.column(at, i))),
  };
}

/** The rows of a spoke in a plan, a lane a bin of the hub. */
export class Spokes {
  readonly #builder: PlanBuilder;
  readonly #logic: Logic;
  readonly #rows: Rows;
  readonly #bins: number;

  constructor(builder: PlanBuilder, logic: Logic, rows: Rows, bins: number) {
    this.#builder = builder;
    this.#logic = logic;
    this.#rows = rows;
    this.#bins = bins;
  }

  /** A spoke's columns, 0 where no party of it has a row for the bin; where two have one, that of the first. */
  of(alias: string, parts: readonly DeclaredPart[]): SpokeLanes {
    let found: Bit = false;
    const sums = new Map<string, Wire[]>();
    for (const part of parts) {
      const own = this.#lanes(alias, part);
      const first = this.#logic.not(found);
      for (const [key, wire] of own.columns) {
        const added = first === true ? wire : masked(this.#builder, first as Wire, wire);
        sums.set(key, [...(sums.get(key) ?? []), added]);
      }
      found = this.#logic.or(found, own.found);
    }
    return { found, columns: new Map([...sums].map(([key, wires]) => [key, joined(this.#builder, wires)])) };
  }

  #lanes(alias: string, part: DeclaredPart): SpokeLanes {
    if (part.kind === 'known') return part;
    return this.#named(alias, part.kind === 'meet' ? this.#met(part.shares) : this.#kept(part));
  }

  #met(shares: MeetShares): { found: Wire; columns: readonly Wire[] } {
    const { found, columns } = meetWires(this.#builder, shares);
    const pad = (wire: Wire): Wire => this.#padded(wire, binsOf(shares.meet.entries[0]));
    return { found: pad(found), columns: columns.map(pad) };
  }

  /** The shares of all, added, and brought into the bins of the hub. */
  #kept({ source, found, columns }: DeclaredPart & { kind: 'kept' }): { found: Wire; columns: readonly Wire[] } {
    const builder = this.#builder;
    const { unit, at, lanes, orders } = source;
    const placed = (what: Ordered, shares: readonly (readonly Wire[])[]): Wire[] => {
      const sums = shares.map((each) => this.#padded(joined(builder, each), lanes));
      if (sums.length === 0 || !orders.includes(what)) return sums;
      return builder.permute(sums, keptName.order(unit, at, what));
    };
    const [is] = placed('found', [found]) as [Wire];
    return { found: is, columns: where(builder, is, placed('columns', columns)) };
  }

  /** Wires of the columns, in their order, by their names and with their ranges. */
  #named(alias: string, { found, columns }: { found: Wire; columns: readonly Wire[] }): SpokeLanes {
    const planes = new Map<string, Wire[]>();
    for (const [i, column] of columnsOf(this.#rows, alias).entries()) {
      const name = columnName(column);
      planes.set(name, [...(planes.get(name) ?? []), this.#ranged(column, columns[i]!)]);
    }
    return { found, columns: new Map([...planes].map(([key, wires]) => [key, concatenated(this.#builder, wires)])) };
  }

  #ranged(column: LaneColumn, wire: Wire): Wire {
    const range = isWord(column) ? wordRange(this.#rows, column) : undefined;
    return range === undefined ? wire : this.#builder.linear([[1n, wire]], 0n, range);
  }

  /** Zeros behind, up to the bins of the hub. */
  #padded(wire: Wire, lanes: number): Wire {
    return lanes === this.#bins ? wire : this.#builder.transpose(wire, [1, lanes], [this.#bins, 1]);
  }
}

function masked(builder: PlanBuilder, bit: Wire, wire: Wire): Wire {
  const type = builder.type(wire);
  if (type.kind === 'ring') return builder.bitDot([bit], [wire]);
  const times = type.size / builder.type(bit).size;
  return builder.and(times === 1 ? bit : builder.tile(bit, times), wire);
}

/** What at most one of several parties has, and 0 at the others. */
function joined(builder: PlanBuilder, wires: readonly Wire[]): Wire {
  if (wires.length === 1) return wires[0]!;
  const type = builder.type(wires[0]!);
  if (type.kind === 'bits') return builder.xor(wires);
  const range = type.range?.map(BigInt) as [bigint, bigint] | undefined;
  return builder.linear(
    wires.map((wire) => [1n, wire]),
    0n,
    range,
  );
}
