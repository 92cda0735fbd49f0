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

/** Aggregates of one party's rows, where no other table is joined. Runs at: the party, in the clear, over its own rows alone. */
export function ownCells(bound: BoundStudy, own: OwnTable): OwnCells {
  const places = cellPlaces(bound);
  const zeros = (): bigint[] => Array<bigint>(places.length).fill(0n);
  const numbers = bound.opened.map(({ kind }) => (kind === 'quantile' ? undefined : zeros()));
  const patients = bound.supports.map(() => places.map(() => new Set<string>()));
  const cellOf = cellPlacer(bound);
  for (const row of rowsThatCount(bound, own)) {
    const place = places[cellOf(row.value)]!;
    const stands = bound.supports.map((_, i) => isBehind(bound, i, row.value));
    for (const [i, behind] of stands.entries()) if (behind) patients[i]![place]!.add(row.patient);
    for (const [i, number] of bound.opened.entries()) {
      const sums = numbers[i];
      if (sums === undefined || number.kind === 'patients' || !stands[number.support]) continue;
      sums[place]! += termOf(number, row.value);
    }
  }
  const counts = patients.map((sets) => sets.map(({ size }) => size));
  return {
    numbers: bound.opened.map((number, i) =>
      number.kind === 'patients' ? counts[number.support]!.map(BigInt) : numbers[i],
    ),
    patients: counts,
  };
}

type Values = (at: number) => Scalar;

export interface PlainRow {
  readonly patient: string;
  readonly value: Values;
}

/** Rows for which WHERE is TRUE. */
export function rowsThatCount({ nodes, where }: Pick<BoundStudy, 'nodes' | 'where'>, own: OwnTable): PlainRow[] {
  return own.patients.flatMap((patient, row) => {
    const value = valuesOf(nodes, (at) => own.locals.get(at)![row]!);
    return where.every((at) => value(at) === true) ? [{ patient, value }] : [];
  });
}

export function isBehind({ supports }: BoundStudy, support: number, value: Values): boolean {
  const { filters, present } = supports[support]!;
  return filters.every((at) => value(at) === true) && present.every((at) => value(at) !== null);
}

export function termOf(number: BoundStudy['opened'][number], value: Values): bigint {
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

/** The cell of a row, the first key slowest. */
function cellPlacer({ keys, nodes }: BoundStudy): (value: Values) => number {
  const placed = keys.map(({ node, size }) => ({ node, size: size!, place: keyPlacer(nodes[node]!) }));
  return (value) => placed.reduce((cell, { node, size, place }) => cell * size + place(value(node)), 0);
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
