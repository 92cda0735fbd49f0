import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { BoundStudy, Opened } from '../sql/index.ts';
import { concatenated, type HotKey } from './hot.ts';
import { keyPlan } from './keys.ts';
import type { RowLanes } from './lanes.ts';
import type { Word } from './logic.ts';
import type { Interval } from './nodes.ts';

/** What the rows of one party give for all cells, in the order of `cellPlaces`: nothing of it has opened. */
export interface PartyCells {
  /** For each number of the study, words of 64 bits; undefined for quantiles. */
  readonly numbers: readonly (Wire | undefined)[];
  /** For each support, its distinct patients: words of 64 bits. */
  readonly patients: readonly Wire[];
}

/** Σ over lanes of this for each cell: of `factors` none (a count of rows), one, or two. */
export interface Column {
  readonly support: number;
  readonly factors: readonly number[];
  readonly centres: readonly bigint[];
  readonly range: Interval;
}

/** The numbers and patients of every cell of known keys. */
export function partyCells(lanes: RowLanes, bound: BoundStudy): PartyCells {
  const { builder } = lanes;
  const supports = bound.supports.map((support) => lanes.support(support));
  const wanted = bound.opened.map((number) => columnOf(number, lanes));
  const counts = lanes.slots === 1 ? supports.map((_, support) => rowsBehind(support, lanes)) : [];
  const columns = [...wanted.filter((column) => column !== undefined), ...counts];
  const sums = cellSums(lanes, supports, columns);
  const behind =
    lanes.slots === 1
      ? sums.slice(sums.length - supports.length)
      : supports.map((support) => distinctPatients(lanes, support));
  const patients = bound.supports.map(({ less }, i) => {
    if (less === undefined) return behind[i]!;
    const terms = [
      [1n, behind[i]!],
      [-1n, behind[less]!],
    ] as const;
    return builder.linear(terms, 0n, [0n, BigInt(lanes.lanes)]);
  });
  const numbers = bound.opened.map((number, i) => {
    if (number.kind === 'patients') return patients[number.support];
    const column = wanted[i];
    return column && claimed(builder, sums[columns.indexOf(column)]!, number);
  });
  return { numbers, patients };
}

/** For each of these sets of lanes, the distinct patients of every cell. */
export function patientCounts(lanes: RowLanes, sets: readonly Wire[]): Wire[] {
  if (lanes.slots > 1) return sets.map((set) => distinctPatients(lanes, set));
  return rowCounts(lanes, sets);
}

/** The same for their rows. */
export function rowCounts(lanes: RowLanes, sets: readonly Wire[]): Wire[] {
  return cellSums(
    lanes,
    sets,
    sets.map((_, i) => rowsBehind(i, lanes)),
  );
}

/** For each column a word a cell. @param supports the lanes that the columns' numbers of supports mean */
function cellSums(lanes: RowLanes, supports: readonly Wire[], columns: readonly Column[]): Wire[] {
  const keys = lanes.rows.keys.map((_, i) => lanes.hot(i));
  return keys.length === 0 ? totals(lanes, supports, columns) : groups(lanes, keys, supports, columns);
}

function rowsBehind(support: number, { lanes }: RowLanes): Column {
  return { support, factors: [], centres: [], range: [0n, BigInt(lanes)] };
}

export function columnOf(number: Opened, lanes: RowLanes): Column | undefined {
  const { support } = number;
  if (number.kind === 'rows') return rowsBehind(support, lanes);
  if (number.kind !== 'sum') return undefined;
  const [lo, hi] = number.range.map(BigInt) as [bigint, bigint];
  return { support, factors: number.factors, centres: number.centres.map(BigInt), range: [lo, hi] };
}

/** The sum's range is that of all parties together. */
function claimed(builder: PlanBuilder, wire: Wire, number: Opened): Wire {
  if (number.kind !== 'sum') return wire;
  const [lo, hi] = number.range.map(BigInt) as [bigint, bigint];
  return builder.linear([[1n, wire]], 0n, [lo, hi]);
}

/** One cell: inner products of the weights with the values, an opening each. */
function totals(lanes: RowLanes, supports: readonly Wire[], columns: readonly Column[]): Wire[] {
  const { builder } = lanes;
  const weights = new Map<number, Wire>();
  return columns.map((column) => {
    const weight = weights.get(column.support) ?? builder.toRing(supports[column.support]!, 64);
    weights.set(column.support, weight);
    const [x, y] = column.factors.map((_, i) => centred(lanes, column, i));
    if (x === undefined) return builder.sum(weight);
    if (y === undefined) return inner(builder, weight, lanes.word(x), column.range);
    return inner(builder, product(lanes, supports[column.support]!, x), lanes.word(y), column.range);
  });
}

function inner(builder: PlanBuilder, x: Wire, y: Wire, range: Interval): Wire {
  return builder.matmul(x, y, { rows: 1, cols: 1, inner: builder.type(x).size, range });
}

/**
 * One-hot lines of the left key times the columns, each masked by its support and by the values of all other keys.
 *
 * @returns for each column a word a cell, lines fastest
 */
function groups(
  lanes: RowLanes,
  keys: readonly HotKey[],
  supports: readonly Wire[],
  columns: readonly Column[],
): Wire[] {
  if (columns.length === 0) return [];
  const { builder, rows } = lanes;
  const { left, lines, rest } = keyPlan(rows);
  const masks = restPlanes(lanes, keys, left);
  const cols = columns.flatMap((column) =>
    masks.map((mask) => maskedColumn(lanes, column, and(lanes, supports[column.support]!, mask))),
  );
  const hull = columns.map(({ range }) => range).reduce(hullOf);
  const shape = { rows: lines, cols: cols.length, inner: lanes.lanes, range: hull };
  const sums = builder.matmul(keys[left]!.words(), concatenated(builder, cols), shape);
  const turned = builder.transpose(sums, [lines, cols.length]);
  return columns.map(({ range }, i) =>
    builder.linear([[1n, builder.slice(turned, i * rest * lines, rest * lines)]], 0n, range),
  );
}

function hullOf(x: Interval, y: Interval): Interval {
  const bounds = [...x, ...y].sort((a, b) => (a < b ? -1 : 1));
  return [bounds[0]!, bounds[3]!];
}

/** The term of each lane, 0 where its weight is. */
export function maskedColumn(lanes: RowLanes, column: Column, weight: Wire): Wire {
  const { builder } = lanes;
  const [x, y] = column.factors.map((_, i) => centred(lanes, column, i));
  if (x === undefined) return builder.toRing(weight, 64);
  const once = product(lanes, weight, x);
  return y === undefined ? once : builder.multiply(once, lanes.word(y));
}

function product({ builder }: RowLanes, weight: Wire, x: Word): Wire {
  return typeof x === 'bigint' ? builder.weigh([[x, weight]], 0n, 64) : builder.bitDot([weight], [x]);
}

function centred({ nodes, builder }: RowLanes, { factors, centres }: Column, i: number): Word {
  const { value } = nodes.number(factors[i]!);
  const centre = centres[i]!;
  if (typeof value === 'bigint') return value - centre;
  return centre === 0n ? value : builder.linear([[1n, value]], -centre);
}

/** For each combination of values of all keys but the left one, the first slowest, the lanes that have it; undefined: all. */
export function restPlanes({ logic }: RowLanes, keys: readonly HotKey[], left: number): readonly (Wire | undefined)[] {
  return keys
    .filter((_, i) => i !== left)
    .reduce<readonly (Wire | undefined)[]>(
      (planes, key) =>
        planes.flatMap((plane) =>
          key.planes().map((own) => (plane === undefined ? own : (logic.and(plane, own) as Wire))),
        ),
      [undefined],
    );
}

function and({ logic }: RowLanes, x: Wire, y: Wire | undefined): Wire {
  return y === undefined ? x : (logic.and(x, y) as Wire);
}

/** For each cell, the bins in which any slot has a lane of it. */
function distinctPatients(lanes: RowLanes, support: Wire): Wire {
  const { builder, rows, bins } = lanes;
  const { left, lines } = keyPlan(rows);
  const keys = rows.keys.map((_, i) => lanes.hot(i));
  const counts = restPlanes(lanes, keys, left).map((mask) => {
    const weight = and(lanes, support, mask);
    const any = anySlot(lanes, weight, keys[left], lines);
    const words = builder.toRing(any, 32);
    const ones = builder.linear([[0n, builder.slice(words, 0, bins)]], 1n);
    const range = [0n, BigInt(bins)] as const;
    return builder.matmul(words, ones, { rows: lines, cols: 1, inner: bins, range });
  });
  return builder.widen(concatenated(builder, counts));
}

/** Value by value of the left key, a bit a bin. */
function anySlot(
  { builder, logic, slots, bins }: RowLanes,
  weight: Wire,
  key: HotKey | undefined,
  lines: number,
): Wire {
  const each = Array.from({ length: slots }, (_, slot) => {
    const own = slots === 1 ? weight : builder.slice(weight, slot * bins, bins);
    if (key === undefined) return own;
    return builder.and(key.slot(slot), lines === 1 ? own : builder.tile(own, lines));
  });
  return logic.or(...each) as Wire;
}
