import { nearest } from '@symbolon/crypto';
import { children, comparisons, isPlainCall, list, type Node, node, printCase, text } from '@symbolon/sql';
import { aggregateNames } from './aggregate-names.ts';
import type { Aggregates } from './aggregates.ts';
import { sameText } from './ast.ts';
import { functionNames } from './functions.ts';
import { literal } from './literal.ts';
import type { Scope } from './scope.ts';

const operators = new Set(['+', '-', '*', '/', '//', '%', '||', '~~', '!~~', '~~*', '!~~*']);
const names = [
  ...functionNames,
  'sqrt',
  'ln',
  'exp',
  'floor',
  'ceil',
  'greatest',
  'least',
  'nullif',
  'coalesce',
  'concat',
  'date_diff',
];
const casts = new Set(['VARCHAR', 'INTEGER', 'BIGINT', 'DOUBLE', 'DATE', 'BOOLEAN']);
const operatorsOf: Readonly<Record<string, string>> = {
  ...comparisons,
  COMPARE_DISTINCT_FROM: 'IS DISTINCT FROM',
  COMPARE_NOT_DISTINCT_FROM: 'IS NOT DISTINCT FROM',
};

/** What a SELECT list, HAVING or ORDER BY can name. */
export interface Released {
  readonly scope: Scope;
  /** Expressions of GROUP BY. */
  readonly groups: readonly Node[];
  readonly aggregates: Aggregates;
  /** Items of the SELECT list by their aliases, in lower case. */
  readonly items: ReadonlyMap<string, Node>;
}

/** Prints an expression over released values anew: keys as k0…, aggregates as a0…. */
export function printAfter(of: Node, released: Released): string {
  const { scope, groups, aggregates } = released;
  const print = (part: unknown): string => printAfter(node(part), released);
  const all = (separator: string): string => children(of).map(print).join(separator);
  const key = groups.findIndex((group) => sameKey(of, group, scope));
  if (key >= 0) return `k${key}`;
  switch (of.class) {
    case 'COLUMN_REF': {
      const item = named(of, released);
      if (item !== undefined) return print(item);
      const { table, column } = scope.find(of);
      throw scope.refuse(
        of,
        `${table}.${column} stands outside GROUP BY and aggregates; group by it, or write SUM, AVG … of it`,
      );
    }
    case 'CONSTANT': {
      const value = literal(of);
      if (value === undefined)
        throw scope.refuse(of, 'constants are texts, TRUE, FALSE, NULL and decimals of at most 15 digits');
      return value.sql;
    }
    case 'CAST':
      return `TRY_CAST(${print(of.child)} AS ${castType(node(of.cast_type), of, scope)})`;
    case 'CASE': {
      const arms = list(of.case_checks).map(node);
      return printCase(
        arms.map((arm) => [print(arm.when_expr), print(arm.then_expr)]),
        print(of.else_expr),
      );
    }
    case 'CONJUNCTION':
      return `(${all(of.type === 'CONJUNCTION_AND' ? ' AND ' : ' OR ')})`;
    case 'BETWEEN':
      return `(${print(of.input)} BETWEEN ${print(of.lower)} AND ${print(of.upper)})`;
    case 'COMPARISON': {
      const op = operatorsOf[text(of.type)];
      if (op !== undefined) return `(${print(of.left)} ${op} ${print(of.right)})`;
      break;
    }
    case 'FUNCTION': {
      const name = text(of.function_name).toLowerCase();
      if (aggregateNames.has(name)) return `a${aggregates.bind(of)}`;
      const plain = isPlainCall(of);
      if (plain && operators.has(name))
        return children(of).length === 1 ? `(${name}${all('')})` : `(${all(` ${name} `)})`;
      if (plain && names.includes(name)) return `${name}(${all(', ')})`;
      const near = nearest(name, [...names, ...aggregateNames]);
      throw scope.refuse(
        of,
        `${name}() cannot stand here; ${near === undefined ? `supported are aggregates and ${names.join(', ')}` : `did you mean ${near}?`}`,
      );
    }
    case 'OPERATOR': {
      if (of.type === 'OPERATOR_COALESCE') return `coalesce(${all(', ')})`;
      if (of.type === 'OPERATOR_NOT') return `(NOT ${all('')})`;
      if (of.type === 'OPERATOR_IS_NULL') return `(${all('')} IS NULL)`;
      if (of.type === 'OPERATOR_IS_NOT_NULL') return `(${all('')} IS NOT NULL)`;
      if (of.type === 'COMPARE_IN' || of.type === 'COMPARE_NOT_IN') {
        const [first, ...rest] = children(of).map(print);
        return `(${first} ${of.type === 'COMPARE_IN' ? 'IN' : 'NOT IN'} (${rest.join(', ')}))`;
      }
    }
  }
  if (of.class === 'WINDOW')
    throw scope.refuse(of, 'a window (OVER) cannot stand in a study; write the aggregate with GROUP BY');
  if (of.class === 'STAR') throw scope.refuse(of, '* would show rows; name keys and aggregates');
  if (of.class === 'SUBQUERY')
    throw scope.refuse(of, 'a subquery cannot stand in a study; join its table, or write a study of its own');
  throw scope.refuse(of, `${text(of.type).toLowerCase().replaceAll('_', ' ')} cannot stand in a study`);
}

/** The item of the SELECT list that a name stands for, where no column is called so. */
export function named(of: Node, { scope, items }: Pick<Released, 'scope' | 'items'>): Node | undefined {
  const [name, ...more] = list(of.column_names).map(text);
  return more.length > 0 || scope.knows(name!) ? undefined : items.get(name!.toLowerCase());
}

function sameKey(of: Node, group: Node, scope: Scope): boolean {
  if (of.class !== 'COLUMN_REF' || group.class !== 'COLUMN_REF') return sameText(of, group);
  const [name, ...more] = list(of.column_names).map(text);
  if (more.length === 0 && !scope.knows(name!)) return false;
  const [x, y] = [scope.find(of), scope.find(group)];
  return x.table === y.table && x.column === y.column;
}

function castType(target: Node, at: Node, scope: Scope): string {
  const id = text(target.id);
  if (casts.has(id)) return id;
  const { width, scale } = id === 'DECIMAL' ? node(target.type_info) : {};
  if (Number.isInteger(width) && Number.isInteger(scale)) return `DECIMAL(${width},${scale})`;
  throw scope.refuse(at, `casts are to ${[...casts].join(', ')} and DECIMAL(p, s)`);
}
