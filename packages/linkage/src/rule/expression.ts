import { defaultDates } from '../columns.ts';
import { addDecimal, type Interval } from '../decimal.ts';
import { children, list, type Node, node, text } from './ast.ts';
import { functions, merged } from './functions.ts';
import { dateLiteral, literal } from './literal.ts';
import { isMeasure, measure, measures } from './measure.ts';
import { nearest } from './nearest.ts';
import { predicate } from './predicate.ts';
import type { Scope } from './scope.ts';
import { addSums, type LocalValue, type Side, type Sum, sumOf, type Type, type Value } from './value.ts';

const names = [...measures, 'date_diff', ...Object.keys(functions).filter((name) => /^[a-z]/.test(name))];
const supported = `supported are columns, constants, +, −, *, //, %, ||, CASE, CAST, COALESCE, LIKE, IN, BETWEEN and the functions ${names.join(', ')}`;

const conditions = new Set([
  'COMPARISON',
  'BETWEEN',
  'CONJUNCTION',
  'OPERATOR_NOT',
  'OPERATOR_IS_NULL',
  'OPERATOR_IS_NOT_NULL',
  'COMPARE_IN',
  'COMPARE_NOT_IN',
]);

const synonyms = new Map([
  ['position', 'instr'],
  ['datediff', 'date_diff'],
  ['datepart', 'date_part'],
]);

const bothTables =
  'columns of both tables stand in one value; a comparison has a value of a on one side and a value of b on the other';

/** A scalar expression of the rule. */
export function expression(of: Node, scope: Scope): Value {
  if (of.alias !== '') throw scope.refuse(of, 'a name (AS, :=) cannot stand inside a rule');
  switch (of.class) {
    case 'COLUMN_REF':
      return scope.column(of);
    case 'CONSTANT': {
      const value = literal(of);
      if (value === undefined)
        throw scope.refuse(of, 'constants are texts, dates, TRUE, FALSE, NULL and decimals of at most 15 digits');
      return value;
    }
    case 'FUNCTION':
      return call(of, scope);
    case 'CAST':
      return cast(of, scope);
    case 'CASE':
      return caseOf(of, scope);
    case 'OPERATOR':
      if (of.type === 'OPERATOR_COALESCE')
        return typed(
          'coalesce',
          children(of).map((child) => local(child, scope)),
          merged,
          of,
          scope,
        );
  }
  if (conditions.has(String(of.class)) || conditions.has(String(of.type))) {
    const condition = predicate(of, scope);
    if (condition.kind === 'local') return condition.value;
    if (condition.kind === 'constant')
      return made(String(condition.value).toUpperCase(), { kind: 'boolean' }, [], of, scope);
    throw scope.refuse(of, bothTables);
  }
  throw scope.refuse(of, `${String(of.type).toLowerCase().replaceAll('_', ' ')} cannot stand in a rule; ${supported}`);
}

/** An expression that one party computes alone. */
export function local(of: Node, scope: Scope): LocalValue {
  return alone(expression(of, scope), of, scope);
}

function alone(value: Value, at: Node, scope: Scope): LocalValue {
  if (value.kind === 'local') return value;
  throw scope.refuse(at, bothTables);
}

/** The one table that values are made of. */
export function sideOf(values: readonly LocalValue[], at: Node, scope: Scope): Side | undefined {
  const sides = new Set(values.map((value) => value.side).filter((side) => side !== undefined));
  if (sides.size > 1) throw scope.refuse(at, bothTables);
  return [...sides][0];
}

// BETWEEN, IN and IS DISTINCT FROM write their left side more than once: nested, they would double the text each time.
const maxSql = 65_536;
// A text of this many characters is more than any rule needs, and less than hurts.
const maxText = 2 ** 18;

/** A value made by a function or operator from values of one table. */
export function made(sql: string, type: Type, from: readonly LocalValue[], at: Node, scope: Scope): LocalValue {
  if (sql.length > maxSql) throw scope.refuse(at, 'this is too long when it is written out; write it shorter');
  if (type.kind === 'text' && mostCharacters(type, sql) > maxText)
    throw scope.refuse(at, `this text could have more than ${maxText} characters`);
  return {
    kind: 'local',
    side: sideOf(from, at, scope),
    sql,
    type,
    columns: [...new Set(from.flatMap((value) => value.columns))],
  };
}

/** A regexp_replace may insert at every character and repeat what it found: it makes up to four times of what its type says. */
function mostCharacters({ maxLength = 0 }: Type & { kind: 'text' }, sql: string): number {
  return (maxLength + 1) * 4 ** (sql.split('regexp_replace(').length - 1);
}

function typed(
  name: string,
  args: readonly LocalValue[],
  signature: (args: readonly LocalValue[]) => Type | string,
  at: Node,
  scope: Scope,
): LocalValue {
  const type = signature(args);
  if (typeof type === 'string') throw scope.refuse(at, `${name}: ${type}`);
  const parts = args.map((arg) => arg.sql);
  return made(
    /^[a-z]/.test(name) ? `${name}(${parts.join(', ')})` : `(${parts.join(` ${name} `)})`,
    type,
    args,
    at,
    scope,
  );
}

function call(of: Node, scope: Scope): Value {
  const written = text(of.function_name).toLowerCase();
  const name = synonyms.get(written) ?? written;
  const plain =
    (of.schema === '' || of.schema === 'main') &&
    of.catalog === '' &&
    of.filter === null &&
    of.distinct === false &&
    list(node(of.order_bys).orders).length === 0;
  if (!plain)
    throw scope.refuse(
      of,
      `${written}() stands here with a schema, DISTINCT, FILTER or ORDER BY, which a rule cannot have`,
    );
  const args = children(of).map((child) => expression(child, scope));
  if ((name === '+' || name === '-') && args.length > 0 && args.length <= 2) return plusMinus(name, args, of, scope);
  if (isMeasure(name)) return measure(name, args, of, scope);
  if (name === 'date_diff') return dateDiff(args, of, scope);
  if (name === 'abs' && args.length === 1 && args[0]!.kind === 'sum' && !args[0]!.date)
    return { kind: 'distance', sum: args[0]!.sum };
  const signature = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (signature === undefined) {
    const near = nearest(name, names);
    throw scope.refuse(
      of,
      `${written}() cannot stand in a rule; ${near === undefined ? supported : `did you mean ${near}?`}`,
    );
  }
  return typed(
    name,
    args.map((arg) => alone(arg, of, scope)),
    signature,
    of,
    scope,
  );
}

function dateDiff(args: readonly Value[], at: Node, scope: Scope): Value {
  const [unit, from, to] = args;
  if (args.length !== 3 || unit?.kind !== 'local' || unit.literal !== 'day')
    throw scope.refuse(at, "date_diff takes 'day' and two dates");
  if (!isDate(from) || !isDate(to)) throw scope.refuse(at, "date_diff takes 'day' and two dates");
  return plusMinus('-', [to!, from!], at, scope);
}

function isDate(value: Value | undefined): boolean {
  return value?.kind === 'sum' ? value.date : value?.kind === 'local' && value.type.kind === 'date';
}

/** Numbers and dates as a sum over both tables; refuses anything else. */
export function toSum(value: Value, at: Node, scope: Scope): Sum {
  if (value.kind === 'sum') return value.sum;
  if (value.kind === 'local' && (value.type.kind === 'number' || value.type.kind === 'date')) return sumOf(value);
  throw scope.refuse(at, 'numbers or dates are needed here');
}

function plusMinus(name: '+' | '-', args: readonly Value[], at: Node, scope: Scope): Value {
  const sign = name === '+' ? 1 : -1;
  const sums = args.map((arg) => toSum(arg, at, scope));
  const [x, y] = args.map(isDate);
  if (args.length === 1 ? x : name === '+' ? x && y : !x && y)
    throw scope.refuse(at, 'dates can be subtracted from dates, and moved by whole days');
  const date = args.length === 2 && x !== y;
  const sum =
    args.length === 1 ? addSums({ shift: { value: 0n, scale: 0 } }, sums[0]!, sign) : addSums(sums[0]!, sums[1]!, sign);
  if (date && [sum.a, sum.b, sum.shift].some((part) => part !== undefined && part.scale > 0))
    throw scope.refuse(at, 'dates are moved by whole days');
  if (sum.a !== undefined && sum.b !== undefined) return { kind: 'sum', sum, date };
  if (!args.every((arg) => arg.kind === 'local')) return { kind: 'sum', sum, date };
  return { ...made(sumSql(name, args, date), sumType(sum, date), args, at, scope), sum };
}

// DuckDB moves dates by INTEGER only.
function sumSql(name: '+' | '-', args: readonly LocalValue[], date: boolean): string {
  const parts = args.map((arg) =>
    date && arg.type.kind === 'number' && arg.literal === undefined ? `CAST(${arg.sql} AS INTEGER)` : arg.sql,
  );
  return parts.length === 1 ? `(${name}${parts[0]})` : `(${parts.join(` ${name} `)})`;
}

function sumType(sum: Sum, date: boolean): Type {
  const part = sum.a ?? sum.b;
  const scale = Math.max(part?.scale ?? 0, sum.shift.scale);
  const bounds = part === undefined ? [0n, 0n] : part.range;
  const range =
    bounds &&
    (bounds.map((bound) => {
      const shifted = addDecimal({ value: bound, scale: part?.scale ?? 0 }, sum.shift);
      return shifted.value;
    }) as unknown as Interval);
  return date ? { kind: 'date', range: range ?? defaultDates } : { kind: 'number', scale, range };
}

function caseOf(of: Node, scope: Scope): LocalValue {
  const checks = list(of.case_checks).map(node);
  const whens = checks.map((check) => local(node(check.when_expr), scope));
  const values = [...checks.map((check) => local(node(check.then_expr), scope)), local(node(of.else_expr), scope)];
  const type = merged(values);
  if (typeof type === 'string') throw scope.refuse(of, `CASE: ${type}`);
  if (whens.some((when) => when.type.kind !== 'boolean')) throw scope.refuse(of, 'WHEN takes a condition');
  const arms = whens.map((when, i) => `WHEN ${when.sql} THEN ${values[i]!.sql}`).join(' ');
  return made(`(CASE ${arms} ELSE ${values.at(-1)!.sql} END)`, type, [...whens, ...values], of, scope);
}

const integerBits: Readonly<Record<string, number>> = { TINYINT: 8, SMALLINT: 16, INTEGER: 32, BIGINT: 64 };

function cast(of: Node, scope: Scope): LocalValue {
  const target = node(of.cast_type);
  const id = text(target.id);
  const inner = local(node(of.child), scope);
  // DATE '…', TRUE and FALSE are casts of texts in DuckDB's tree.
  if (id === 'DATE' && typeof inner.literal === 'string') {
    const date = dateLiteral(inner.literal);
    if (date === undefined) throw scope.refuse(of, `'${inner.literal}' is no date YYYY-MM-DD`);
    return date;
  }
  if (id === 'BOOLEAN' && (inner.literal === 't' || inner.literal === 'f')) {
    return made(inner.literal === 't' ? 'TRUE' : 'FALSE', { kind: 'boolean' }, [], of, scope);
  }
  if (id === 'BOOLEAN' && inner.type.kind === 'boolean') return inner;
  const to = castTarget(id, target, inner.type);
  if (to === undefined)
    throw scope.refuse(
      of,
      `a value cannot be cast to ${id} here; it can be cast to VARCHAR, INTEGER, BIGINT, DECIMAL(p, s), DATE and BOOLEAN`,
    );
  return made(`${of.try_cast === true ? 'TRY_CAST' : 'CAST'}(${inner.sql} AS ${to.sql})`, to.type, [inner], of, scope);
}

function castTarget(id: string, target: Node, from: Type): { sql: string; type: Type } | undefined {
  if (id === 'VARCHAR') {
    const lengths: Partial<Record<Type['kind'], number>> = { number: 20, date: 13, boolean: 5 };
    const type: Type =
      from.kind === 'text' ? from : { kind: 'text', maxLength: lengths[from.kind], alphabet: '-.0123456789aeflrstu' };
    return { sql: id, type };
  }
  if (id === 'DATE') return { sql: id, type: from.kind === 'date' ? from : { kind: 'date', range: defaultDates } };
  if (id === 'BOOLEAN') return { sql: id, type: { kind: 'boolean' } };
  const same = (scale: number): Interval | undefined =>
    from.kind === 'number' && from.scale === scale ? from.range : undefined;
  const bits = integerBits[id];
  if (bits !== undefined) {
    const limit = 1n << BigInt(bits - 1);
    return {
      sql: id,
      type: { kind: 'number', scale: 0, range: same(0) ?? (bits < 64 ? [-limit, limit - 1n] : undefined) },
    };
  }
  const info = id === 'DECIMAL' ? node(target.type_info) : {};
  const [width, scale] = [info.width, info.scale];
  if (typeof width !== 'number' || typeof scale !== 'number' || width > 18 || scale > 9) return undefined;
  const limit = 10n ** BigInt(width);
  return {
    sql: `DECIMAL(${width},${scale})`,
    type: { kind: 'number', scale, range: same(scale) ?? [1n - limit, limit - 1n] },
  };
}
