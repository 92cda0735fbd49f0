import { addDecimal, atScale, type Comparison, type Node, zero } from '@symbolon/sql';
import { made, sideOf, toSum } from './expression.ts';
import { dateLiteral } from './literal.ts';
import { isConstant, measured, measures } from './measure.ts';
import { integerOperand, plainOperand } from './operand.ts';
import { connect, negate, type PairPredicate, type Predicate } from './predicate.ts';
import type { Scope } from './scope.ts';
import { scored } from './score.ts';
import { addSums, type LocalValue, negatePart, type Sum, type Value } from './value.ts';

const flipped: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** left op right. */
export function compare(op: Comparison, left: Value, right: Value, at: Node, scope: Scope): Predicate {
  const [x, y] = coerce(left, right);
  if (isNullLiteral(x) || isNullLiteral(y)) return { kind: 'constant', value: null };
  if (isLocal(x) && isLocal(y)) {
    requireAlike(x, y, at, scope);
    if (x.side === undefined || y.side === undefined || x.side === y.side)
      return oneSided(`(${x.sql} ${op} ${y.sql})`, [x, y], at, scope);
  }
  if (x.kind === 'score' || y.kind === 'score') return scored(op, x, y, at, scope);
  if (x.kind === 'measure') return measured(op, x, y, at, scope);
  if (y.kind === 'measure') return measured(flipped[op], y, x, at, scope);
  if (x.kind === 'distance') return distance(op, x.sum, y, at, scope);
  if (y.kind === 'distance') return distance(flipped[op], y.sum, x, at, scope);
  if (isLocal(x) && isLocal(y) && (x.type.kind === 'text' || x.type.kind === 'boolean')) {
    if (op !== '=' && op !== '<>')
      throw scope.refuse(
        at,
        `texts of a and b are compared with =, <> or a measure (${measures.join(', ')}), not with ${op}`,
      );
    const [a, b] = x.side === 'a' ? [x, y] : [y, x];
    const equal: Predicate = { kind: 'equal', a: plainOperand(a, 'a'), b: plainOperand(b, 'b') };
    return op === '=' ? equal : { kind: 'not', of: equal };
  }
  requireSameSort(x, y, at, scope);
  return ordered(op, addSums(toSum(x, at, scope), toSum(y, at, scope), -1), at, scope);
}

/** x BETWEEN low AND high. */
export function between(x: Value, low: Value, high: Value, at: Node, scope: Scope): Predicate {
  const [above, below] = [compare('>=', x, low, at, scope), compare('<=', x, high, at, scope)];
  if (above.kind === 'interval' && below.kind === 'interval' && same(above, below)) {
    const [lo, hi] = [above.low ?? below.low, above.high ?? below.high];
    if (lo !== undefined && hi !== undefined && lo <= hi) return { ...above, low: lo, high: hi };
  }
  return connect('and', [above, below], at, scope);
}

/** x IS NOT DISTINCT FROM y. */
export function distinct(left: Value, right: Value, at: Node, scope: Scope): Predicate {
  const [x, y] = coerce(left, right);
  if (!isLocal(x) || !isLocal(y)) throw scope.refuse(at, 'IS DISTINCT FROM takes values of one table each');
  requireAlike(x, y, at, scope);
  const nulls = [x, y].map((value) => oneSided(`(${value.sql} IS NULL)`, [value], at, scope));
  if (x.side === undefined || y.side === undefined || x.side === y.side) {
    return oneSided(`(${x.sql} IS NOT DISTINCT FROM ${y.sql})`, [x, y], at, scope);
  }
  const equal: Predicate = { kind: 'is', of: compare('=', x, y, at, scope), value: true };
  return { kind: 'or', of: [equal, { kind: 'and', of: nulls }] };
}

function same(x: PairPredicate, y: PairPredicate): boolean {
  return x.a.sql === y.a.sql && x.b.sql === y.b.sql;
}

function isLocal(value: Value): value is LocalValue {
  return value.kind === 'local';
}

function isNullLiteral(value: Value): boolean {
  return isLocal(value) && value.type.kind === 'null';
}

function oneSided(sql: string, from: readonly LocalValue[], at: Node, scope: Scope): Predicate {
  sideOf(from, at, scope);
  return { kind: 'local', value: made(sql, { kind: 'boolean' }, from, at, scope) };
}

// DuckDB reads a text constant beside a date as a date.
function coerce(x: Value, y: Value): [Value, Value] {
  const dated = (value: Value, other: Value): Value =>
    isLocal(value) && typeof value.literal === 'string' && value.type.kind === 'text' && isDate(other)
      ? (dateLiteral(value.literal) ?? value)
      : value;
  return [dated(x, y), dated(y, x)];
}

function isDate(value: Value): boolean {
  return value.kind === 'sum' ? value.date : isLocal(value) && value.type.kind === 'date';
}

function requireAlike(x: LocalValue, y: LocalValue, at: Node, scope: Scope): void {
  const [kind, other] = [x.type.kind, y.type.kind];
  if (kind === other || kind === 'null' || other === 'null') return;
  throw scope.refuse(at, `a ${kind} is compared with a ${other}; write a CAST on one side`);
}

function requireSameSort(x: Value, y: Value, at: Node, scope: Scope): void {
  if (isDate(x) !== isDate(y))
    throw scope.refuse(at, 'a date is compared with a number; write a CAST or take a date_part');
}

function distance(op: Comparison, sum: Sum, other: Value, at: Node, scope: Scope): Predicate {
  if (!isConstant(other)) throw scope.refuse(at, 'a distance is compared with a constant: abs(a.x - b.y) <= …');
  if (op === '=' || op === '<>') throw scope.refuse(at, `a distance is compared with <, <=, > or >=, not with ${op}`);
  const inside = op === '<' || op === '<=';
  const { a, b, scale, shift } = operands(sum, other.literal.scale, at, scope);
  const bound = atScale(other.literal, scale) - (op === '<' || op === '>=' ? 1n : 0n);
  if (bound < 0n) throw scope.refuse(at, 'a distance is never below 0');
  const interval: Predicate = { kind: 'interval', a, b, low: -bound - shift, high: bound - shift };
  return inside ? interval : negate(interval, at, scope);
}

/** sum op 0. */
function ordered(op: Comparison, sum: Sum, at: Node, scope: Scope): Predicate {
  if (op === '<>') return negate(ordered('=', sum, at, scope), at, scope);
  if (op === '=') {
    const [x, y] = bothParts(sum, at, scope);
    const scale = Math.max(x.scale, y.scale, sum.shift.scale);
    const shift = addDecimal(zero, sum.shift, -1);
    return { kind: 'equal', a: integerOperand('a', x, scale), b: integerOperand('b', negatePart(y), scale, shift) };
  }
  const { a, b, shift } = operands(sum, 0, at, scope);
  const range =
    op === '<'
      ? { high: -shift - 1n }
      : op === '<='
        ? { high: -shift }
        : op === '>'
          ? { low: 1n - shift }
          : { low: -shift };
  return { kind: 'interval', a, b, ...range };
}

function bothParts({ a, b }: Sum, at: Node, scope: Scope): [NonNullable<Sum['a']>, NonNullable<Sum['a']>] {
  if (a === undefined || b === undefined) throw scope.refuse(at, 'a condition on one table holds columns of the other');
  return [a, b];
}

function operands(sum: Sum, leastScale: number, at: Node, scope: Scope) {
  const [x, y] = bothParts(sum, at, scope);
  const scale = Math.max(x.scale, y.scale, sum.shift.scale, leastScale);
  if (x.range === undefined || y.range === undefined) {
    throw scope.refuse(
      at,
      `this comparison needs min and max for ${[...x.columns, ...y.columns].join(', ')} in the agreement`,
    );
  }
  const [a, b] = [integerOperand('a', x, scale), integerOperand('b', y, scale)];
  return { a, b, scale, shift: atScale(sum.shift, scale) };
}
