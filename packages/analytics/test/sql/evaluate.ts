import {
  aggregateValue,
  type BoundNode,
  type BoundStudy,
  type Cell,
  type ClearTables,
  type Duck,
  joinedOn,
  keyValues,
  localSql,
  mayShow,
  type Opened,
} from '../../src/index.ts';

type Scalar = bigint | boolean | string | null;
type Values = readonly Scalar[];
interface Row {
  readonly party: string;
  readonly patient: string;
  /** A value for each node. */
  readonly values: Values;
}

/** A party's locals of a table: row by row, by node. */
interface Part {
  readonly party: string;
  readonly keys: readonly (readonly (string | null)[])[];
  readonly patients: readonly string[];
  readonly locals: readonly ReadonlyMap<number, Scalar>[];
}

/**
 * What a study gives by its bound tree: every owner computes its locals over its own table alone, and all else is done here, in plain
 * TypeScript: the join, the nodes, the cells, the sums, the release.
 */
export async function evaluate(bound: BoundStudy, tables: ClearTables, duck: Duck): Promise<Cell[]> {
  const rows = (await joinedRows(bound, tables, duck))
    .map(({ locals, ...row }): Row => ({ ...row, values: compute(bound, locals) }))
    .filter(({ values }) => bound.where.every((at) => values[at] === true));
  const groups = Map.groupBy(rows, ({ values }) =>
    JSON.stringify(bound.keys.map(({ node }) => print(bound.nodes[node]!, values[node]!))),
  );
  if (bound.keys.length === 0 && rows.length === 0) groups.set('[]', []);
  return [...groups].map(([keys, group]) => cellOf(bound, JSON.parse(keys) as (string | null)[], group));
}

async function joinedRows(bound: BoundStudy, tables: ClearTables, duck: Duck) {
  const [hub, ...spokes] = await Promise.all(
    bound.tables.map(({ name, alias, parties }) =>
      Promise.all(parties.map((party) => localsOf(bound, alias, party, tables[name]![party]!, duck))),
    ),
  );
  const found = spokes.map(
    (parts) =>
      new Map(
        parts.flatMap(({ keys, locals }) =>
          keys.flatMap((key, i) => (key.includes(null) ? [] : [[JSON.stringify(key), locals[i]!] as const])),
        ),
      ),
  );
  const counts = bound.joins.map((join) => joinedOn(join).length);
  return hub!.flatMap(({ party, keys, patients, locals }) =>
    locals.flatMap((own, row) => {
      const others = counts.map((count, spoke) => {
        const before = counts.slice(0, spoke).reduce((sum, each) => sum + each, 0);
        return found[spoke]!.get(JSON.stringify(keys[row]!.slice(before, before + count)));
      });
      if (others.some((other) => other === undefined)) return [];
      return [{ party, patient: patients[row]!, locals: new Map([own, ...others].flatMap((each) => [...each!])) }];
    }),
  );
}

async function localsOf(bound: BoundStudy, alias: string, party: string, relation: string, duck: Duck): Promise<Part> {
  const table = bound.tables.find((each) => each.alias === alias)!;
  const own = bound.nodes.flatMap((node, at) => (node.op === 'local' && node.table === alias ? [{ node, at }] : []));
  const joins = alias === bound.tables[0]!.alias ? bound.joins : bound.joins.filter(({ spoke }) => spoke === alias);
  const keys = joins.flatMap((join) =>
    joinedOn(join).map(([left, right]) => (table === bound.tables[0] ? left : right)),
  );
  const selected = [table.patient, ...keys].map((column) => `CAST(${alias}.${column} AS VARCHAR)`);
  const rows = await duck.rows(
    `SELECT ${[...selected, ...own.map(({ node }) => localSql(node))].join(', ')} FROM ${relation} AS ${alias}`,
  );
  return {
    party,
    patients: rows.map((row) => row[0] as string),
    keys: rows.map((row) => row.slice(1, 1 + keys.length) as (string | null)[]),
    locals: rows.map((row) => new Map(own.map(({ node, at }, i) => [at, checked(node, row[1 + keys.length + i])]))),
  };
}

/** The owner's check of its own values: within the node's type. */
function checked(node: BoundNode, value: unknown): Scalar {
  if (value === null) {
    if (!node.nullable) throw new RangeError(`NULL in ${node.sql}`);
    return null;
  }
  if (node.type.kind === 'boolean' || node.type.kind === 'text') return value as boolean | string;
  return within(node, BigInt(value as bigint));
}

function within({ sql, type }: BoundNode, value: bigint): bigint {
  const [lo, hi] =
    type.kind === 'code'
      ? [0n, BigInt(type.values.length - 1)]
      : 'range' in type
        ? type.range.map(BigInt)
        : [value, value];
  if (value < lo! || value > hi!) throw new RangeError(`${value} of ${sql} is not between ${lo} and ${hi}`);
  return value;
}

function compute({ nodes }: BoundStudy, locals: ReadonlyMap<number, Scalar>): Values {
  const values: Scalar[] = [];
  for (const [at, node] of nodes.entries()) {
    const value = nodeValue(node, at, values, locals);
    if (value === null && !node.nullable) throw new RangeError(`NULL in ${node.sql}`);
    values.push(typeof value === 'bigint' ? within(node, value) : value);
  }
  return values;
}

function nodeValue(node: BoundNode, at: number, values: Values, locals: ReadonlyMap<number, Scalar>): Scalar {
  if (node.op === 'local') return locals.get(at)!;
  if (node.op === 'constant') return typeof node.value === 'string' ? BigInt(node.value) : node.value;
  const of: Scalar[] = node.of.map((part) => values[part]!);
  if (node.op === 'null') return of[0] === null;
  if (node.op === 'and') return of.includes(false) ? false : of.includes(null) ? null : true;
  if (node.op === 'or') return of.includes(true) ? true : of.includes(null) ? null : false;
  if (node.op === 'case') {
    for (let i = 0; i + 1 < of.length; i += 2) if (of[i] === true) return of[i + 1]!;
    return of.at(-1)!;
  }
  if (of.includes(null)) return null;
  const numbers = of as bigint[];
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
      return numbers.reduce((sum, value, i) => sum + BigInt(node.coefficients[i]!) * value, BigInt(node.constant));
  }
}

function print(node: BoundNode, value: Scalar): string | null {
  if (value === null || typeof value === 'string') return value;
  const key = { node: 0, size: 1 };
  if (typeof value === 'boolean') return String(value);
  // One value alone, printed as the cells of known keys are.
  const { type } = node;
  if (type.kind === 'code') return type.values[Number(value)]!;
  const only = { ...node, nullable: false, type: { ...type, range: [String(value), String(value)] } } as BoundNode;
  return keyValues(key, only)![0]!;
}

function cellOf(bound: BoundStudy, keys: readonly (string | null)[], rows: readonly Row[]): Cell {
  const { parties } = bound.tables[0]!;
  const patients = (of: readonly Row[]): number[] =>
    parties.map((party) => new Set(of.filter((row) => row.party === party).map(({ patient }) => patient)).size);
  const behind = bound.supports.map(({ filters, present }) =>
    rows.filter(
      ({ values }) => filters.every((at) => values[at] === true) && present.every((at) => values[at] !== null),
    ),
  );
  const results = bound.aggregates.map((aggregate) => {
    const groups = [rows];
    const opened = aggregate.opened.map((place) => {
      const number = bound.opened[place]!;
      const own = behind[number.support]!;
      groups.push(own);
      if (number.kind === 'sum') return sum(number, own);
      if (number.kind !== 'quantile')
        return number.kind === 'rows'
          ? BigInt(own.length)
          : BigInt(patients(own).reduce((sum, count) => sum + count, 0));
      const value = quantile(
        own.map(({ values }) => values[number.of] as bigint),
        number.fraction,
      );
      for (const above of [false, true])
        groups.push(own.filter(({ values }) => compareTo(values[number.of] as bigint, value, above)));
      return value.rounded;
    });
    const supports = aggregate.opened.map((place) => bound.opened[place]!.support);
    const rests = bound.rests.filter(({ of, without }) => supports.includes(of) || supports.includes(without));
    const suppressed =
      !groups.every((group) => mayShow(patients(group), bound.release)) ||
      !rests.every(({ support }) => {
        const { less } = bound.supports[support]!;
        const without = new Set(
          less === undefined ? [] : behind[less]!.map(({ party, patient }) => `${party} ${patient}`),
        );
        const rest = behind[support]!.filter(({ party, patient }) => !without.has(`${party} ${patient}`));
        return rest.length === 0 || mayShow(patients(rest), bound.release);
      });
    const empty = groups.at(-1)!.length === 0 && aggregate.kind !== 'count' && aggregate.kind !== 'patients';
    return { suppressed, value: suppressed || empty ? null : aggregateValue(aggregate, opened) };
  });
  const none = bound.release.allOrNone && results.some(({ suppressed }) => suppressed);
  return {
    keys,
    values: results.map(({ value }) => (none ? null : value)),
    suppressed: results.map(({ suppressed }) => none || suppressed),
  };
}

function sum({ factors, centres, range: [lo, hi] }: Opened & { kind: 'sum' }, rows: readonly Row[]): bigint {
  const of = ({ values }: Row): bigint =>
    factors.reduce((product, at, i) => product * ((values[at] as bigint) - BigInt(centres[i]!)), 1n);
  const total = rows.reduce((all, row) => all + of(row), 0n);
  if (total < BigInt(lo) || total > BigInt(hi)) throw new RangeError('a sum leaves its range');
  return total;
}

interface Quantile {
  /** numerator / denominator. */
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly rounded: bigint;
}

function quantile(values: readonly bigint[], fraction: string): Quantile {
  if (values.length === 0) return { numerator: 0n, denominator: 1n, rounded: 0n };
  const sorted = values.toSorted((x, y) => (x < y ? -1 : 1));
  const [, digits = ''] = fraction.split('.');
  const denominator = 10n ** BigInt(digits.length);
  const place = BigInt(digits) * BigInt(values.length - 1);
  const [low, rest] = [Number(place / denominator), place % denominator];
  const numerator = sorted[low]! * (denominator - rest) + (sorted[low + 1] ?? 0n) * rest;
  const half = numerator < 0n ? -denominator : denominator;
  return { numerator, denominator, rounded: (2n * numerator + half) / (2n * denominator) };
}

function compareTo(value: bigint, { numerator, denominator }: Quantile, above: boolean): boolean {
  return above ? value * denominator >= numerator : value * denominator <= numerator;
}
