import { nearest } from '@symbolon/crypto';
import {
  children,
  constantKinds,
  isName,
  isPlainCall,
  list,
  type Node,
  node,
  printCall,
  printCase,
  text,
} from '@symbolon/sql';
import { aggregateNames } from './aggregate-names.ts';
import { multiply, plusMinus } from './arithmetic.ts';
import { combine, merged, widened } from './combine.ts';
import { condition, isCondition } from './condition.ts';
import { castTarget, functionNames, functions } from './functions.ts';
import { dateLiteral, literal, numberLiteral, truth } from './literal.ts';
import { nodeType } from './nodes.ts';
import type { Scope } from './scope.ts';
import { areLocal, type Value } from './value.ts';

const supported = `supported are columns, constants, +, −, *, //, %, ||, CASE, CAST, COALESCE, LIKE, IN, BETWEEN and the functions ${functionNames.join(', ')}, date_diff, greatest, least, nullif`;

/** Functions that studies have under another name, or not at all: what to write. */
const instead: Readonly<Record<string, string>> = {
  '/': 'write // for whole numbers, or divide aggregates: SUM(x) / SUM(y)',
  to_months: "write date_diff('month', from, to) < 3 in place of a date moved by months",
  to_days: 'move dates by whole numbers: visited + 30',
  date_trunc: 'write year(visited), month(visited)',
  random: 'a study gives the same on the same data',
  now: "write the day: DATE '2026-01-31'",
  current_date: "write the day: DATE '2026-01-31'",
};

/** A value of a row. */
export function expression(of: Node, scope: Scope): Value {
  switch (of.class) {
    case 'COLUMN_REF':
      return scope.column(of);
    case 'CONSTANT': {
      const value = literal(of);
      if (value === undefined) throw scope.refuse(of, constantKinds);
      return value;
    }
    case 'FUNCTION':
      return call(of, scope);
    case 'CAST':
      return cast(of, scope);
    case 'CASE':
      return choose(of, scope);
    case 'SUBQUERY':
      throw scope.refuse(
        of,
        'a subquery cannot stand in a study; join its table, or prepare it as a table of its owner',
      );
    case 'WINDOW':
      throw scope.refuse(of, 'a window (OVER) cannot stand in a study; write the aggregate with GROUP BY');
    case 'STAR':
      throw scope.refuse(of, '* would show rows; name what to aggregate');
  }
  if (of.type === 'OPERATOR_COALESCE')
    return coalesce(
      children(of).map((child) => expression(child, scope)),
      of,
      scope,
    );
  if (isCondition(of)) return condition(of, scope);
  throw scope.refuse(of, `${String(of.type).toLowerCase().replaceAll('_', ' ')} cannot stand in a study; ${supported}`);
}

function call(of: Node, scope: Scope): Value {
  const name = text(of.function_name).toLowerCase();
  const shown = isName(name) ? `${name}()` : name;
  if (aggregateNames.has(name))
    throw scope.refuse(
      of,
      `${shown} stands inside another aggregate, or in WHERE or GROUP BY; it belongs to SELECT, HAVING or ORDER BY`,
    );
  if (!isPlainCall(of))
    throw scope.refuse(of, `${shown} stands here with a schema, DISTINCT, FILTER or ORDER BY; write it without`);
  const args = children(of).map((child) => expression(child, scope));
  if ((name === '+' || name === '-') && (args.length === 1 || args.length === 2))
    return plusMinus(name, args, of, scope);
  if (name === '*' && args.length === 2) return multiply(args, of, scope);
  if (name === 'date_diff' || name === 'datediff') return dateDiff(args, of, scope);
  if (name === 'greatest' || name === 'least') {
    const type = merged(args, of, scope);
    return combine(of, scope, args, {
      sql: printCall(name, args),
      type,
      nullable: args.every((arg) => arg.nullable),
    });
  }
  if (name === 'nullif' && args.length === 2) {
    merged(args, of, scope);
    return combine(of, scope, args, { sql: printCall(name, args), type: args[0]!.type, nullable: true });
  }
  const signature = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (signature === undefined) {
    const near = nearest(name, [
      ...functionNames,
      'date_diff',
      'greatest',
      'least',
      'coalesce',
      'nullif',
      ...aggregateNames,
    ]);
    const advice = Object.hasOwn(instead, name)
      ? instead[name]!
      : near === undefined
        ? supported
        : `did you mean ${near}?`;
    throw scope.refuse(of, `${shown} cannot stand in a study; ${advice}`);
  }
  const type = signature(args);
  if (typeof type === 'string') throw scope.refuse(of, `${shown}: ${type}`);
  return combine(of, scope, args, { sql: printCall(name, args), type, shows: type.kind === 'boolean' ? [] : args });
}

// DuckDB counts the borders of months and years between two dates.
function dateDiff(args: readonly Value[], at: Node, scope: Scope): Value {
  const [unit, from, to] = args;
  const dates = [from, to].every((arg) => arg?.type.kind === 'date');
  if (
    args.length !== 3 ||
    !dates ||
    !(unit?.literal === 'day' || unit?.literal === 'month' || unit?.literal === 'year')
  )
    throw scope.refuse(at, "date_diff takes 'day', 'month' or 'year' and two dates");
  const count = (date: Value): Value => {
    if (unit.literal === 'day') return date;
    const years = combine(at, scope, [date], {
      sql: `year(${date.sql})`,
      type: functions.year!([date]) as Value['type'],
    });
    if (unit.literal === 'year') return years;
    const months = combine(at, scope, [date], {
      sql: `month(${date.sql})`,
      type: functions.month!([date]) as Value['type'],
    });
    const twelve = numberLiteral({ value: 12n, scale: 0 });
    return plusMinus('+', [multiply([years, twelve], at, scope), months], at, scope);
  };
  if (!areLocal([from!, to!])) return plusMinus('-', [count(to!), count(from!)], at, scope);
  const { type } = plusMinus('-', [count(to!), count(from!)], at, scope);
  return combine(at, scope, [from!, to!], { sql: `date_diff(${unit.sql}, ${from!.sql}, ${to!.sql})`, type });
}

function cast(of: Node, scope: Scope): Value {
  const target = node(of.cast_type);
  const id = text(target.id);
  const inner = expression(node(of.child), scope);
  // DATE '…', TRUE and FALSE are casts of texts in DuckDB's tree.
  if (id === 'DATE' && typeof inner.literal === 'string') {
    const date = dateLiteral(inner.literal);
    if (date === undefined) throw scope.refuse(of, `'${inner.literal}' is no date YYYY-MM-DD`);
    return date;
  }
  if (id === 'BOOLEAN' && (inner.literal === 't' || inner.literal === 'f')) return truth(inner.literal === 't');
  if (id === 'BOOLEAN' && inner.type.kind === 'boolean') return inner;
  const info = id === 'DECIMAL' ? node(target.type_info) : {};
  const to = castTarget(id, { width: info.width, scale: info.scale }, inner.type);
  if (to === undefined)
    throw scope.refuse(
      of,
      `a ${inner.type.kind} cannot be cast to ${id} here; casts are to VARCHAR, INTEGER, BIGINT, DECIMAL(p, s), DATE and BOOLEAN`,
    );
  // Texts beyond 18 digits have no place in a range.
  const printed =
    id === 'BIGINT' ? `CAST(TRY_CAST(${inner.sql} AS DECIMAL(18,0)) AS BIGINT)` : `TRY_CAST(${inner.sql} AS ${to.sql})`;
  if (inner.type.kind === 'boolean' && to.type.kind === 'number') {
    const { type } = to;
    const one = numberLiteral({ value: 1n, scale: 0 });
    const zero = numberLiteral({ value: 0n, scale: 0 });
    return combine(of, scope, [inner], { sql: printed, type }, () => {
      const is = scope.nodes.of(inner);
      const not = scope.nodes.not(`(NOT ${inner.sql})`, is);
      const arms = [is, widened(one, type, of, scope), not, widened(zero, type, of, scope)];
      return scope.nodes.choose(printed, nodeType(type), [...arms, scope.nodes.of(nothing, type)]);
    });
  }
  return combine(of, scope, [inner], { sql: printed, type: to.type, nullable: true });
}

const nothing: Value = { sql: 'NULL', type: { kind: 'null' }, nullable: true, refs: [], literal: null };

function choose(of: Node, scope: Scope): Value {
  const checks = list(of.case_checks).map(node);
  const whens = checks.map((check) => condition(node(check.when_expr), scope));
  const thens = [...checks.map((check) => node(check.then_expr)), node(of.else_expr)].map((then) =>
    expression(then, scope),
  );
  const otherwise = thens.at(-1)!;
  const type = merged(thens, of, scope);
  const sql = printCase(
    whens.map((when, i) => [when.sql, thens[i]!.sql]),
    otherwise.sql,
  );
  return combine(
    of,
    scope,
    [...whens, ...thens],
    { sql, type, nullable: thens.some((then) => then.nullable), shows: thens },
    () =>
      scope.nodes.choose(sql, nodeType(type), [
        ...whens.flatMap((when, i) => [scope.nodes.of(when), widened(thens[i]!, type, of, scope)]),
        widened(otherwise, type, of, scope),
      ]),
  );
}

function coalesce(values: readonly Value[], at: Node, scope: Scope): Value {
  const type = merged(values, at, scope);
  const sql = printCall('coalesce', values);
  return combine(at, scope, values, { sql, type, nullable: values.every((value) => value.nullable) }, () => {
    const nodes = values.map((value) => widened(value, type, at, scope));
    const arms = values
      .slice(0, -1)
      .flatMap(({ sql }, i) => [
        scope.nodes.not(`(${sql} IS NOT NULL)`, scope.nodes.isNull(`(${sql} IS NULL)`, nodes[i]!)),
        nodes[i]!,
      ]);
    return scope.nodes.choose(sql, nodeType(type), [...arms, nodes.at(-1)!]);
  });
}
