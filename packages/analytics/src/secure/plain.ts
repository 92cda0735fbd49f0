import type { BoundNode, BoundStudy } from '../sql/index.ts';
import { cellPlaces } from './keys.ts';
import { rangeOf } from './nodes.ts';
import type { OwnTable, Scalar } from './own.ts';

/** What a party's own rows give for each cell, in the order of `cellPlaces`. */
export interface OwnCells {
  /** For each number of the study; undefined for quantiles. */
  readonly numbers: readonly (readonly bigint[] | undefined)[];
  /** For each support, the distinct patients behind each cell. */
  readonly patients: readonly (readonly number[])[];
}

/** What an owner knows of one of its cells without looking at rows: decrypted totals, say. */
export interface OwnCell {
  /** For each number of the study. */
  readonly numbers: readonly bigint[];
  /** For each support, its distinct patients. */
  readonly patients: readonly number[];
}

/** A group of a party's rows: its keys, and what stands behind them. */
export interface OwnGroup {
  readonly keys: readonly Scalar[];
  /** For each number of the study; of quantiles anything. */
  readonly numbers: readonly bigint[];
  /** For each support, its distinct patients. */
  readonly patients: readonly number[];
}

/** Aggregates of one party's rows, where no other table is joined. Runs at: the party, in the clear, over its own rows alone. */
export function ownGroups(bound: BoundStudy, own: OwnTable): OwnGroup[] {
  const groups = new Map<string, { keys: Scalar[]; numbers: bigint[]; patients: Set<string>[] }>();
  for (const { patient, value } of rowsThatCount(bound, own)) {
    const keys = bound.keys.map(({ node }) => value(node));
    const name = JSON.stringify(keys.map((key) => (typeof key === 'bigint' ? { value: String(key) } : key)));
    const group = groups.get(name) ?? {
      keys,
      numbers: bound.opened.map(() => 0n),
      patients: bound.supports.map(() => new Set<string>()),
    };
    groups.set(name, group);
    const stands = bound.supports.map((_, i) => isBehind(bound, i, value));
    for (const [i, behind] of stands.entries()) if (behind) group.patients[i]!.add(patient);
    for (const [i, number] of bound.opened.entries())
      if (stands[number.support]) group.numbers[i]! += termOf(number, value);
  }
  return [...groups.values()].map(({ keys, numbers, patients }) => {
    const counts = bound.supports.map(({ less }, i) => {
      const { size } = patients[i]!;
      return less === undefined ? size : size - patients[less]!.size;
    });
    const isPatients = bound.opened.map(({ kind }) => kind === 'patients');
    return {
      keys,
      numbers: numbers.map((sum, i) => (isPatients[i] ? BigInt(counts[bound.opened[i]!.support]!) : sum)),
      patients: counts,
    };
  });
}

/** The same for all cells of known keys. */
export function ownCells(bound: BoundStudy, own: OwnTable): OwnCells {
  const places = cellPlaces(bound);
  const cellOf = cellPlacer(bound);
  const numbers = bound.opened.map(() => Array<bigint>(places.length).fill(0n));
  const patients = bound.supports.map(() => Array<number>(places.length).fill(0));
  for (const group of ownGroups(bound, own)) {
    const place = places[cellOf(group.keys)]!;
    for (const [i, number] of group.numbers.entries()) numbers[i]![place] = number;
    for (const [i, count] of group.patients.entries()) patients[i]![place] = count;
  }
  return { numbers: numbers.map((sums, i) => (bound.opened[i]!.kind === 'quantile' ? undefined : sums)), patients };
}

/** The same of cells that are known already. @param cells all of known keys, the first key slowest */
export function placedCells(bound: BoundStudy, cells: readonly OwnCell[]): OwnCells {
  const order = cellPlaces(bound);
  if (cells.length !== order.length) throw new RangeError(`${cells.length} cells of ${order.length}`);
  const placed: OwnCell[] = [];
  for (const [i, place] of order.entries()) placed[place] = cells[i]!;
  return {
    numbers: bound.opened.map(({ kind }, i) =>
      kind === 'quantile' ? undefined : placed.map(({ numbers }) => numbers[i]!),
    ),
    patients: bound.supports.map((_, i) => placed.map(({ patients }) => patients[i]!)),
  };
}

type Values = (at: number) => Scalar;

interface PlainRow {
  readonly patient: string;
  readonly value: Values;
}

/** Rows for which WHERE is TRUE. */
function rowsThatCount({ nodes, where }: Pick<BoundStudy, 'nodes' | 'where'>, own: OwnTable): PlainRow[] {
  return own.patients.flatMap((patient, row) => {
    const value = valuesOf(nodes, (at) => own.locals.get(at)![row]!);
    return where.every((at) => value(at) === true) ? [{ patient, value }] : [];
  });
}

function isBehind({ supports }: BoundStudy, support: number, value: Values): boolean {
  const { filters, present } = supports[support]!;
  return filters.every((at) => value(at) === true) && present.every((at) => value(at) !== null);
}

function termOf(number: BoundStudy['opened'][number], value: Values): bigint {
  if (number.kind !== 'sum') return 1n;
  return number.factors.reduce((term, at, i) => term * ((value(at) as bigint) - BigInt(number.centres[i]!)), 1n);
}

/** Where a key's value stands among all it can have; NULL is the last. */
export function keyPlacer({ type, nullable }: BoundNode): (value: Scalar) => number {
  const [lo, hi] = rangeOf(type);
  const last = nullable ? Number(hi - lo) + 1 : -1;
  return (value) => {
    if (value === null) return last;
    return typeof value === 'boolean' ? Number(value) : Number((value as bigint) - lo);
  };
}

/** The cell of these values of the keys, the first key slowest. */
function cellPlacer({ keys, nodes }: BoundStudy): (values: readonly Scalar[]) => number {
  const placed = keys.map(({ node, size }) => ({ size: size!, place: keyPlacer(nodes[node]!) }));
  return (values) => placed.reduce((cell, { size, place }, i) => cell * size + place(values[i]!), 0);
}

/** The nodes of one row, each computed when it is first asked for. */
function valuesOf(nodes: BoundStudy['nodes'], local: Values): Values {
  const known = new Map<number, Scalar>();
  const value = (at: number): Scalar => {
    if (!known.has(at)) known.set(at, compute(nodes[at]!, at));
    return known.get(at)!;
  };
  const compute = (node: BoundNode, at: number): Scalar => {
    if (node.op === 'local') return local(at);
    if (node.op === 'constant') return typeof node.value === 'string' ? BigInt(node.value) : node.value;
    const of = node.of.map(value);
    const connected = connective(node.op, of);
    if (connected !== undefined) return connected;
    return of.includes(null) ? null : arithmetic(node, of);
  };
  return value;
}

/** What knows NULL; undefined for what passes it on. */
function connective(op: BoundNode['op'], of: readonly Scalar[]): Scalar | undefined {
  switch (op) {
    case 'null':
      return of[0] === null;
    case 'and':
    case 'or': {
      const decides = op === 'or';
      if (of.includes(decides)) return decides;
      return of.includes(null) ? null : !decides;
    }
    case 'case': {
      const arm = of.findIndex((when, i) => i % 2 === 0 && i < of.length - 1 && when === true);
      return arm < 0 ? of.at(-1) : of[arm + 1];
    }
    default:
      return undefined;
  }
}

function arithmetic(node: BoundNode, of: readonly Scalar[]): Scalar {
  const numbers = of as readonly bigint[];
  switch (node.op) {
    case 'not':
      return !of[0];
    case 'zero':
      return numbers[0] === 0n;
    case 'negative':
      return numbers[0]! < 0n;
    case 'product':
      return numbers[0]! * numbers[1]!;
    case 'linear':
      return numbers.reduce((sum, x, i) => sum + BigInt(node.coefficients[i]!) * x, BigInt(node.constant));
    default:
      throw new TypeError(`${node.op} is not arithmetic`);
  }
}
