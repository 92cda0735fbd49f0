import { type Comparison, children, comparisons, type Node, node, text } from '@symbolon/sql';
import { difference } from './arithmetic.ts';
import { combine, freeText, merged } from './combine.ts';
import { expression } from './expression.ts';
import { dateLiteral } from './literal.ts';
import type { Scope } from './scope.ts';
import { isNumeric, tablesOf, type Value } from './value.ts';

const boolean = { kind: 'boolean' } as const;

/** Whether a node can only be a condition. */
export function isCondition(of: Node): boolean {
  return ['COMPARISON', 'BETWEEN', 'CONJUNCTION'].includes(text(of.class)) || /NOT|_IN$|IS_/.test(text(of.type));
}

/** A condition on a row: TRUE, FALSE or NULL. */
export function condition(of: Node, scope: Scope): Value {
  const type = text(of.type);
  const op = comparisons[type];
  const part = (name: string): Value => expression(node(of[name]), scope);
  if (op !== undefined) return compare(op, part('left'), part('right'), of, scope);
  switch (type) {
    case 'CONJUNCTION_AND':
    case 'CONJUNCTION_OR':
      return connect(
        type === 'CONJUNCTION_AND' ? 'and' : 'or',
        children(of).map((child) => condition(child, scope)),
        of,
        scope,
      );
    case 'OPERATOR_NOT':
      return negate(condition(children(of)[0]!, scope), of, scope);
    case 'OPERATOR_IS_NULL':
      return isNull(expression(children(of)[0]!, scope), of, scope);
    case 'OPERATOR_IS_NOT_NULL':
      return negate(isNull(expression(children(of)[0]!, scope), of, scope), of, scope);
    case 'COMPARE_NOT_DISTINCT_FROM':
      return notDistinct(part('left'), part('right'), of, scope);
    case 'COMPARE_DISTINCT_FROM':
      return negate(notDistinct(part('left'), part('right'), of, scope), of, scope);
    case 'COMPARE_BETWEEN':
      return between(part('input'), part('lower'), part('upper'), of, scope);
    case 'COMPARE_IN':
      return oneOf(of, scope);
    case 'COMPARE_NOT_IN':
      return negate(oneOf(of, scope), of, scope);
  }
  if (isCondition(of)) throw scope.refuse(of, `${type.toLowerCase().replaceAll('_', ' ')} cannot stand in a study`);
  const value = expression(of, scope);
  if (value.type.kind === 'boolean' || value.type.kind === 'null') return { ...value, type: boolean };
  throw scope.refuse(
    of,
    `a condition is needed here, and this is a ${value.type.kind}; write a comparison, such as x > 0`,
  );
}

/** AND or OR; parts of one table become one. */
export function connect(op: 'and' | 'or', parts: readonly Value[], at: Node, scope: Scope): Value {
  if (parts.length === 1) return parts[0]!;
  const sql = `(${parts.map((part) => part.sql).join(` ${op.toUpperCase()} `)})`;
  return combine(at, scope, parts, { sql, type: boolean }, () =>
    scope.nodes.connect(
      op,
      sql,
      grouped(op, parts, at, scope).map((part) => scope.nodes.of(part)),
    ),
  );
}

/** The same conditions, those of one table as one. */
export function grouped(op: 'and' | 'or', parts: readonly Value[], at: Node, scope: Scope): Value[] {
  const isLocal = (part: Value): boolean => part.node === undefined && part.refs.length > 0;
  const locals = Object.groupBy(parts.filter(isLocal), (part) => [...tablesOf([part])][0]!);
  return [
    ...Object.values(locals).map((group) => connect(op, group!, at, scope)),
    ...parts.filter((part) => !isLocal(part)),
  ];
}

function negate(of: Value, at: Node, scope: Scope): Value {
  const sql = `(NOT ${of.sql})`;
  return combine(at, scope, [of], { sql, type: boolean }, () => scope.nodes.not(sql, scope.nodes.of(of)));
}

function compare(op: Comparison, left: Value, right: Value, at: Node, scope: Scope): Value {
  const [x, y] = [asDate(left, right, at, scope), asDate(right, left, at, scope)];
  const sql = `(${x.sql} ${op} ${y.sql})`;
  const type = merged([x, y], at, scope);
  return combine(at, scope, [x, y], { sql, type: boolean, shows: [] }, () => {
    if (type.kind === 'null' || x.type.kind === 'null' || y.type.kind === 'null')
      throw scope.refuse(at, 'a comparison with NULL is never true; write IS NULL');
    if (isNumeric(x) && isNumeric(y)) return order(op, sql, x, y, scope);
    if (op !== '=' && op !== '<>')
      throw scope.refuse(at, `a ${type.kind} of one table is held against one of another by = or <> only`);
    const equal = type.kind === 'text' ? sameText(x, y, at, scope) : same(x, y, scope);
    return op === '=' ? equal : scope.nodes.not(sql, equal);
  });
}

function order(op: Comparison, sql: string, x: Value, y: Value, scope: Scope): number {
  const [from, to] = op === '>' || op === '<=' ? [y, x] : [x, y];
  if (!isNumeric(from) || !isNumeric(to)) throw new TypeError('an order is of numbers or dates');
  const above = difference(from, to, scope);
  if (op === '=') return scope.nodes.zero(sql, above);
  if (op === '<>') return scope.nodes.not(sql, scope.nodes.zero(`(${x.sql} = ${y.sql})`, above));
  if (op === '<' || op === '>') return scope.nodes.negative(sql, above);
  return scope.nodes.not(sql, scope.nodes.negative(`(${from.sql} < ${to.sql})`, above));
}

function sameText(x: Value, y: Value, at: Node, scope: Scope): number {
  const type = merged([x, y], at, scope);
  if (type.kind !== 'text' || type.values === undefined) throw scope.refuse(at, freeText);
  const most = BigInt(type.values.length);
  const apart = scope.nodes.difference(
    `(${x.sql}, ${y.sql})`,
    [scope.nodes.of(x, type), 1n],
    [scope.nodes.of(y, type), 1n],
    [-most, most],
  );
  return scope.nodes.zero(`(${x.sql} = ${y.sql})`, apart);
}

function same(x: Value, y: Value, scope: Scope): number {
  const [first, second] = [scope.nodes.of(x), scope.nodes.of(y)];
  const not = (value: Value, of: number): number => scope.nodes.not(`(NOT ${value.sql})`, of);
  const both = scope.nodes.connect('and', `(${x.sql} AND ${y.sql})`, [first, second]);
  const none = scope.nodes.connect('and', `(NOT ${x.sql} AND NOT ${y.sql})`, [not(x, first), not(y, second)]);
  return scope.nodes.connect('or', `(${x.sql} = ${y.sql})`, [both, none]);
}

// DuckDB reads a text constant beside a date as a date.
function asDate(value: Value, beside: Value, at: Node, scope: Scope): Value {
  if (beside.type.kind !== 'date' || typeof value.literal !== 'string' || value.type.kind !== 'text') return value;
  const date = dateLiteral(value.literal);
  if (date === undefined) throw scope.refuse(at, `'${value.literal}' is no date YYYY-MM-DD`);
  return date;
}

function isNull(of: Value, at: Node, scope: Scope): Value {
  const sql = `(${of.sql} IS NULL)`;
  return combine(at, scope, [of], { sql, type: boolean, nullable: false, shows: [] }, () =>
    scope.nodes.isNull(sql, scope.nodes.of(of)),
  );
}

// x IS TRUE is x IS NOT DISTINCT FROM TRUE in DuckDB's tree.
function notDistinct(left: Value, right: Value, at: Node, scope: Scope): Value {
  const [x, y] = [asDate(left, right, at, scope), asDate(right, left, at, scope)];
  merged([x, y], at, scope);
  const sql = `(${x.sql} IS NOT DISTINCT FROM ${y.sql})`;
  return combine(at, scope, [x, y], { sql, type: boolean, nullable: false, shows: [] }, () => {
    if (typeof y.literal !== 'boolean')
      throw scope.refuse(at, 'IS DISTINCT FROM between tables takes TRUE or FALSE; write = and IS NULL');
    const of = scope.nodes.of(x);
    const known = scope.nodes.not(`(${x.sql} IS NOT NULL)`, scope.nodes.isNull(`(${x.sql} IS NULL)`, of));
    return scope.nodes.connect('and', sql, [known, y.literal ? of : scope.nodes.not(`(NOT ${x.sql})`, of)]);
  });
}

function between(x: Value, low: Value, high: Value, at: Node, scope: Scope): Value {
  const [lower, upper] = [asDate(low, x, at, scope), asDate(high, x, at, scope)];
  merged([x, lower, upper], at, scope);
  const sql = `(${x.sql} BETWEEN ${lower.sql} AND ${upper.sql})`;
  return combine(at, scope, [x, lower, upper], { sql, type: boolean, shows: [] }, () => {
    const sides = [compare('>=', x, lower, at, scope), compare('<=', x, upper, at, scope)];
    return scope.nodes.connect(
      'and',
      sql,
      sides.map((side) => scope.nodes.of(side)),
    );
  });
}

function oneOf(of: Node, scope: Scope): Value {
  const [x, ...rest] = children(of).map((child) => expression(child, scope)) as [Value, ...Value[]];
  const values = rest.map((value) => asDate(value, x, of, scope));
  merged([x, ...values], of, scope);
  const sql = `(${x.sql} IN (${values.map((value) => value.sql).join(', ')}))`;
  return combine(of, scope, [x, ...values], { sql, type: boolean, shows: [] }, () => {
    const equals = values.map((value) => compare('=', x, value, of, scope));
    return scope.nodes.connect(
      'or',
      sql,
      equals.map((equal) => scope.nodes.of(equal)),
    );
  });
}
