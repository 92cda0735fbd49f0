import type { PlanBuilder, Wire } from '@symbolon/engine';
import { binsOf, type Meet, type MeetShares, meetInputs, meetWires } from '../session/index.ts';
import type { Support } from '../sql/index.ts';
import { codeShape } from './codes.ts';
import { columnsOf, isRowCondition, isWord, type LaneColumn, type Rows, wordRange } from './columns.ts';
import { HotKey, keyPlanes } from './hot.ts';
import { keyPlan } from './keys.ts';
import { type Bit, Logic, type Word } from './logic.ts';
import { type NodeLane, NodeLanes } from './nodes.ts';

/** Where a spoke's rows of a region come from: a meeting, or known to both beforehand: then the owner gives them bin by bin. */
export interface SpokePart {
  readonly alias: string;
  readonly party: number;
  /** Its number among the program's meets; undefined where the rows are aligned. */
  readonly meet: { readonly at: number; readonly shape: Meet } | undefined;
}

/** The rows of one party of the hub in a plan: `slots` times `bins` lanes, slot-major. A bin is a patient's; each slot holds one of its rows, or none. */
export interface RegionShape {
  /** Whose rows, as numbered in the plan. */
  readonly hub: number;
  readonly slots: number;
  /** Whole vectors of bits: `paddedBins`. */
  readonly bins: number;
  /** For each spoke, by the order of the study's tables, its parties; where two hold a key, the first counts. */
  readonly spokes: readonly (readonly SpokePart[])[];
}

/** One vector at least. */
export function paddedBins(bins: number): number {
  return Math.max(1, Math.ceil(bins / 64)) * 64;
}

/** Names of a region's inputs, by the party that gives them. */
export const inputName = {
  row: (party: number): string => `row/${party}`,
  column: (party: number, table: number, column: LaneColumn): string => `${columnName(column)}/${party}/${table}`,
  /** One-hot of the left key, in words. */
  words: (party: number): string => `words/${party}`,
  found: (party: number, table: number): string => `found/${party}/${table}`,
};

/** A column of a table; the bits of a one-hot key are one. */
function columnName({ node, form, place }: LaneColumn): string {
  return form === 'text' ? `text ${place} ${node}` : `${form} ${node}`;
}

interface DeclaredPart {
  readonly part: SpokePart;
  readonly shares: MeetShares | undefined;
  readonly found: Wire | undefined;
  readonly columns: ReadonlyMap<string, Wire>;
}

/** A region whose inputs are in the plan. */
export interface DeclaredRegion {
  readonly shape: RegionShape;
  readonly row: Wire;
  readonly columns: ReadonlyMap<string, Wire>;
  readonly words: Wire | undefined;
  readonly spokes: readonly (readonly DeclaredPart[])[];
}

/** Declares what the parties give for a region: before any operation. */
export function declareRegion(builder: PlanBuilder, rows: Rows, shape: RegionShape): DeclaredRegion {
  const { hub, slots, bins } = shape;
  const [table] = rows.tables;
  const { left, lines } = keyPlan(rows);
  const own = columnsOf(rows, table!.alias);
  const isLeft = own.some(({ node, form }) => form === 'hot' && node === rows.keys[left]?.node);
  return {
    shape,
    row: builder.inputBits(inputName.row(hub), hub, slots * bins),
    columns: declareColumns(builder, rows, own, { party: hub, table: 0, lanes: slots * bins }),
    words: isLeft ? builder.input(inputName.words(hub), hub, { ring: 64, size: lines * slots * bins }) : undefined,
    spokes: shape.spokes.map((parts, i) =>
      parts.map((part): DeclaredPart => {
        const at = { party: part.party, table: i + 1, lanes: bins };
        const met = part.meet !== undefined;
        return {
          part,
          shares: part.meet && meetInputs(builder, part.meet.at, part.meet.shape),
          found: met ? undefined : builder.inputBits(inputName.found(at.party, at.table), at.party, bins),
          columns: met ? new Map() : declareColumns(builder, rows, columnsOf(rows, part.alias), at),
        };
      }),
    ),
  };
}

/** One input a column; of one-hot bits one for all. */
function declareColumns(
  builder: PlanBuilder,
  rows: Rows,
  columns: readonly LaneColumn[],
  { party, table, lanes }: { party: number; table: number; lanes: number },
): Map<string, Wire> {
  const wires = new Map<string, Wire>();
  for (const column of columns.filter(({ form, place }) => form !== 'hot' || place === 0)) {
    const name = inputName.column(party, table, column);
    const range = wordRange(rows, column);
    wires.set(
      columnName(column),
      isWord(column)
        ? builder.input(name, party, { ring: 64, size: lanes, ...(range && { range }) })
        : builder.inputBits(name, party, bitsOf(rows, columns, column) * lanes),
    );
  }
  return wires;
}

/** Bits a lane. */
function bitsOf(rows: Rows, columns: readonly LaneColumn[], { node, form }: LaneColumn): number {
  if (form === 'bits') return codeShape(rows.nodes[node]!).row;
  return columns.filter((column) => column.node === node && column.form === form).length;
}

/** The rows of a study in a plan: what stands in each lane, and which lanes count. */
export class RowLanes {
  readonly builder: PlanBuilder;
  readonly rows: Rows;
  readonly logic: Logic;
  readonly nodes: NodeLanes;
  readonly slots: number;
  readonly bins: number;
  readonly lanes: number;
  /** 1 where a lane holds a row for which WHERE is TRUE. */
  readonly weight: Wire;
  readonly #declared: DeclaredRegion;
  readonly #spokes: readonly { readonly found: Bit; readonly columns: ReadonlyMap<string, Wire> }[];
  readonly #hot = new Map<number, HotKey>();

  constructor(builder: PlanBuilder, rows: Rows, declared: DeclaredRegion) {
    const { shape } = declared;
    this.builder = builder;
    this.rows = rows;
    this.logic = new Logic(builder);
    this.slots = shape.slots;
    this.bins = shape.bins;
    this.lanes = shape.slots * shape.bins;
    this.#declared = declared;
    this.#spokes = declared.spokes.map((parts, i) => this.#spokeOf(parts, rows.tables[i + 1]!.alias));
    this.nodes = new NodeLanes(builder, this.logic, rows.nodes, (at) => this.#local(at));
    const where = rows.where.filter((at) => !isRowCondition(rows, at));
    const found = this.#spokes.map((spoke) => this.#tiled(spoke.found));
    this.weight = this.bit(this.logic.and(declared.row, ...found, ...where.map((at) => this.nodes.truth(at).truth)));
  }

  /** 1 where a lane counts, all `filters` are TRUE and no `present` is NULL. */
  support({ filters, present }: Support): Wire {
    return this.bit(
      this.logic.and(
        this.weight,
        ...filters.map((at) => this.nodes.truth(at).truth),
        ...present.map((at) => this.logic.not(this.nodes.at(at).none)),
      ),
    );
  }

  /** The values of key number `i`, each a plane of bits. */
  hot(i: number): HotKey {
    const { node } = this.rows.keys[i]!;
    const made = this.#hot.get(node) ?? this.#hotOf(i, node);
    this.#hot.set(node, made);
    return made;
  }

  /** What the owner of a node gave, over all lanes. */
  column(column: LaneColumn): Wire {
    const node = this.rows.nodes[column.node]!;
    const table = this.rows.tables.findIndex(({ alias }) => node.op === 'local' && alias === node.table);
    const name = columnName(column);
    if (table === 0) return this.#declared.columns.get(name)!;
    return this.#tiled(this.#spokes[table - 1]!.columns.get(name)!) as Wire;
  }

  /** A bit a lane, as a wire. */
  bit(bit: Bit): Wire {
    const { row } = this.#declared;
    return typeof bit === 'boolean' ? this.builder.xor([row, row], bit ? 1 : 0) : bit;
  }

  /** A word a lane, as a wire. */
  word(word: Word): Wire {
    return typeof word === 'bigint' ? this.builder.weigh([[0n, this.#declared.row]], word, 64) : word;
  }

  #local(at: number): NodeLane {
    const node = this.rows.nodes[at]!;
    if (node.op !== 'local') throw new TypeError('only local nodes travel');
    const wire = (form: LaneColumn['form']): Wire => this.column({ node: at, form, place: 0 });
    const none = node.nullable ? wire('none') : false;
    return node.type.kind === 'boolean'
      ? { kind: 'truth', truth: wire('truth'), none }
      : { kind: 'number', value: wire('word'), none };
  }

  #tiled(bit: Bit): Bit {
    return typeof bit === 'boolean' || this.slots === 1 ? bit : this.builder.tile(bit, this.slots);
  }

  #hotOf(i: number, node: number): HotKey {
    const { rows, builder, slots, bins } = this;
    const { left, hot } = keyPlan(rows);
    const size = rows.keys[i]!.size!;
    const words = i === left ? this.#declared.words : undefined;
    const shape = { size, slots, bins };
    const of = rows.nodes[node]!;
    if (!hot.includes(node) || of.op !== 'local') {
      const planes = keyPlanes(this.nodes.at(node), of, this).map((plane) => this.bit(plane));
      return new HotKey(builder, shape, { planes, words });
    }
    const table = rows.tables.findIndex(({ alias }) => alias === of.table);
    if (table === 0) return new HotKey(builder, shape, { bySlot: this.#declared.columns.get(`hot ${node}`)!, words });
    return new HotKey(builder, shape, { byBin: this.#spokes[table - 1]!.columns.get(`hot ${node}`)!, words });
  }

  /** A spoke's columns, a lane a bin, 0 where no party of it has a row for the bin. */
  #spokeOf(parts: readonly DeclaredPart[], alias: string): { found: Bit; columns: ReadonlyMap<string, Wire> } {
    const { builder, logic } = this;
    let found: Bit = false;
    const sums = new Map<string, Wire[]>();
    for (const declared of parts) {
      const own = declared.shares === undefined ? aligned(declared) : this.#met(declared.shares, alias);
      const first = logic.not(found);
      for (const [key, wire] of own.columns) {
        const part = first === true ? wire : masked(builder, first as Wire, wire);
        sums.set(key, [...(sums.get(key) ?? []), part]);
      }
      found = logic.or(found, own.found);
    }
    const columns = new Map([...sums].map(([key, wires]) => [key, joined(builder, wires)]));
    return { found, columns };
  }

  #met(shares: MeetShares, alias: string): { found: Wire; columns: Map<string, Wire> } {
    const { builder, rows } = this;
    const { found, columns } = meetWires(builder, shares);
    const planes = new Map<string, Wire[]>();
    for (const [i, column] of columnsOf(rows, alias).entries()) {
      const padded = this.#padded(columns[i]!, binsOf(shares.meet.entries[0]));
      const range = wordRange(rows, column);
      const ranged = isWord(column) && range ? builder.linear([[1n, padded]], 0n, range) : padded;
      const name = columnName(column);
      planes.set(name, [...(planes.get(name) ?? []), ranged]);
    }
    return {
      found: this.#padded(found, binsOf(shares.meet.entries[0])),
      columns: new Map(
        [...planes].map(([key, wires]) => [key, wires.length === 1 ? wires[0]! : builder.concat(wires)]),
      ),
    };
  }

  /** Zeros behind the bins of the cuckoo table. */
  #padded(wire: Wire, bins: number): Wire {
    return bins === this.bins ? wire : this.builder.transpose(wire, [1, bins], [this.bins, 1]);
  }
}

function aligned({ found, columns }: DeclaredPart): { found: Wire; columns: ReadonlyMap<string, Wire> } {
  return { found: found!, columns };
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
