import { fault } from '@symbolon/crypto';
import { daysOf, type Interval, power, quoteText } from '@symbolon/sql';
import type { BoundNode, Bounds, NodeType } from './bound.ts';
import type { Type } from './schema.ts';
import { isNumeric, type Numeric, scaleOf, shownOf, tablesOf, type Value } from './value.ts';

const maxNodes = 4096;

/** The nodes of a study as it is bound. Equal nodes are one. */
export class Nodes {
  readonly all: BoundNode[] = [];
  readonly #places = new Map<string, number>();
  readonly #hub: () => string;

  /** @param hub alias of the table whose owner computes what no column stands in */
  constructor(hub: () => string) {
    this.#hub = hub;
  }

  add(node: BoundNode): number {
    const key = JSON.stringify(node);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    if (this.all.length === maxNodes)
      throw fault('study-unsupported', `the study has more than ${maxNodes} values; write it shorter`);
    this.#places.set(key, this.all.length);
    return this.all.push(node) - 1;
  }

  /** The node of a value; of a text by its place among `values`, of a NULL as one of `like`. */
  of(value: Value, like: Type = value.type): number {
    const values = like.kind === 'text' ? like.values : undefined;
    if (value.node !== undefined) return values === undefined ? value.node : this.#recoded(value.node, values);
    const type = nodeType(value.type.kind === 'null' || values !== undefined ? like : value.type);
    const { sql, nullable } = value;
    const constant = constantOf(value, values);
    if (constant !== undefined) return this.add({ op: 'constant', sql, type, nullable, value: constant });
    const [table = this.#hub()] = tablesOf([value]);
    const columns = [...new Set(value.refs.map(({ column }) => column))];
    const shown = shownOf([value]).map(({ column }) => column);
    return this.add({ op: 'local', sql, type, nullable, table, columns, shown, bare: value.bare === true });
  }

  #recoded(at: number, values: readonly string[]): number {
    const { type, sql, nullable } = this.all[at]!;
    if (type.kind !== 'code') throw new TypeError('only codes are coded anew');
    if (type.values.length === values.length && type.values.every((value, i) => value === values[i])) return at;
    const arms = type.values.flatMap((value, i) => {
      const is = this.difference(
        sql,
        [at, 1n],
        [this.#number(BigInt(i)), 1n],
        [BigInt(-i), BigInt(type.values.length)],
      );
      return [this.zero(`(${sql} = ${quoteText(value)})`, is), this.#number(BigInt(values.indexOf(value)))];
    });
    const otherwise = this.add({
      op: 'constant',
      sql: 'NULL',
      type: { kind: 'code', values },
      nullable: true,
      value: null,
    });
    return this.add({ op: 'case', sql, type: { kind: 'code', values }, nullable, of: [...arms, otherwise] });
  }

  #number(value: bigint): number {
    const type: NodeType = { kind: 'number', scale: 0, range: bounds([value, value]) };
    return this.add({ op: 'constant', sql: String(value), type, nullable: false, value: String(value) });
  }

  /** Σ coefficient · node + constant; sums and constants within it are taken apart. */
  linear(
    sql: string,
    type: NodeType,
    terms: readonly (readonly [node: number, coefficient: bigint])[],
    shift = 0n,
  ): number {
    const sum = new Map<number, bigint>();
    let constant = shift;
    let nullable = false;
    const add = (at: number, coefficient: bigint): void => {
      const of = this.all[at]!;
      nullable ||= of.nullable;
      if (of.op === 'constant' && typeof of.value === 'string') constant += coefficient * BigInt(of.value);
      else if (of.op === 'linear') {
        constant += coefficient * BigInt(of.constant);
        for (const [i, part] of of.of.entries()) add(part, coefficient * BigInt(of.coefficients[i]!));
      } else sum.set(at, (sum.get(at) ?? 0n) + coefficient);
    };
    for (const [at, coefficient] of terms) add(at, coefficient);
    const [of, coefficients] = [[...sum.keys()], [...sum.values()].map(String)];
    return this.add({ op: 'linear', sql, type, nullable, of, coefficients, constant: String(constant) });
  }

  /** x · factor − y · factor, a number of this range. */
  difference(
    sql: string,
    x: readonly [node: number, factor: bigint],
    y: readonly [node: number, factor: bigint],
    range: Interval,
  ): number {
    return this.linear(sql, { kind: 'number', scale: 0, range: bounds(range) }, [x, [y[0], -y[1]]]);
  }

  product(sql: string, type: NodeType, x: number, y: number): number {
    return this.add({ op: 'product', sql, type, nullable: this.#nullable([x, y]), of: [x, y] });
  }

  zero(sql: string, of: number): number {
    return this.#condition('zero', sql, [of]);
  }

  negative(sql: string, of: number): number {
    return this.#condition('negative', sql, [of]);
  }

  not(sql: string, of: number): number {
    return this.#condition('not', sql, [of]);
  }

  isNull(sql: string, of: number): number {
    return this.add({ op: 'null', sql, type: { kind: 'boolean' }, nullable: false, of: [of] });
  }

  connect(op: 'and' | 'or', sql: string, of: readonly number[]): number {
    return of.length === 1
      ? of[0]!
      : this.add({ op, sql, type: { kind: 'boolean' }, nullable: this.#nullable(of), of });
  }

  /** `of`: [when, then]… otherwise. */
  choose(sql: string, type: NodeType, of: readonly number[]): number {
    const results = of.filter((_, i) => i % 2 === 1 || i === of.length - 1);
    return this.add({ op: 'case', sql, type, nullable: this.#nullable(results), of });
  }

  /** The node of a number or date as a whole number at `scale`, for arithmetic. */
  at(value: Numeric, scale: number): readonly [node: number, factor: bigint] {
    return [this.of(value), power(scale - scaleOf(value))];
  }

  #condition(op: 'zero' | 'negative' | 'not', sql: string, of: readonly [number]): number {
    return this.add({ op, sql, type: { kind: 'boolean' }, nullable: this.#nullable(of), of });
  }

  #nullable(of: readonly number[]): boolean {
    return of.some((at) => this.all[at]!.nullable);
  }
}

export function bounds([lo, hi]: Interval): Bounds {
  return [String(lo), String(hi)];
}

export function nodeType(type: Type): NodeType {
  switch (type.kind) {
    case 'number':
    case 'date':
      return { ...type, range: bounds(type.range) };
    case 'text':
      return type.values === undefined ? { kind: 'text' } : { kind: 'code', values: type.values };
    default:
      return { kind: 'boolean' };
  }
}

function constantOf(value: Value, values: readonly string[] | undefined): string | boolean | null | undefined {
  const { literal } = value;
  if (literal === undefined || literal === null || typeof literal === 'boolean') return literal;
  if (typeof literal === 'object') return String(literal.value);
  if (isNumeric(value)) return String(daysOf(literal)!);
  return values === undefined ? undefined : String(values.indexOf(literal));
}
