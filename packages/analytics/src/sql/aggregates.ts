import {
  children,
  type Interval,
  list,
  multiple,
  type Node,
  node,
  plus,
  power,
  printDecimal,
  text,
  times,
} from '@symbolon/sql';
import { aggregateKinds, refusedAggregates } from './aggregate-names.ts';
import type { AggregateKind, BoundAggregate, Opened, Support } from './bound.ts';
import { condition, grouped } from './condition.ts';
import { expression } from './expression.ts';
import { bounds } from './nodes.ts';
import type { Scope } from './scope.ts';
import { isNumeric, type Numeric, scaleOf, type Value } from './value.ts';

/** The aggregates of a study as they are met: what opens for them, each number once. */
export class Aggregates {
  readonly all: BoundAggregate[] = [];
  readonly opened: Opened[] = [];
  readonly supports: Support[] = [{ filters: [], present: [] }];
  readonly #scope: Scope;
  readonly #rows: bigint;

  /** @param rows most rows of the joined tables */
  constructor(scope: Scope, rows: bigint) {
    this.#scope = scope;
    this.#rows = rows;
  }

  /** Place of the aggregate that this call is. */
  bind(of: Node): number {
    const name = text(of.function_name).toLowerCase();
    const refuse = (what: string) => this.#scope.refuse(of, `${name}(): ${what}`);
    if (Object.hasOwn(refusedAggregates, name)) throw refuse(refusedAggregates[name]!);
    const orders = list(node(of.order_bys).orders).length;
    if (orders > 0) throw refuse('ORDER BY cannot stand in an aggregate; write quantile_cont(x, 0.5)');
    const filters = of.filter === null ? [] : this.#filters(node(of.filter));
    const args = children(of).map((child) => expression(child, this.#scope));
    if (name === 'count' || name === 'count_star') return this.#count(of, args, filters);
    if (of.distinct === true) throw refuse('DISTINCT stands in COUNT(DISTINCT patient) only; write it without');
    const kind = aggregateKinds.get(name)!;
    const fraction = kind === 'quantile' ? this.#fraction(name, args, of) : undefined;
    const values = fraction === undefined ? args : args.slice(0, 1);
    if (values.length !== (kind === 'corr' ? 2 : 1))
      throw refuse(`it takes ${kind === 'corr' ? 'two arguments' : 'one argument'}`);
    const numbers = values.map((value) => this.#numeric(value, of, kind));
    const written = values.map((value) => value.sql).join(', ');
    const sql =
      fraction === undefined
        ? `${kind}(${written})`
        : `quantile_cont(CAST(${written} * ${power(scaleOf(numbers[0]!))} AS DOUBLE), ${fraction})`;
    return this.#add(
      kind,
      this.#numbers(kind, numbers, fraction, this.#support(filters, numbers), of),
      scaleOf(numbers[0]!),
      sql,
      filters,
    );
  }

  #count(of: Node, args: readonly Value[], filters: readonly Value[]): number {
    if (of.distinct === true) {
      const [hub] = this.#scope.tables;
      const ref = args[0]?.bare === true ? args[0].refs[0]! : undefined;
      const patients = this.#scope.tables.filter(
        ({ alias, table }) => alias === ref?.table && table.patient === ref.column,
      );
      if (args.length !== 1 || patients[0] !== hub)
        throw this.#scope.refuse(
          of,
          `COUNT(DISTINCT …) counts patients; write COUNT(DISTINCT ${hub!.alias}.${hub!.table.patient}), or GROUP BY the column and COUNT(*)`,
        );
      return this.#add(
        'patients',
        [{ kind: 'patients', support: this.#support(filters, []) }],
        0,
        `count(DISTINCT ${args[0]!.sql})`,
        filters,
      );
    }
    if (args.length > 1) throw this.#scope.refuse(of, 'COUNT takes one argument; write COUNT(*) FILTER (WHERE …)');
    const sql = `count(${args[0]?.sql ?? '*'})`;
    return this.#add('count', [{ kind: 'rows', support: this.#support(filters, args) }], 0, sql, filters);
  }

  #filters(of: Node): Value[] {
    const parts = conjuncts(of).map((part) => condition(part, this.#scope));
    return grouped('and', parts, of, this.#scope);
  }

  #fraction(name: string, args: readonly Value[], at: Node): string {
    if (name === 'median' && args.length === 1) return '0.5';
    const literal = args[1]?.literal;
    const fraction = typeof literal === 'object' && literal !== null ? Number(printDecimal(literal)) : Number.NaN;
    if (args.length !== 2 || !(fraction > 0 && fraction < 1))
      throw this.#scope.refuse(
        at,
        `${name}() takes ${name === 'median' ? 'one argument' : 'a value and a constant between 0 and 1: quantile_cont(x, 0.25)'}`,
      );
    return printDecimal(literal as { value: bigint; scale: number });
  }

  #numeric(value: Value, at: Node, kind: AggregateKind): Numeric {
    if (isNumeric(value) && value.type.kind === 'number') return value;
    const instead =
      value.type.kind === 'boolean' ? 'COUNT(*) FILTER (WHERE …)' : "a number, such as date_diff('day', from, to)";
    throw this.#scope.refuse(at, `${kind} is of numbers, and this is a ${value.type.kind}; write ${instead}`);
  }

  #support(filters: readonly Value[], present: readonly Value[]): number {
    const { nodes, present: known } = this.#scope;
    const mayMiss = present.filter(({ nullable, sql }) => nullable && !known.has(sql));
    const support: Support = {
      filters: filters.map((filter) => nodes.of(filter)),
      present: [...new Set(mayMiss.map((value) => nodes.of(value)))],
    };
    return place(this.supports, support);
  }

  #numbers(
    kind: AggregateKind,
    of: readonly Numeric[],
    fraction: string | undefined,
    support: number,
    at: Node,
  ): Opened[] {
    const factors = of.map((value) => this.#scope.nodes.of(value));
    if (kind === 'quantile') return [{ kind: 'quantile', support, of: factors[0]!, fraction: fraction! }];
    // Variances do not change where a constant is taken from every value, and their sums stay small.
    const centre = (value: Numeric): bigint => (value.type.range[0] + value.type.range[1]) / 2n;
    const centres = of.map((value) => (kind === 'sum' || kind === 'avg' ? 0n : centre(value)));
    const ranges = of.map((value, i) => plus(value.type.range, [-centres[i]!, -centres[i]!]));
    const sum = (...which: number[]): Opened => {
      const each =
        which.length === 2 && which[0] === which[1]
          ? square(ranges[which[0]!]!)
          : which.map((i) => ranges[i]!).reduce(times);
      return {
        kind: 'sum',
        support,
        factors: which.map((i) => factors[i]!),
        centres: which.map((i) => String(centres[i]!)),
        range: bounds(this.#total(each, at, kind)),
      };
    };
    const rows: Opened = { kind: 'rows', support };
    if (kind === 'sum') return [sum(0)];
    if (kind === 'avg') return [rows, sum(0)];
    if (kind === 'corr') return [rows, sum(0), sum(1), sum(0, 0), sum(1, 1), sum(0, 1)];
    return [rows, sum(0), sum(0, 0)];
  }

  #total([lo, hi]: Interval, at: Node, kind: AggregateKind): Interval {
    const total = [
      multiple([lo < 0n ? lo : 0n, 0n], this.#rows)[0],
      multiple([0n, hi > 0n ? hi : 0n], this.#rows)[1],
    ] as const;
    if (total[0] >= -(1n << 63n) && total[1] < 1n << 63n) return total;
    throw this.#scope.refuse(
      at,
      `${kind}: over ${this.#rows} rows this can leave 64 bits; narrow min, max, scale or maxRows in the agreement, or write round(…)`,
      'plan-range',
    );
  }

  #add(
    kind: AggregateKind,
    numbers: readonly Opened[],
    scale: number,
    call: string,
    filters: readonly Value[],
  ): number {
    const opened = numbers.map((number) => place(this.opened, number));
    const sql =
      filters.length === 0 ? call : `${call} FILTER (WHERE ${filters.map((filter) => filter.sql).join(' AND ')})`;
    return place(this.all, { kind, opened, scale, sql });
  }
}

/** The parts of a condition that AND joins. */
export function conjuncts(of: Node): Node[] {
  return of.type === 'CONJUNCTION_AND' ? children(of).flatMap(conjuncts) : [of];
}

function square(range: Interval): Interval {
  return [0n, times(range, range)[1]];
}

/** Where the item stands in the list; at its end if it did not. */
export function place<T>(all: T[], item: T): number {
  const text = JSON.stringify(item);
  const known = all.findIndex((other) => JSON.stringify(other) === text);
  return known >= 0 ? known : all.push(item) - 1;
}
