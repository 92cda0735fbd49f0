import { nearest } from '@symbolon/crypto';
import {
  addDecimal,
  children,
  constantKinds,
  type Interval,
  isName,
  isPlainCall,
  type Node,
  printCall,
  text,
} from '@symbolon/sql';
import { defaultDates } from '../columns.ts';
import { chooseValue } from './case.ts';
import { cast } from './cast.ts';
import { functions, merged } from './functions.ts';
import { literal } from './literal.ts';
import { isMeasure, measure, measures } from './measure.ts';
import { isCondition, type Predicate, predicate } from './predicate.ts';
import type { Scope } from './scope.ts';
import { addScores, multiplyScores, type Score, scaleScore, scoreOf } from './score.ts';
import { addSums, type LocalValue, type Side, type Sum, sumOf, type Type, type Value } from './value.ts';

const names = [...measures, 'date_diff', ...Object.keys(functions).filter(isName)];
const supported = `supported are columns, constants, +, −, *, //, %, ||, CASE, CAST, COALESCE, LIKE, IN, BETWEEN and the functions ${names.join(', ')}`;

const synonyms = new Map([
  ['position', 'instr'],
  ['datediff', 'date_diff'],
  ['datepart', 'date_part'],
]);

export const bothTables =
  'columns of both tables stand in one value; a comparison has a value of a on one side and a value of b on the other';

/** A scalar expression of the rule. */
export function expression(of: Node, scope: Scope): Value {
  if (of.alias !== '') throw scope.refuse(of, 'a name (AS, :=) cannot stand inside a rule');
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
      return chooseValue(of, scope);
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
  if (isCondition(of)) {
    const value = truthOf(predicate(of, scope), of, scope);
    if (value !== undefined) return value;
    throw scope.refuse(of, bothTables);
  }
  throw scope.refuse(of, `${String(of.type).toLowerCase().replaceAll('_', ' ')} cannot stand in a rule; ${supported}`);
}

/** A condition as a value, where one table decides it. */
export function truthOf(condition: Predicate, at: Node, scope: Scope): LocalValue | undefined {
  if (condition.kind === 'local') return condition.value;
  if (condition.kind !== 'constant') return undefined;
  return made(String(condition.value).toUpperCase(), { kind: 'boolean' }, [], at, scope);
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
  return made(printCall(name, args), type, args, at, scope);
}

function call(of: Node, scope: Scope): Value {
  const written = text(of.function_name).toLowerCase();
  const name = synonyms.get(written) ?? written;
  if (!isPlainCall(of))
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
  const product = name === '*' ? multiplyScores(scoreOf(args[0]), scoreOf(args[1])) : undefined;
  if (name === '*' && args.some((arg) => arg.kind === 'score')) {
    if (product !== undefined && args.length === 2) return { kind: 'score', score: product };
    throw scope.refuse(of, 'weights are constants: 2.5 * CAST(a.x = b.x AS INTEGER)');
  }
  const signature = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (signature === undefined) {
    const near = nearest(name, names);
    throw scope.refuse(
      of,
      `${written}() cannot stand in a rule; ${near === undefined ? supported : `did you mean ${near}?`}`,
    );
  }
  const locals = args.map((arg) => alone(arg, of, scope));
  return { ...typed(name, locals, signature, of, scope), score: product };
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
  const score = signedScore(name, args);
  if (args.some((arg) => arg.kind === 'score')) {
    if (score !== undefined) return { kind: 'score', score };
    throw scope.refuse(at, 'a weighted sum has constants, CASE … THEN constants and CAST(… AS INTEGER), nothing else');
  }
  const sums = args.map((arg) => toSum(arg, at, scope));
  const [x, y] = args.map(isDate);
  if (args.length === 1 ? x : name === '+' ? x && y : !x && y)
    throw scope.refuse(at, 'dates can be subtracted from dates, and moved by whole days');
  const date = args.length === 2 && x !== y;
  const sum =
    args.length === 1 ? addSums({ shift: { value: 0n, scale: 0 } }, sums[0]!, sign) : addSums(sums[0]!, sums[1]!, sign);
  if (date && [sum.a, sum.b, sum.shift].some((part) => part !== undefined && part.scale > 0))
    throw scope.refuse(at, 'dates are moved by whole days');
  if (sum.a !== undefined && sum.b !== undefined) return { kind: 'sum', sum, date, score };
  if (!args.every((arg) => arg.kind === 'local')) return { kind: 'sum', sum, date, score };
  return { ...made(sumSql(name, args, date), sumType(sum, date), args, at, scope), sum, score };
}

function signedScore(name: '+' | '-', args: readonly Value[]): Score | undefined {
  const scores = args.map(scoreOf);
  const last = scores.pop();
  return addScores([...scores, name === '-' && last !== undefined ? scaleScore(last, { value: -1n, scale: 0 }) : last]);
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
