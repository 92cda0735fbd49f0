import { type Interval, multiple, type Node, plus, power, scaled, times } from '@symbolon/sql';
import { combine } from './combine.ts';
import { numberLiteral } from './literal.ts';
import { bounds, nodeType } from './nodes.ts';
import type { Type } from './schema.ts';
import type { Scope } from './scope.ts';
import { isNumeric, type Numeric, scaleOf, type Value } from './value.ts';

const minusOne = -1n;

/** x + y, x − y, −x; dates are subtracted from dates, and moved by whole days. */
export function plusMinus(name: '+' | '-', args: readonly Value[], at: Node, scope: Scope): Value {
  const [first, second] = args.map((arg) => numeric(arg, at, scope)) as [Numeric, Numeric | undefined];
  const sign = name === '+' ? 1n : minusOne;
  if (second === undefined) return signed(name, first, at, scope);
  const [x, y] = [first.type.kind === 'date', second.type.kind === 'date'];
  if (name === '+' ? x && y : !x && y)
    throw scope.refuse(at, 'dates are subtracted from dates, and moved by whole days');
  const scale = Math.max(scaleOf(first), scaleOf(second));
  const date = x !== y;
  if (date && scale > 0) throw scope.refuse(at, 'dates are moved by whole days; write round(…)');
  const range = plus(
    scaled(first.type.range, scale - scaleOf(first)),
    multiple(scaled(second.type.range, scale - scaleOf(second)), sign),
  );
  const type: Type = date ? { kind: 'date', range } : { kind: 'number', scale, range };
  const folded = fold(args, type);
  if (folded !== undefined) return folded;
  // DuckDB moves dates by INTEGER only.
  const sides = [first, second].map((side) =>
    date && side.type.kind === 'number' ? `CAST(${side.sql} AS INTEGER)` : side.sql,
  );
  const sql = `(${wide(sides[0]!, [first, second], date ? undefined : type)} ${name} ${sides[1]})`;
  return combine(at, scope, args, { sql, type }, () => {
    const [of, factor] = scope.nodes.at(second, scale);
    return scope.nodes.linear(sql, nodeType(type), [scope.nodes.at(first, scale), [of, factor * sign]]);
  });
}

function signed(name: '+' | '-', of: Numeric, at: Node, scope: Scope): Value {
  if (of.type.kind === 'date') throw scope.refuse(at, 'a date has no sign');
  if (name === '+') return of;
  const type = { ...of.type, range: multiple(of.type.range, minusOne) };
  const sql = `(-${of.sql})`;
  return (
    fold([of], type) ??
    combine(at, scope, [of], { sql, type }, () =>
      scope.nodes.linear(sql, nodeType(type), [[scope.nodes.of(of), minusOne]]),
    )
  );
}

/** x · y of two numbers. */
export function multiply(args: readonly Value[], at: Node, scope: Scope): Value {
  const [x, y] = args.map((arg) => numeric(arg, at, scope)) as [Numeric, Numeric];
  if (x.type.kind === 'date' || y.type.kind === 'date') throw scope.refuse(at, '* takes two numbers');
  const type: Type = { kind: 'number', scale: scaleOf(x) + scaleOf(y), range: times(x.type.range, y.type.range) };
  const folded = fold(args, type);
  if (folded !== undefined) return folded;
  const sql = `(${wide(x.sql, [x, y], type)} * ${y.sql})`;
  return combine(at, scope, args, { sql, type }, () => {
    const constant = [x, y].find((side) => typeof side.literal === 'object' && side.literal !== null);
    const other = constant === x ? y : x;
    if (constant === undefined) return scope.nodes.product(sql, nodeType(type), scope.nodes.of(x), scope.nodes.of(y));
    return scope.nodes.linear(sql, nodeType(type), [[scope.nodes.of(other), constant.type.range[0]]]);
  });
}

/** x − y of two numbers or two dates, for comparisons: a whole number. */
export function difference(x: Numeric, y: Numeric, scope: Scope): number {
  const scale = Math.max(scaleOf(x), scaleOf(y));
  const range: Interval = plus(
    scaled(x.type.range, scale - scaleOf(x)),
    multiple(scaled(y.type.range, scale - scaleOf(y)), minusOne),
  );
  const [of, factor] = scope.nodes.at(y, scale);
  const type = { kind: 'number', scale, range: bounds(range) } as const;
  return scope.nodes.linear(`(${x.sql} - ${y.sql})`, type, [scope.nodes.at(x, scale), [of, -factor]]);
}

function numeric(value: Value, at: Node, scope: Scope): Numeric {
  if (isNumeric(value)) return value;
  throw scope.refuse(
    at,
    `a number is needed here, and this is a ${value.type.kind}; write a CAST, or CASE WHEN … THEN 1 ELSE 0 END`,
  );
}

function fold(args: readonly Value[], type: Type): Value | undefined {
  const known = args.every(({ literal }) => typeof literal === 'object' && literal !== null);
  return known && type.kind === 'number' ? numberLiteral({ value: type.range[0], scale: type.scale }) : undefined;
}

// DuckDB adds and multiplies two INTEGERs to an INTEGER, and fails where it overflows.
function wide(sql: string, of: readonly Numeric[], type: Type | undefined): string {
  const fits = (range: Interval): boolean => range[0] >= -(1n << 31n) && range[1] < 1n << 31n;
  const overflows = type?.kind === 'number' && type.scale === 0 && !fits(type.range);
  return overflows && of.every((side) => fits(side.type.range)) ? `CAST(${sql} AS BIGINT)` : sql;
}

/** Whole numbers of a decimal, rounded half away from zero to `digits` behind the point. */
export function rounded(value: bigint, scale: number, digits: number): bigint {
  const unit = power(scale - digits);
  const half = value < 0n ? -unit / 2n : unit / 2n;
  return (value + half) / unit;
}
