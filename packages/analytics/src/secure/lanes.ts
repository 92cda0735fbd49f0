import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { Support } from '../sql/index.ts';
import { columnsOf, isRowCondition, type LaneColumn, type Rows } from './columns.ts';
import { columnName, declareColumns, inputName } from './declare.ts';
import { HotKey, keyPlanes } from './hot.ts';
import { keyPlan } from './keys.ts';
import { type Bit, Logic, type Word } from './logic.ts';
import { type NodeLane, NodeLanes } from './nodes.ts';
import { type DeclaredPart, declarePart, type SpokePart, Spokes } from './spokes.ts';

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
      parts.map((part) => declarePart(builder, rows, part, { table: i + 1, bins })),
    ),
  };
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
    const spokes = new Spokes(builder, this.logic, rows, shape.bins);
    this.#spokes = declared.spokes.map((parts, i) => spokes.of(rows.tables[i + 1]!.alias, parts));
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
}
